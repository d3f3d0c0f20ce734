"""Codes of an app: setting one up, signing in with them, taking it away."""

from __future__ import annotations

import logging
import secrets
from enum import Enum, auto

from sqlalchemy import or_, update

from warehouse.authz import Permission, require
from warehouse.domain.accounts import User, hold_factors
from warehouse.errors import Invalid, NotFound
from warehouse.events import Failure, Method, SecondFactorAdded, SecondFactorFailed, SecondFactorRemoved, tell
from warehouse.infra import sealing
from warehouse.infra.sealing import NotSealedHere
from warehouse.operations import limits
from warehouse.operations.second_factors import forget_codes_without_factor, refuse_last, require_ready
from warehouse.standards import totp
from warehouse.work import Tools, Work

log = logging.getLogger("warehouse.second_factors")

FAR = 10  # steps: five minutes; a clock that is this far off can still be told so

WRONG = "This is not the code that the app shows now. Wait for the next one and type it in."
OUT_OF_SYNC = (
    "This code is some minutes off. Set the clock of the device with the app to the right time, and type a new code."
)


class Check(Enum):
    """What became of a code that somebody typed to sign in."""

    RIGHT = auto()
    WRONG = auto()
    USED_BEFORE = auto()


def new_secret() -> bytes:
    """A secret for an app to make codes from."""
    return secrets.token_bytes(totp.SECRET_SIZE)


def seal_secret(tools: Tools, user: User, secret: bytes) -> bytes:
    """The secret as it is kept."""
    return sealing.seal(tools.secret, secret, about=_about(user))


def unseal_secret(tools: Tools, user: User, sealed: bytes) -> bytes | None:
    """The secret that is kept; None when it was sealed for another account, or by an index with another key."""
    try:
        return sealing.unseal(tools.secret, sealed, about=_about(user))
    except NotSealedHere:
        log.warning("the secret of %s's authentication app cannot be opened: was secret.key replaced?", user.username)
        return None


def add_app(work: Work, user: User, secret: bytes, code: str) -> None:
    """Have signing in take codes of the app that has this secret; another app's are void from then on.

    Refuses with :class:`Invalid` (wrong_code, out_of_sync) when the code shows that the app does not work, and with
    :class:`~warehouse.errors.Conflict` before there are recovery codes that were tried.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    hold_factors(work.db, user)
    require_ready(work, user)
    step = totp.step_of(secret, code, work.now)
    if step is None:
        if totp.step_of(secret, code, work.now, around=FAR) is not None:
            raise Invalid(OUT_OF_SYNC, code="out_of_sync")
        raise Invalid(WRONG, code="wrong_code")
    if user.totp_secret is not None:
        tell(work, SecondFactorRemoved(user, Method.TOTP))
    user.totp_secret = seal_secret(work.tools, user, secret)
    user.totp_last_step = step
    tell(work, SecondFactorAdded(user, Method.TOTP))


def remove_app(work: Work, user: User) -> None:
    """Have no code of an app sign in any more; refuses with :class:`~warehouse.errors.Conflict` the last factor where
    one is required."""
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    hold_factors(work.db, user)
    if user.totp_secret is None:
        raise NotFound("There is no authentication app to remove.", code="no_such_factor")
    refuse_last(work, user)
    user.totp_secret = user.totp_last_step = None
    tell(work, SecondFactorRemoved(user, Method.TOTP))
    forget_codes_without_factor(work, user)


def check_code(work: Work, user: User, code: str) -> Check:
    """Whether this is the app's code now. Whoever types wrong ones is held back, with :class:`TooMany`.

    Returns rather than refuses, because what happened is kept. The code is the proof, so no permission is asked for.
    """
    attempt = limits.second_factor(work, user)
    limits.reserve(work, attempt)
    secret = unseal_secret(work.tools, user, user.totp_secret) if user.totp_secret is not None else None
    step = totp.step_of(secret, code, work.now) if secret is not None else None
    if step is None:
        tell(work, SecondFactorFailed(user, Failure.TOTP))
        return Check.WRONG
    limits.give_back(work, attempt)
    # RFC 6238: "The verifier MUST NOT accept the second attempt of the OTP after the successful validation has been
    # issued for the first OTP". Of two attempts at once the second waits here for the first.
    is_new = or_(User.totp_last_step.is_(None), User.totp_last_step < step)
    used = update(User).where(User.id == user.id, User.totp_secret == user.totp_secret, is_new)
    if work.db.scalar(used.values(totp_last_step=step).returning(User.id)) is None:
        tell(work, SecondFactorFailed(user, Failure.TOTP))
        return Check.USED_BEFORE
    return Check.RIGHT


def _about(user: User) -> bytes:
    return b"totp " + user.id.bytes
