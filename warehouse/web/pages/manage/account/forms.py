"""What the form of preferences holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from warehouse.domain.accounts import User
from warehouse.operations.profile import set_preferences
from warehouse.work import Work


@dataclass(frozen=True)
class PreferencesForm:
    """What one sees oneself; empty where nothing is preferred."""

    language: str
    time_zone: str

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> PreferencesForm:
        """As somebody has chosen it."""
        return cls(fields.get("language", ""), fields.get("time_zone", ""))

    @classmethod
    def kept(cls, user: User) -> PreferencesForm:
        """As it is now."""
        return cls(user.language or "", user.time_zone or "")

    def save(self, work: Work, user: User) -> None:
        """Keep it; refuses with :class:`Invalid`."""
        set_preferences(work, user, language=self.language or None, time_zone=self.time_zone or None)
