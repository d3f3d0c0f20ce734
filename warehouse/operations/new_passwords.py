"""What may become somebody's password."""

from __future__ import annotations

from collections.abc import Iterable

from warehouse.domain.accounts import User
from warehouse.errors import Invalid
from warehouse.infra.breaches import open_breaches
from warehouse.standards.password_strength import is_strong
from warehouse.work import Work

PASSWORD_LENGTH = range(8, 4097)


def check_password(password: str) -> None:
    """Refuse with :class:`Invalid` what is too short to withstand guessing, or too long to be one.

    All that is asked of a password that an operator gives: they may have their own reasons.
    """
    if len(password) not in PASSWORD_LENGTH:
        shortest, longest = PASSWORD_LENGTH.start, PASSWORD_LENGTH.stop - 1
        raise Invalid(f"A password has {shortest} to {longest} characters.", code="bad_password")


def password_mistake(work: Work, password: str, *, about: Iterable[str]) -> str | None:
    """Why this cannot be the new password of somebody, in a sentence; None when it can.

    ``about`` is what anybody knows of them: name, username, address. May ask a service outside, for two seconds.
    """
    try:
        check_password(password)
    except Invalid as refusal:
        return refusal.sentence
    if "\x00" in password:
        return "A password cannot hold the character NUL."
    if not is_strong(password, about=about):
        return "This password is easy to guess. Take several words that have nothing to do with you or each other."
    if open_breaches(work.settings).knows(password):
        return "This password was stolen from another site and is in public lists. Choose one that you use nowhere."
    return None


def known_of(user: User) -> list[str]:
    """What anybody knows of the user, and guesses first."""
    return [user.name, user.username, *(email.address for email in user.emails)]
