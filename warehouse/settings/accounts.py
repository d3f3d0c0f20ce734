"""The settings of accounts: who may have one, how long somebody stays signed in, and what is agreed to."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from warehouse.settings.section import Section
from warehouse.settings.written import Duration, Link, Written, read_count


class Accounts(Section):
    """Who may open an account, and what is asked of them."""

    registration: Literal["open", "invitation", "closed"] = Field(
        default="invitation",
        description="Who may register: everybody, who was invited by an administrator, or nobody.",
    )
    invitation_lifetime: Duration = Field(
        default=timedelta(days=7), description="How long the link in an invitation is good."
    )
    check_mail_domains: bool = Field(
        default=False, description="An address is only taken when the DNS says that its domain receives mail."
    )
    refuse_disposable_mail: bool = Field(
        default=False, description="Addresses of services that hand them out for a few minutes are refused."
    )
    confirm_new_devices: bool = Field(
        default=False,
        description="Signing in with a TOTP or recovery code from a network address that the account was never used "
        "from takes a link sent by mail. Needs mail that arrives.",
    )


class Sessions(Section):
    """How long somebody stays signed in to the site."""

    idle: Duration = Field(default=timedelta(hours=12), description="How long a session lives without being used.")
    longest: Duration = Field(
        default=timedelta(days=14), description="How long a session lives at most, however much it is used."
    )
    reauthenticate_after: Duration = Field(
        default=timedelta(minutes=30),
        description="How long after the password was last typed sensitive pages ask for it again.",
    )
    remember_device: Duration = Field(
        default=timedelta(days=30),
        description="How long a browser that is remembered needs no second factor.",
    )


class Links(Section):
    """How long the links in mails are good."""

    password: Duration = Field(default=timedelta(hours=6), description="Links that reset a password.")
    email: Duration = Field(default=timedelta(hours=6), description="Links that verify an address.")
    confirm_login: Duration = Field(
        default=timedelta(hours=6), description="Links that confirm signing in from an unknown network address."
    )
    two_factor: Duration = Field(
        default=timedelta(minutes=5),
        description="How long somebody may take from the password to the second factor.",
    )


class Terms(Section):
    """The terms of service, for an index that has some."""

    revision: str | None = Field(
        default=None,
        description="The name of the present revision, such as 2026-11. People are told of each once, by mail and on "
        "the site; without it there are no terms.",
    )
    url: Link | None = Field(default=None, description="Where the terms can be read.")
    batch: Annotated[int, Written(read_count), Field(ge=0)] = Field(
        default=1000, description="How many people are told of a new revision by mail in a minute; 0 tells nobody."
    )
