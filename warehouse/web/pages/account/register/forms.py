"""The form that opens an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from warehouse.errors import Mistakes
from warehouse.operations.registration import Applicant
from warehouse.web.language import _

TRAP = "confirm_form"
"""A field that people do not see; what fills it in is a machine."""

FIELDS = {"name": "full_name", "email": "email", "username": "username", "password": "new_password"}
"""How the form calls what the operation judges."""


@dataclass(frozen=True)
class RegistrationForm:
    """What was typed. Passwords are never written back into a page."""

    full_name: str = ""
    email: str = ""
    username: str = ""
    new_password: str = field(default="", repr=False)
    password_confirm: str = field(default="", repr=False)

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> RegistrationForm:
        """The form from its fields, spaces around what people type blindly removed."""
        return cls(
            fields.get("full_name", "").strip(),
            fields.get("email", "").strip(),
            fields.get("username", "").strip(),
            fields.get("new_password", ""),
            fields.get("password_confirm", ""),
        )

    @property
    def applicant(self) -> Applicant:
        """What it says."""
        return Applicant(self.username, self.email, self.new_password, self.full_name)

    @property
    def own_mistakes(self) -> dict[str, str]:
        """What is wrong with it whatever the index thinks of the rest."""
        if self.new_password == self.password_confirm:
            return {}
        return {"password_confirm": _("The two passwords are not the same. Type them again.")}


def by_field(refusal: Mistakes) -> dict[str, str]:
    """The mistakes by the form's own names of fields, in the order in which they stand on the page."""
    order = [*FIELDS, *(name for name in refusal.by_field if name not in FIELDS)]
    return {FIELDS.get(name, name): refusal.by_field[name] for name in order if name in refusal.by_field}
