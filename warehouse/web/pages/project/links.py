"""The links of a release: each once, those that were verified apart from those that anybody could have written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from warehouse.sources.project_page import FoundRelease
from warehouse.standards.link_icons import icon_of
from warehouse.standards.urls import is_valid_uri, normalized_label

MOST = 100
"""Links that are shown, of each kind."""

_CODE = frozenset({"source", "repository", "sourcecode", "github", "code", "sourcerepository"})
_HOSTS = frozenset({"github.com", "gitlab.com", "codeberg.org", "bitbucket.org"})
_MAY_BE_CODE = frozenset({"code", "home", "link"})  # and not what they are asked to report bugs or give money at


class ProjectLink(NamedTuple):
    """One link; ``icon`` is the picture beside it."""

    label: str
    url: str
    icon: str

    @property
    def place(self) -> str:
        """Where it leads, as short as a reader can do with: the host, and who and what is meant on it."""
        parts = urlsplit(self.url)
        return "/".join([parts.netloc.rpartition("@")[2], *filter(None, parts.path.split("/")[:3])])


class ProjectLinks(NamedTuple):
    """All links that may be followed. ``source`` is the one that leads to the code, whether verified or not."""

    verified: tuple[ProjectLink, ...]
    unverified: tuple[ProjectLink, ...]
    source: ProjectLink | None
    is_source_verified: bool


def links_of(release: FoundRelease, *, home_label: str, download_label: str, own_host: str = "") -> ProjectLinks:
    """The project URLs, and the two links that have fields of their own unless a URL has an equivalent label (PEP 753).

    What is no address on the web (``javascript:``, ``mailto:``) is left out.
    """
    urls = list(release.project_urls or ())[: 2 * MOST]
    taken = {normalized_label(link["label"]) for link in urls}
    own = [
        (home_label, release.home_page, release.home_page_verified, {"homepage"}),
        (download_label, release.download_url, release.download_url_verified, {"download", "downloadurl"}),
    ]
    first = [{"label": label, "url": url, "verified": is_ok} for label, url, is_ok, same in own if not taken & same]
    kept = [link for link in (*first, *urls) if _may_be_followed(link["url"])]
    shown = [(_link(link, own_host), bool(link.get("verified"))) for link in kept]
    source = next(((one, is_ok) for one, is_ok in _code_first(shown)), (None, False))
    return ProjectLinks(
        verified=tuple(one for one, is_ok in shown if is_ok)[:MOST],
        unverified=tuple(one for one, is_ok in shown if not is_ok)[:MOST],
        source=source[0],
        is_source_verified=source[1],
    )


def _may_be_followed(url: str | None) -> bool:
    return url is not None and is_valid_uri(url) and bool(urlsplit(url).netloc)


def _link(link: dict[str, Any], own_host: str) -> ProjectLink:
    return ProjectLink(link["label"], link["url"], icon_of(link["label"], link["url"], own_host=own_host))


def _code_first(shown: Sequence[tuple[ProjectLink, bool]]) -> list[tuple[ProjectLink, bool]]:
    """What leads to the code: by what it is called, else by where it leads; verified before unverified."""
    named = [pair for pair in shown if normalized_label(pair[0].label) in _CODE]
    hosted = [pair for pair in shown if pair[0].icon in _MAY_BE_CODE and urlsplit(pair[0].url).netloc.lower() in _HOSTS]
    return sorted(named or hosted, key=lambda pair: not pair[1])
