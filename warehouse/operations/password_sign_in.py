"""Signing in with a username and a password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from warehouse.domain.accounts import DisabledFor, User, has_second_factor, is_banned, user_named
from warehouse.domain.accounts.queries import held_user
from warehouse.errors import NotAllowed
from warehouse.events import PasswordFoundStolen, PasswordRefused, tell
from warehouse.infra.breaches import open_breaches
from warehouse.operations import limits, second_factors
from warehouse.operations.passwords import WRONG, is_right, may_reset
from warehouse.operations.sessions import end_sessions
from warehouse.operations.sign_in import Finished, finish
from warehouse.work import Work

SECOND_STEP = "/account/two-factor/"

NOT_A_NAME = "A username is not an e-mail address. Type the name of your account."
STOLEN = (
    "This account's password is in public lists of passwords that were stolen from other sites, so nobody can sign in "
    "with it any more. Reset it to sign in. Administrators and moderators get another one from those who run the index."
)


@dataclass(frozen=True)
class Declined:
    """Nobody is signed in: what was wrong, by field."""

    mistakes: Mapping[str, str]


def sign_in(work: Work, username: str, password: str, *, next: str = "", remembered: str = "") -> Finished | Declined:
    """Let somebody in who knows the password, or lead them to the second step of signing in.

    ``next`` is the path of ours where they were going, ``remembered`` what their browser keeps of an earlier second
    step. Refuses with :class:`TooMany` after too many wrong passwords. Whatever becomes of it, the work commits.
    """
    require_passwords(work)
    user = _who(work, username)
    if isinstance(user, Declined):
        return user
    if user is None:
        return _nobody(work, password)
    if is_banned(work.db, work.actor.address):
        # As if the password was wrong, whichever it is.
        limits.reserve(work, limits.sign_in(work, None))
        return Declined({"password": WRONG})
    if user.password_disabled_for == DisabledFor.COMPROMISED:
        return Declined({"": STOLEN})
    judged = user.password_hash
    if not is_right(work, user, password):
        tell(work, PasswordRefused(user))
        return Declined({"password": WRONG})
    if user.is_frozen:
        return Declined({"": _frozen(work)})
    is_stolen = open_breaches(work.settings).knows(password)
    # All this takes a while, in which the password may have been changed: nothing below may undo that.
    if held_user(work.db, user.id) is None or user.password_hash != judged:
        return Declined({"password": WRONG})
    if is_stolen:
        _take_out(work, user)
        return Declined({"": STOLEN})
    _renew_hash(work, user, password)
    return _next_step(work, user, next=next, remembered=remembered)


def require_passwords(work: Work) -> None:
    """Refuse with :class:`NotAllowed` where people sign in through an issuer only."""
    if not work.settings.sign_on.offers_passwords:
        raise NotAllowed("Nobody signs in with a password here. Use single sign-on.", code="no_passwords")


def _who(work: Work, username: str) -> User | Declined | None:
    username = username.strip()
    if "@" in username:
        return Declined({"username": NOT_A_NAME})
    return user_named(work.db, username) if username.isprintable() else None


def _nobody(work: Work, password: str) -> Declined:
    """Where everybody may read, each name has a page and is no secret. Elsewhere it is as if the password was wrong."""
    if work.settings.access.read == "everyone":
        return Declined({"username": "There is no user of this name."})
    limits.reserve(work, limits.sign_in(work, None))
    work.tools.passwords.hash(password)
    return Declined({"password": WRONG})


def _frozen(work: Work) -> str:
    contact = work.settings.site.security_contact
    whom = f"write to {contact}" if contact else "ask the people who run this index"
    return f"This account is suspended. To learn why, {whom}."


def _take_out(work: Work, user: User) -> None:
    """Whoever has the lists can sign in as well, and may be doing so: nobody stays signed in."""
    user.password_hash = None
    user.password_set_at = work.now
    user.password_disabled_for = DisabledFor.COMPROMISED.value
    end_sessions(work, user)
    tell(work, PasswordFoundStolen(user, by_mail=may_reset(user)))


def _renew_hash(work: Work, user: User, password: str) -> None:
    """Hash the password anew when that costs something else than it did; it stays the same password."""
    if user.password_hash is not None and work.tools.passwords.is_outdated(user.password_hash):
        user.password_hash = work.tools.passwords.hash(password)


def _next_step(work: Work, user: User, *, next: str, remembered: str) -> Finished:
    if not has_second_factor(work.db, user.id):
        return finish(work, user, method="password", next=next)
    if remembered and second_factors.is_remembered(work, user, remembered):
        return finish(work, user, method="remembered-device", next=next)
    return Finished(f"{SECOND_STEP}?{second_factors.ask_for(work, user, next=next)}")
