"""What the page of a refusal shows; it asks the database nothing, for that may be what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from warehouse.web.language import Lazy, lazy

TITLES: Mapping[int, Lazy] = {
    400: lazy("This could not be read"),
    401: lazy("Sign in first"),
    403: lazy("This is not allowed"),
    404: lazy("Not found"),
    405: lazy("It does not work like this"),
    409: lazy("This does not go together"),
    410: lazy("This is gone"),
    413: lazy("This is too much"),
    429: lazy("Too often in too short a time"),
    500: lazy("Something broke"),
    503: lazy("Not at the moment"),
}
ADVICE: Mapping[int, Lazy] = {
    403: lazy("If you think that it should be, ask whoever runs this index, or sign in with another account."),
    404: lazy("Names may be written differently, and projects may have been deleted. Search for it:"),
    410: lazy("It was here once, and will not come back. Search for something else:"),
    429: lazy("Wait a moment, then try again. Nothing of yours is lost."),
    500: lazy("It is not your fault, and it was noted. Try again in a moment."),
    503: lazy("Try again in a moment. Nothing of yours is lost."),
}
SEARCHED = frozenset({404, 410})


@dataclass(frozen=True)
class RefusalPage:
    """A status, what it is called here, the sentence that goes with it, and what to do next, which may be empty.

    ``offers_search`` when what was asked for may be found elsewhere; ``sought`` is then what it may have been.
    """

    status: int
    title: str
    sentence: str
    advice: str = ""
    offers_search: bool = False
    sought: str = ""


def refusal_page(status: int, sentence: str, path: str = "") -> RefusalPage:
    """The page for a status, the sentence that goes with it and the path that was asked for."""
    title = TITLES.get(status)
    return RefusalPage(
        status=status,
        title=str(title) if title is not None else HTTPStatus(status).phrase,
        sentence=sentence,
        advice=str(ADVICE.get(status, "")),
        offers_search=status in SEARCHED,
        sought=_project_of(path) if status in SEARCHED else "",
    )


def _project_of(path: str) -> str:
    """The project that a path names; empty when it is that of another page."""
    parts = path.split("/")
    return parts[2][:200] if len(parts) > 2 and parts[1] in ("project", "p", "pypi") else ""
