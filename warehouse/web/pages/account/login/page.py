"""What the page shows where people sign in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from warehouse.operations import sign_on
from warehouse.operations.sign_on import Choice
from warehouse.web.next_place import next_place
from warehouse.web.request import Request


@dataclass(frozen=True)
class LoginPage:
    """The form, and the issuers that sign people in. ``next`` is where the visitor was going, empty when nowhere."""

    next: str
    issuers: tuple[Choice, ...] = ()
    takes_passwords: bool = True
    username: str = ""
    mistakes: Mapping[str, str] = field(default_factory=dict)


def login_page(request: Request, *, username: str = "", mistakes: Mapping[str, str] | None = None) -> LoginPage:
    """The form, empty or with what was wrong."""
    return LoginPage(
        next=next_place(request),
        issuers=sign_on.choices(request.settings),
        takes_passwords=request.settings.sign_on.offers_passwords,
        username=username,
        mistakes=mistakes or {},
    )
