"""The form that makes the first account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from warehouse.operations.registration import Applicant
from warehouse.web.language import _


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

    @property
    def applicant(self) -> Applicant:
        """What it says."""
        return Applicant(self.username, self.email, self.password)

    @property
    def own_mistakes(self) -> dict[str, str]:
        """What is wrong with it whatever the index thinks of the rest."""
        if self.password == self.password_again:
            return {}
        return {"password_again": _("The two passwords are not the same. Type them again.")}
