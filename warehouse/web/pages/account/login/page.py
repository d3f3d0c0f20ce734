"""What the page shows where people sign in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from warehouse.web.next_place import next_place
from warehouse.web.request import Request


@dataclass(frozen=True)
class LoginPage:
    """The form. ``next`` is the path of ours where the visitor was going, empty when it was none."""

    next: str
    username: str = ""
    mistakes: Mapping[str, str] = field(default_factory=dict)


def login_page(request: Request, *, username: str = "", mistakes: Mapping[str, str] | None = None) -> LoginPage:
    """The form, empty or with what was wrong."""
    return LoginPage(next=next_place(request), username=username, mistakes=mistakes or {})
