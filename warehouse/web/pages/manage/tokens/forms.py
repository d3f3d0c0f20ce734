"""The form that makes a token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from warehouse.errors import Invalid

PROJECT = "project:"
"""What the names of the checkboxes begin with; the project follows."""

DAYS = (7, 30, 90, 365)

FIELD_OF = {
    "bad_description": "description",
    "description_taken": "description",
    "no_projects": "scope",
    "no_such_project": "scope",
    "token_too_long": "scope",
    "bad_lifetime": "lifetime",
}


@dataclass(frozen=True)
class TokenForm:
    """What was filled in. ``lifetime`` is a number of days, or empty: as long as is usual here."""

    description: str = ""
    scope: str = ""
    projects: tuple[str, ...] = ()
    lifetime: str = "365"

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> TokenForm:
        """The form from its fields."""
        chosen = tuple(name.removeprefix(PROJECT) for name in fields if name.startswith(PROJECT))
        return cls(fields.get("description", "").strip(), fields.get("scope", ""), chosen, fields.get("lifetime", ""))

    def covered(self) -> tuple[str, ...]:
        """The projects that the token is for; none: all there are and will be. Refuses what is no choice."""
        match self.scope:
            case "all":
                return ()
            case "projects" if self.projects:
                return self.projects
        raise Invalid(
            "Choose what the token is for: all of your projects, or at least one of them.", code="no_projects"
        )

    def lives_for(self) -> timedelta | None:
        """How long; None for as long as the settings say."""
        if not self.lifetime:
            return None
        if self.lifetime not in map(str, DAYS):
            raise Invalid("Choose one of the times in the list.", code="bad_lifetime")
        return timedelta(days=int(self.lifetime))
