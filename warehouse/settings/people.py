"""The settings that keep machines from opening accounts, and lost domains from opening those of others."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, SecretStr

from warehouse.settings.section import Section
from warehouse.settings.written import Duration, Link


class MailDomains(Section):
    """What is found out about the domains of mail addresses; whether new ones are checked, accounts says."""

    time_limit: Duration = Field(
        default=timedelta(seconds=4), description="How long finding out about one domain may take."
    )
    status: Literal["off", "dns", "service"] = Field(
        default="off",
        description="Who is asked each month whether the domains of verified addresses still belong to somebody: "
        "dns asks whether they are delegated, service asks status_url. Addresses of lost domains have to be verified "
        "again.",
    )
    status_url: Link | None = Field(
        default=None,
        description="A service that answers ?domain=… as Domainr or Fastly do, for status service.",
    )
    status_key_header: str = Field(default="Authorization", description="The header that status_key is sent in.")
    status_key: SecretStr | None = Field(default=None, description="What that service knows this index by.")


class Captcha(Section):
    """A question to whoever registers that machines find hard to answer."""

    backend: Literal["off", "hcaptcha", "recaptcha"] = Field(
        default="off", description="Whose question is asked on the page where accounts are opened."
    )
    site_key: str | None = Field(default=None, description="The key that the page shows.")
    secret_key: SecretStr | None = Field(default=None, description="The key that answers are checked with.")
    verify_url: Link | None = Field(
        default=None, description="Where answers are checked, when not at the backend's usual address."
    )
    time_limit: Duration = Field(default=timedelta(seconds=5), description="How long checking an answer may take.")
