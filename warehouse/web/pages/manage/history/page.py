"""What the page of one's history shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from warehouse.domain.audit import is_hashed
from warehouse.errors import Invalid
from warehouse.operations.history import SHOWN_FOR, Happened, history_of
from warehouse.web.language import lazy
from warehouse.web.pages.manage.history.labels import KINDS, Kind, facts_of, label_of
from warehouse.web.request import Request
from warehouse.work import ANONYMOUS, OPERATOR, SYSTEM

ON_A_PAGE = 50
LARGEST_NUMBER = 2**63 - 1

NAMELESS = {OPERATOR.name: lazy("those who run the index"), SYSTEM.name: lazy("the index itself")}


@dataclass(frozen=True)
class Row:
    """One thing that happened, in words."""

    at: datetime
    label: str
    facts: tuple[str, ...]
    by: str | None
    place: str | None
    device: str | None
    is_redacted: bool

    @classmethod
    def of(cls, happened: Happened, reader: str) -> Row:
        """The event as its owner reads it; an address of which only a digest is kept is shown by the end of that."""
        place = happened.address
        return cls(
            happened.at,
            label_of(happened),
            tuple(facts_of(happened)),
            _by(happened.actor, reader),
            f"…{place[-6:]}" if place and is_hashed(place) else place,
            happened.device,
            happened.is_redacted,
        )


def _by(actor: str, reader: str) -> str | None:
    """Who it was, if it was somebody else: a name, or what those are called who have none here."""
    return None if actor in (reader, ANONYMOUS.name) else str(NAMELESS.get(actor, actor))


@dataclass(frozen=True)
class HistoryPage:
    """The newest first; ``older`` is the query that shows what came before."""

    rows: tuple[Row, ...]
    kinds: tuple[Kind, ...]
    chosen: str
    older: str | None
    days: int = SHOWN_FOR.days


def history_page(request: Request, asked: Mapping[str, str]) -> HistoryPage:
    """The page for whoever is signed in; refuses with :class:`Invalid` what cannot be asked for."""
    user = request.user
    assert user is not None
    kind, before = kind_of(asked), _before(asked)
    found = history_of(
        request.work,
        user,
        since=request.work.now - SHOWN_FOR,
        before=before,
        beginnings=kind.beginnings if kind is not None else (),
        limit=ON_A_PAGE + 1,
    )
    shown = found[:ON_A_PAGE]
    chosen = kind.name if kind is not None else ""
    older = f"before={shown[-1].number}" + (f"&kind={chosen}" if chosen else "") if len(found) > ON_A_PAGE else None
    return HistoryPage(tuple(Row.of(one, user.username) for one in shown), KINDS, chosen, older)


def kind_of(asked: Mapping[str, str]) -> Kind | None:
    """The kind of events that was chosen; None for all of them."""
    name = asked.get("kind", "")
    if not name:
        return None
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise Invalid("There is no such kind of events. Choose one on the page.", code="bad_kind")


def _before(asked: Mapping[str, str]) -> int | None:
    text = asked.get("before", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 20) or int(text) > LARGEST_NUMBER:
        raise Invalid("The address is wrong after “before=”. Begin at the newest events again.", code="bad_before")
    return int(text)
