"""What the map of the site shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.settings import Settings
from warehouse.web.language import _


@dataclass(frozen=True)
class Group:
    """Pages that belong together: what each is called, and its path."""

    title: str
    links: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class SitemapPage:
    """The groups."""

    groups: Sequence[Group]


def sitemap_page(settings: Settings) -> SitemapPage:
    """The page, without a query; what the settings do not have is not on it."""
    return SitemapPage((_projects(), _accounts(settings), _about(settings), _for_programs(settings)))


def _projects() -> Group:
    return Group(
        _("Projects"),
        (
            (_("Home"), "/"),
            (_("Search"), "/search/"),
            (_("Classifiers"), "/classifiers/"),
            (_("All projects"), "/simple/"),
            (_("Statistics"), "/stats/"),
            (_("Publishing"), "/legacy/"),
        ),
    )


def _accounts(settings: Settings) -> Group:
    links = [(_("Sign in"), "/account/login/")]
    if settings.accounts.registration == "open" and settings.sign_on.offers_passwords:
        links.append((_("Register"), "/account/register/"))
    links += [
        (_("Your projects"), "/manage/projects/"),
        (_("Profile"), "/manage/account/"),
        (_("Two-factor authentication"), "/manage/account/two-factor/"),
        (_("API tokens"), "/manage/account/token/"),
        (_("Security history"), "/manage/account/history/"),
    ]
    return Group(_("Your account"), links)


def _about(settings: Settings) -> Group:
    links = [(_("Help"), "/help/"), (_("Security"), "/security/")]
    if settings.terms.url is not None:
        links.append((_("Terms of service"), settings.terms.url))
    return Group(_("About this index"), links)


def _for_programs(settings: Settings) -> Group:
    links = [
        (_("Simple API"), "/simple/"),
        (_("Change feed"), "/api/journal/"),
        (_("Feed of the latest releases"), "/rss/updates.xml"),
        (_("Feed of the newest projects"), "/rss/packages.xml"),
        (_("Site map for search engines"), "/sitemap.xml"),
        (_("How browsers search here"), "/opensearch.xml"),
        (_("What crawlers are asked to leave alone"), "/robots.txt"),
    ]
    if settings.site.security_contact is not None:
        links.append((_("Whom to tell of weaknesses"), "/.well-known/security.txt"))
    return Group(_("For programs"), links)
