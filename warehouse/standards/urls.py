"""URLs of projects: which are valid, what their labels mean (PEP 753), and which lead to the index itself."""

from __future__ import annotations

import string
from collections.abc import Iterable

import rfc3986
from rfc3986.exceptions import RFC3986Exception
from rfc3986.validators import Validator

LONGEST_LABEL = 32
"""Characters (core metadata, Project-URL)."""

WELL_KNOWN: dict[str, tuple[str, ...]] = {
    "homepage": (),
    "source": ("repository", "sourcecode", "github"),
    "download": (),
    "changelog": ("changes", "whatsnew", "history"),
    "releasenotes": (),
    "documentation": ("docs",),
    "issues": ("bugs", "issue", "tracker", "issuetracker", "bugtracker"),
    "funding": ("sponsor", "donate", "donation"),
}
"""Labels everybody understands, with their aliases, all normalised (PEP 753)."""

_MEANING = {spelling: label for label, aliases in WELL_KNOWN.items() for spelling in (label, *aliases)}
_VALIDATOR = (
    Validator()
    .require_presence_of("scheme")
    .allow_schemes("http", "https")
    .check_validity_of("scheme", "host", "port", "path", "query", "fragment")
)
_WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation + string.whitespace)


def is_valid_uri(text: str) -> bool:
    """Whether this is an absolute ``http`` or ``https`` URL whose parts follow RFC 3986.

    A host is not required (``https:`` passes); a port above 65535 is not valid. Letters outside ASCII are fine in the
    path, where browsers encode them, and nowhere else.
    """
    if any(character in " \t\r\n\v\f" for character in text):
        return False
    try:
        _VALIDATOR.validate(rfc3986.uri_reference(text))
    except (RFC3986Exception, ValueError):
        return False
    return True


def project_url_label(text: str) -> tuple[str, str]:
    """The label and the URL in ``Label, URL``, split at the first comma; what is missing is empty."""
    label, _, url = text.partition(",")
    return label.strip(), url.strip()


def normalized_label(label: str) -> str:
    """The form labels are compared in.

    PEP 753: ASCII punctuation and white space are removed, the rest is lower-case.
    """
    return label.translate(_WITHOUT_PUNCTUATION).lower()


def well_known_label(label: str) -> str | None:
    """The well-known meaning of a label (``Bug Tracker`` is ``issues``), None for all others (PEP 753)."""
    return _MEANING.get(normalized_label(label))


def is_own_project_page(url: str, *, site_urls: Iterable[str], names: Iterable[str]) -> bool:
    """Whether a URL is this index's own page of a project, so that nobody has to prove who owns it.

    ``site_urls`` are the addresses below which project pages are or once were (``https://index.example/project/``),
    ``names`` the spellings of the project. Compared after the normalisation of RFC 3986; a slash at the end does not
    matter. Browsers read a backslash as a slash and RFC 3986 does not, so a URL with one is nobody's.
    """
    if "\\" in url or not is_valid_uri(url):
        return False
    spellings = tuple(names)
    pages = {_page(f"{site.rstrip('/')}/{name}") for site in site_urls for name in spellings}
    return _page(url) in pages


def _page(url: str) -> str:
    return str(rfc3986.normalize_uri(url)).removesuffix("/")
