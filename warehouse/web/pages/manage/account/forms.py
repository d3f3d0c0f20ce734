"""What the forms of the profile hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from warehouse.domain.accounts import User
from warehouse.errors import Invalid, Mistakes
from warehouse.operations.profile import set_name, set_preferences, set_public_email
from warehouse.work import Work


@dataclass(frozen=True)
class ProfileForm:
    """What others see."""

    name: str
    public_email: str

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> ProfileForm:
        """As somebody has typed it."""
        return cls(fields.get("name", ""), fields.get("public_email", ""))

    @classmethod
    def kept(cls, user: User) -> ProfileForm:
        """As it is now."""
        return cls(user.name, next((email.address for email in user.emails if email.is_public), ""))

    def save(self, work: Work, user: User) -> None:
        """Keep all of it; refuses with :class:`Mistakes`, which names every field that is wrong."""
        mistakes: dict[str, str] = {}
        _attempt(mistakes, "name", lambda: set_name(work, user, self.name))
        _attempt(mistakes, "public_email", lambda: set_public_email(work, user, self.public_email or None))
        if mistakes:
            raise Mistakes(mistakes)


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


def _attempt(mistakes: dict[str, str], field: str, change: Callable[[], None]) -> None:
    try:
        change()
    except Invalid as refusal:
        mistakes[field] = refusal.sentence
