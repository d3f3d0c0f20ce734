"""What the page shows where people change their password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from warehouse.operations.new_passwords import PASSWORD_LENGTH


@dataclass(frozen=True)
class PasswordPage:
    """The form; without a password yet, for a first one."""

    username: str
    has_password: bool
    mistakes: Mapping[str, str] = field(default_factory=dict)
    password_length: int = PASSWORD_LENGTH.start
