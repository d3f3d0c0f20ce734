"""The settings of API tokens, of what others report, and of what is kept about who did what."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, SecretStr

from warehouse.settings.section import Section
from warehouse.settings.written import Duration, Link


class Tokens(Section):
    """API tokens."""

    location: str | None = Field(
        default=None, description="The domain written into new tokens; without it the host of site.url, else warehouse."
    )
    default_lifetime: Duration | None = Field(
        default=None,
        description="How long a new token is valid when its owner does not say; without it, until it is revoked.",
    )
    short_lifetime: Duration = Field(
        default=timedelta(minutes=15),
        description="How long a token that a script makes from another one is valid when the script does not say.",
    )
    longest_short_lifetime: Duration = Field(
        default=timedelta(days=1), description="How long such a token is valid at most, whatever the script says."
    )


class Leaks(Section):
    """Reports of API tokens that were found in public, from those who look for them."""

    github_keys_url: Link | None = Field(
        default=None,
        description="Where the keys are kept that GitHub's secret scanning signs its reports with, for instance "
        "https://api.github.com/meta/public_keys/token_scanning; without it no such reports are taken.",
    )
    github_token: SecretStr | None = Field(
        default=None, description="A token of GitHub's that is sent when they are fetched, for those who fetch often."
    )
    depsdev_keys_url: Link | None = Field(
        default=None,
        description="The same for deps.dev, for instance "
        "https://storage.googleapis.com/depsdev-gcp-public-keys/secret_scanning.",
    )


class Advisories(Section):
    """What is known to be wrong with releases, from databases of vulnerabilities."""

    osv_keys_url: Link | None = Field(
        default=None,
        description="Where the keys are kept that OSV signs its reports with, such as "
        "https://osv.dev/public_keys/pypa; without it no reports are taken, and warehouse advisories import takes "
        "them from files.",
    )


class Audit(Section):
    """What is kept about who did what, in the histories of accounts and projects."""

    addresses: Literal["shown", "hashed"] = Field(
        default="shown",
        description="shown keeps network addresses as they are; hashed keeps a keyed digest of them, by which the same "
        "address is recognised and none is read. It holds for what is written from then on.",
    )
