"""What the pages show with which a forgotten password is reset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from warehouse.operations.new_passwords import PASSWORD_LENGTH


@dataclass(frozen=True)
class RequestPage:
    """The form that asks whose password it is."""

    identifier: str = ""
    mistakes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SentPage:
    """What is said to everybody who asked, whether there is such an account or not."""

    hours: int

    @classmethod
    def of(cls, lifetime: timedelta) -> SentPage:
        """For links that are good for so long."""
        return cls(max(1, int(lifetime.total_seconds() // 3600)))


@dataclass(frozen=True)
class ResetPage:
    """The form for the new password. ``username`` is for programs that keep passwords; ``token`` is the link's."""

    token: str = field(repr=False)
    username: str
    mistakes: Mapping[str, str] = field(default_factory=dict)
    password_length: int = PASSWORD_LENGTH.start
