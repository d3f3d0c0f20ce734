"""Who fetches a file, told from what programs say of themselves (RFC 9110 10.1.5), in few words that can be counted.

Whatever a stranger writes, the answer is one of some tens of installers, of some tens of Python versions and of four
systems: so many rows at most has a day of one release.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from warehouse.standards.user_agents import BROWSERS

LONGEST = 1500  # characters that are looked at: pip says some 500
REMEMBERED = 4096  # agents; a day of the public index sees more, but most of its requests are of fewer

INSTALLER, MIRROR, BROWSER, OTHER = KINDS = ("installer", "mirror", "browser", "other")
"""What installs, what copies the whole index, people, and everything else: scripts, robots, those who say nothing."""

COUNTED = (INSTALLER, BROWSER)
"""The kinds whose downloads mean that somebody uses a project."""


class Fetcher(NamedTuple):
    """What fetches a file. ``python`` is such as ``3.12``, ``system`` Linux, macOS, Windows or other; empty: unsaid."""

    kind: str
    installer: str
    python: str = ""
    system: str = ""


NOBODY = Fetcher(OTHER, "")

# The first whose expression is found in what stands before the JSON of pip and uv.
_PROGRAMS = tuple(
    (name, kind, re.compile(expression, re.IGNORECASE))
    for name, kind, expression in (
        ("bandersnatch", MIRROR, r"^bandersnatch\b"),
        ("devpi", MIRROR, r"^devpi\b"),
        ("Artifactory", MIRROR, r"^Artifactory\b"),
        ("Nexus", MIRROR, r"^Nexus\b"),
        ("Pulp", MIRROR, r"^pulp"),
        ("ProGet", MIRROR, r"^ProGet\b"),
        ("proxpi", MIRROR, r"^proxpi\b"),
        ("warehouse", MIRROR, r"^warehouse\b"),
        ("pep381client", MIRROR, r"^pep381client\b"),
        ("pypimirror", MIRROR, r"^z3c\.pypimirror\b"),
        ("pip", INSTALLER, r"^pip/"),
        ("uv", INSTALLER, r"^uv/"),
        ("poetry", INSTALLER, r"^poetry/"),
        ("pdm", INSTALLER, r"^(?:pdm|unearth)/"),
        ("pipenv", INSTALLER, r"^pipenv/"),
        ("hatch", INSTALLER, r"^hatch/"),
        ("rye", INSTALLER, r"^rye/"),
        ("pex", INSTALLER, r"^pex/"),
        ("conda", INSTALLER, r"^(?:conda|mamba|micromamba|libmamba)/"),
        ("pixi", INSTALLER, r"^(?:pixi|rattler)\b"),
        ("Bazel", INSTALLER, r"^bazel\b"),
        ("Homebrew", INSTALLER, r"^Homebrew/"),
        ("Nix", INSTALLER, r"\bNix/"),
        ("setuptools", INSTALLER, r"\b(?:setuptools|distribute)/"),
        ("twine", OTHER, r"^twine/"),
        ("requests", OTHER, r"^python-requests/"),
        ("httpx", OTHER, r"^python-httpx/"),
        ("urllib3", OTHER, r"^python-urllib3/"),
        ("urllib", OTHER, r"^Python-urllib/"),
        ("aiohttp", OTHER, r"\baiohttp/"),
        ("curl", OTHER, r"^curl/"),
        ("Wget", OTHER, r"^Wget/"),
        ("Go", OTHER, r"^Go-http-client/"),
        ("other", OTHER, r"bot\b|bot/|crawl|spider|slurp|https?://"),
    )
)
_HAVE_PYTHON = re.compile(r"\b(?:CPython|PyPy|Python|Python-urllib)/([0-9.]{1,12})", re.IGNORECASE)
_PYTHON = re.compile(r"(2\.[67]|3\.(?:[0-9]|[1-3][0-9]))(?![0-9])")
_SYSTEMS = (
    ("other", re.compile(r"\b(?:Android|iPhone|iPad|CrOS)\b")),
    ("Windows", re.compile(r"\bWindows|\b(?:CYGWIN|MSYS|MINGW)", re.IGNORECASE)),
    ("macOS", re.compile(r"\b(?:Darwin|Macintosh|macOS|Mac OS X)\b", re.IGNORECASE)),
    ("Linux", re.compile(r"\bLinux\b", re.IGNORECASE)),
    ("other", re.compile(r"\w*BSD\b|\b(?:SunOS|AIX|Haiku|Java|iOS|iPadOS)\b", re.IGNORECASE)),
)


def fetcher(user_agent: str) -> Fetcher:
    """Who a ``User-Agent`` says it is; whatever is unknown is ``other``, and what is not said is empty."""
    return _fetcher(user_agent[:LONGEST])


@lru_cache(maxsize=REMEMBERED)
def _fetcher(user_agent: str) -> Fetcher:
    head, brace, rest = user_agent.strip().partition(" {")
    if not head:
        return NOBODY
    for name, kind, expression in _PROGRAMS:
        if expression.search(head):
            return _described(name, kind, head, brace + rest)
    for name, expression in BROWSERS:
        if expression.search(head):
            return Fetcher(BROWSER, name, system=_system(head))
    return Fetcher(OTHER, "other", system=_system(head))


def _described(name: str, kind: str, head: str, details: str) -> Fetcher:
    """With Python and system, which pip and uv say as JSON, and others beside their name."""
    if details:
        said = _read(details)
        system = _text(said, "system", "name")
        return Fetcher(kind, name, _python(_text(said, "python")), _system(system) or ("other" if system else ""))
    written = _HAVE_PYTHON.search(head)
    return Fetcher(kind, name, _python(written[1] if written else ""), _system(head))


def _read(details: str) -> Any:
    try:
        return orjson.loads(details)
    except orjson.JSONDecodeError:
        return None


def _text(said: Any, *names: str) -> str:
    for name in names:
        said = said.get(name) if isinstance(said, dict) else None
    return said if isinstance(said, str) else ""


def _python(version: str) -> str:
    match = _PYTHON.match(version)
    return match[1] if match else ""


def _system(text: str) -> str:
    return next((name for name, expression in _SYSTEMS if expression.search(text)), "")
