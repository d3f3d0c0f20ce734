"""The form that makes the first account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from warehouse.errors import Invalid, Refusal

FIELD_OF = {
    "bad_username": "username",
    "username_taken": "username",
    "bad_email": "email",
    "email_taken": "email",
    "bad_password": "password",
    "passwords_differ": "password_again",
}


@dataclass(frozen=True)
class AccountForm:
    """What was typed. Passwords are never written back into a page."""

    username: str = ""
    email: str = ""
    password: str = field(default="", repr=False)
    password_again: str = field(default="", repr=False)

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> AccountForm:
        """The form from its fields, spaces around the name and the address removed."""
        return cls(
            fields.get("username", "").strip(),
            fields.get("email", "").strip(),
            fields.get("password", ""),
            fields.get("password_again", ""),
        )

    def check(self) -> None:
        """Refuse two passwords that differ (:class:`Invalid`); the rest is the operation's to judge."""
        if self.password != self.password_again:
            raise Invalid("The two passwords are not the same. Type them again.", code="passwords_differ")


@dataclass(frozen=True)
class Mistake:
    """What was wrong with a form, beside the field it is about; ``field`` is empty when it is about none."""

    field: str
    sentence: str

    @classmethod
    def of(cls, refusal: Refusal) -> Mistake:
        """The refusal as the form tells it."""
        return cls(FIELD_OF.get(refusal.code, ""), refusal.sentence)
