"""What the help says of this index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from warehouse.settings import Rate, Settings
from warehouse.settings.written import show_size
from warehouse.web.commands import Commands, commands_for
from warehouse.web.language import _, ngettext
from warehouse.web.texts import Text, text_in

_UNITS = (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))


@dataclass(frozen=True)
class HelpPage:
    """The answers, and what they say of this index: None or False where there is nothing to say."""

    text: Text
    host: str
    files_host: str | None
    base_url: str
    commands: Commands
    is_encrypted: bool
    registration: Literal["open", "invitation", "closed"]
    needs_second_factor: bool
    needs_verified_email: bool
    checks_passwords: bool
    hears_of_leaks: bool
    issuers: Sequence[str]
    asked_again_after: str
    short_token: str
    longest_short_token: str
    takes_new_projects: bool
    takes_local_versions: bool
    takes_linux_wheels: bool
    refuses_standard_library: bool
    has_namespaces: bool
    largest_file: str
    largest_project: str
    release_window: str | None
    new_projects_limit: str | None
    reads_limit: str | None
    xmlrpc_limit: str | None
    support: str | None
    terms_url: str | None
    has_funding: bool


def help_page(settings: Settings, base_url: str) -> HelpPage:
    """The page of the index at ``base_url``, without a query: all of it stands in the settings."""
    upload, limits = settings.upload, settings.limits
    return HelpPage(
        text=text_in("pages/help"),
        host=urlsplit(base_url).netloc,
        files_host=urlsplit(settings.site.files_url).netloc if settings.site.files_url else None,
        base_url=base_url,
        commands=commands_for(settings, base_url),
        is_encrypted=urlsplit(base_url).scheme == "https",
        registration=settings.accounts.registration,
        needs_second_factor=settings.access.require_second_factor,
        needs_verified_email=settings.access.require_verified_email,
        checks_passwords=settings.passwords.breach_range_url is not None,
        hears_of_leaks=bool(settings.leaks.github_keys_url or settings.leaks.depsdev_keys_url),
        issuers=[issuer.title or name for name, issuer in settings.sign_on.issuers.items()],
        asked_again_after=lasting(settings.sessions.reauthenticate_after),
        short_token=lasting(settings.tokens.short_lifetime),
        longest_short_token=lasting(settings.tokens.longest_short_lifetime),
        takes_new_projects=upload.enabled and upload.new_projects,
        takes_local_versions=upload.local_versions,
        takes_linux_wheels=upload.linux_wheels,
        refuses_standard_library=upload.standard_library_names_refused,
        has_namespaces=settings.namespaces.enabled,
        largest_file=show_size(upload.max_file_size),
        largest_project=show_size(upload.max_project_size),
        release_window=lasting(upload.release_window) if upload.release_window is not None else None,
        new_projects_limit=_often(limits.new_projects_per_user, _("%(num)s projects in %(time)s")),
        reads_limit=_often(limits.reads_per_address, _("%(num)s times in %(time)s")),
        xmlrpc_limit=_often(limits.xmlrpc_per_address, _("%(num)s calls in %(time)s")),
        support=settings.mail.support,
        terms_url=settings.terms.url,
        has_funding=settings.site.funding_manifest is not None,
    )


def lasting(duration: timedelta) -> str:
    """How long that is, in the largest unit that divides it."""
    for unit in _UNITS:
        count, rest = divmod(duration, unit)
        if count and not rest:
            return _counted(count, unit)
    return _counted(round(duration.total_seconds()), _UNITS[-1])


def _counted(count: int, unit: timedelta) -> str:
    words = {
        _UNITS[0]: ngettext("%(num)s day", "%(num)s days", count),
        _UNITS[1]: ngettext("%(num)s hour", "%(num)s hours", count),
        _UNITS[2]: ngettext("%(num)s minute", "%(num)s minutes", count),
        _UNITS[3]: ngettext("%(num)s second", "%(num)s seconds", count),
    }
    return words[unit] % {"num": count}


def _often(rate: Rate | None, words: str) -> str | None:
    return words % {"num": rate.count, "time": lasting(rate.period)} if rate is not None else None
