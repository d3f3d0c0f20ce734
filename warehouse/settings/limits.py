"""The settings that limit how often something may be done."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from warehouse.settings.section import Section
from warehouse.settings.written import Rate, RateLimit, RateLimits


class Limits(Section):
    """How often something may be done."""

    new_projects_per_user: RateLimit | None = Field(
        default=None, description="How often one account may create a project."
    )
    new_projects_per_address: RateLimit | None = Field(
        default=None, description="How often one network address may create a project."
    )
    tokens_per_user: RateLimits = Field(
        default=(Rate(100, timedelta(hours=1)),),
        description="API tokens that one account makes, those included that its scripts make from others.",
    )
    reads_per_address: RateLimit | None = Field(
        default=None,
        description="How often one network address may read from one machine. A proxy or CDN has to be one of "
        "web.trusted_proxies, or all its visitors count as one.",
    )
    xmlrpc_per_address: RateLimit | None = Field(
        default=Rate(3600, timedelta(hours=1)), description="How often one network address may call by XML-RPC."
    )
    searches_per_address: RateLimit | None = Field(
        default=Rate(5, timedelta(seconds=1)),
        description="How often one network address may search on one machine, by pages and by the API together.",
    )
    suggestions_per_address: RateLimit | None = Field(
        default=Rate(20, timedelta(seconds=1)),
        description="How often one network address may ask what names begin with while somebody types.",
    )
    sign_in_per_user: RateLimits = Field(
        default=(Rate(10, timedelta(minutes=5)),), description="Wrong passwords for one account."
    )
    sign_in_per_address: RateLimits = Field(
        default=(Rate(10, timedelta(minutes=5)),), description="Wrong passwords from one network address."
    )
    sign_in_in_all: RateLimits = Field(
        default=(Rate(1000, timedelta(minutes=5)),), description="Wrong passwords for all accounts together."
    )
    second_factor_per_user: RateLimits = Field(
        default=(Rate(5, timedelta(minutes=5)), Rate(20, timedelta(hours=1)), Rate(50, timedelta(days=1))),
        description="Wrong second factors for one account.",
    )
    second_factor_per_address: RateLimits = Field(
        default=(Rate(10, timedelta(minutes=5)), Rate(50, timedelta(hours=1))),
        description="Wrong second factors from one network address.",
    )
    new_emails_per_address: RateLimits = Field(
        default=(Rate(2, timedelta(days=1)),),
        description="E-mail addresses that are added from one network address, registration included.",
    )
    email_changes_per_user: RateLimits = Field(
        default=(Rate(5, timedelta(minutes=5)), Rate(20, timedelta(hours=1))),
        description="Attempts of one account to replace an address that is not verified.",
    )
    verifications_per_user: RateLimits = Field(
        default=(Rate(3, timedelta(hours=6)),), description="Mails to one account that verify an address."
    )
    password_resets_per_user: RateLimits = Field(
        default=(Rate(5, timedelta(days=1)),), description="Mails that reset the password of one account."
    )
    password_resets_per_address: RateLimits = Field(
        default=(Rate(20, timedelta(hours=1)),),
        description="Requests for a new password from one network address, whether there is such an account or not.",
    )
    sign_ons_per_address: RateLimits = Field(
        default=(Rate(100, timedelta(minutes=5)),),
        description="Times that single sign-on is begun from one network address.",
    )
    unpackings_per_address: RateLimits = Field(
        default=(Rate(60, timedelta(minutes=10)), Rate(300, timedelta(days=1))),
        description="Files that are unpacked because somebody at one network address wants to see what is inside, and "
        "nobody had looked yet. As many pairs of files may be compared that nobody had compared.",
    )
    people_searches_per_address: RateLimits = Field(
        default=(Rate(100, timedelta(hours=1)),), description="Searches for user names from one network address."
    )
