"""Addresses that the index had in former times: questions in the query of ``/pypi``, and shorter or older paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, quote

from warehouse.api import feeds
from warehouse.api.doors import UNCHANGING, KeptPages, Wanted, document
from warehouse.api.pages import Page
from warehouse.api.refusals import plain
from warehouse.api.texts import KEPT, PLAIN
from warehouse.errors import Gone, Invalid, NotFound
from warehouse.infra.cache import PageCache
from warehouse.server.reply import Ready
from warehouse.settings import Settings
from warehouse.standards.classifiers import KNOWN
from warehouse.standards.http import Answer, Ask
from warehouse.standards.json_api import segment
from warehouse.standards.names import is_valid_name

QUESTIONS = "/pypi"
FORMER_HOME = "/pypi/"

POSTED = frozenset({QUESTIONS, FORMER_HOME})
"""Of these addresses, those that tools also post to: XML-RPC, and uploads of former times."""

MOST_PARAMETERS = 20

_FORMER = re.compile(r"/(?:pypi|p)/(?P<name>[^/]+)(?:/(?P<version>[^/]+))?/?|/u/(?P<user>[^/]+)/?")

# Response splitting, and what browsers read as a slash: no name or version holds any of them.
_NEVER_IN_A_TARGET = re.compile(r"[\r\n\\]")

Parameters = Mapping[str, str]


class LegacyActions(KeptPages):
    """Sends to the present address of what was asked for; only the list of classifiers is answered here.

    Nothing is looked up: the page that it leads to says whether it is there.
    """

    def __init__(self, settings: Settings, cache: PageCache) -> None:
        super().__init__(cache)
        self._settings = settings

    def owns(self, path: str) -> bool:
        """The former addresses of projects, releases and people, and ``/pypi`` itself."""
        return path in POSTED or _FORMER.fullmatch(path) is not None

    def wanted(self, ask: Ask) -> Wanted | None:
        """The list of classifiers, if that is the question."""
        if ask.path in POSTED and _action(ask) == "list_classifiers":
            return Wanted(("list_classifiers",), UNCHANGING, self._classifiers)
        return None

    def glance(self, ask: Ask) -> Answer | Ready | None:
        """See :meth:`answer`, which takes no longer than looking into memory."""
        return self._moved(ask) or super().glance(ask)

    def answer(self, ask: Ask) -> Answer | Ready | None:
        """The list, or where to find what was asked for. None for ``/pypi`` without a question that there is.

        Refuses with :class:`Invalid` what cannot stand in an address, with :class:`NotFound` what names nothing, and
        with :class:`Gone` what there is no more.
        """
        return self._moved(ask) or super().answer(ask)

    def _moved(self, ask: Ask) -> Answer | None:
        if ask.path not in POSTED:
            return _moved(_former(ask.path)) if self.owns(ask.path) else None
        action = _action(ask)
        if action is not None:
            return _moved(ACTIONS[action](_parameters(ask.query))) if action in ACTIONS else None
        return _moved("/") if ask.path == FORMER_HOME else None

    def _classifiers(self) -> Page:
        return document(self._settings, PLAIN, "\n".join(sorted(KNOWN)).encode(), KEPT)


def _action(ask: Ask) -> str | None:
    return _parameters(ask.query).get(":action") if ask.query else None


def _parameters(query: str) -> Parameters:
    """The last of those with the same name. Refuses what is no UTF-8, and more of them than any question has."""
    try:
        return dict(parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS))
    except UnicodeDecodeError:
        raise Invalid("The address is not UTF-8. Percent-encode its characters as UTF-8.", code="unreadable") from None
    except ValueError:
        raise Invalid(f"Ask with at most {MOST_PARAMETERS} parameters.", code="too_many_parameters") from None


def _former(path: str) -> str:
    match = _FORMER.fullmatch(path)
    assert match is not None
    if match["user"] is not None:
        return f"/user/{_segment(match['user'])}/"
    return _page(match["name"], match["version"])


def _page(name: str | None, version: str | None = None) -> str:
    """A project's page, or a release's."""
    project = f"/project/{_segment(name)}/"
    return f"{project}{_segment(version, is_name=False)}/" if version else project


def _segment(text: str | None, *, is_name: bool = True) -> str:
    refuse_breaks(text or "")
    if not text or text.strip(".") == "" or (is_name and not is_valid_name(text)):
        raise NotFound("There is nothing of this name.")
    return segment(text)


def refuse_breaks(text: str) -> None:
    """Refuse with :class:`Invalid` what would split a response, or lead a browser to another host."""
    if _NEVER_IN_A_TARGET.search(text):
        raise Invalid("An address holds neither line breaks nor backslashes.", code="bad_target")


def _search(asked: Parameters) -> str:
    term = asked.get("term", "")
    refuse_breaks(term)
    return f"/search/?q={quote(term, safe='')}"


def _browse(asked: Parameters) -> str:
    """The public index gives its classifiers numbers, which are nowhere written down: here they have none."""
    raise NotFound("Classifiers have no numbers here. Search for their text.")


def _files(asked: Parameters) -> str:
    if not asked.get("version"):
        raise NotFound("Say with name and version which release you mean.")
    return f"{_page(asked.get('name'), asked['version'])}#files"


def _display(asked: Parameters) -> str:
    return _page(asked.get("name"), asked.get("version"))


def _doap(asked: Parameters) -> str:
    raise Gone("Descriptions of projects as DOAP are not made any more. Ask the JSON API, /pypi/NAME/json.")


ACTIONS: Mapping[str, Callable[[Parameters], str]] = {
    "search": _search,
    "browse": _browse,
    "files": _files,
    "display": _display,
    "doap": _doap,
    "rss": lambda asked: feeds.UPDATES,
    "packages_rss": lambda asked: feeds.PROJECTS,
}
"""What was asked for by ``/pypi?:action=...``, and where it is now."""


def _moved(to: str) -> Answer:
    return plain(301, "", [("location", to)])
