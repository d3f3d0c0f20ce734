"""Recovery codes: eight texts that stand in for a lost device, each of them once."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from enum import Enum, auto

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from warehouse.authz import Permission, require
from warehouse.domain.accounts import RecoveryCode, User, hold_factors
from warehouse.events import (
    Failure,
    RecoveryCodesGenerated,
    RecoveryCodesRegenerated,
    RecoveryCodeUsed,
    SecondFactorFailed,
    tell,
)
from warehouse.events.mail import Letter, write
from warehouse.operations import limits
from warehouse.work import Tools, Work

COUNT = 8
SIZE = 8  # bytes of a code, which is written as 16 digits

_BLANK = re.compile(r"\s+")
_CODE = re.compile(rf"[0-9a-f]{{{2 * SIZE}}}")


class Burning(Enum):
    """What became of a code that somebody typed."""

    DONE = auto()
    BURNED_BEFORE = auto()
    UNKNOWN = auto()


def generate(work: Work, user: User) -> list[str]:
    """New codes for the user, shown once and kept nowhere; those from before are void.

    A code is 64 random bits: with a key outside the database a single round of HMAC is enough for that.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    hold_factors(work.db, user)
    had_some = _forget(work, user)
    codes = [secrets.token_hex(SIZE) for _ in range(COUNT)]
    work.db.add_all(
        RecoveryCode(user_id=user.id, digest=_digest(work.tools, user, code), generated_at=work.now) for code in codes
    )
    work.db.flush()
    tell(work, RecoveryCodesRegenerated(user) if had_some else RecoveryCodesGenerated(user))
    return codes


def burn(work: Work, user: User, text: str, *, to_sign_in: bool) -> Burning:
    """Use a code up. Whoever types wrong ones is held back, and refused with :class:`TooMany`.

    Returns rather than refuses: that somebody tried is kept, whatever they typed. Whether the code may be tried at all
    is what the code proves, so nobody's permission is asked for.
    """
    attempt = limits.second_factor(work, user)
    limits.reserve(work, attempt)
    code = _BLANK.sub("", text).lower()
    digest = _digest(work.tools, user, code) if _CODE.fullmatch(code) else b""
    mine = (RecoveryCode.user_id == user.id, RecoveryCode.digest == digest)
    # Of two who type one code at once the second waits here, and then finds it burned.
    burned = update(RecoveryCode).where(*mine, RecoveryCode.burned_at.is_(None)).values(burned_at=work.now)
    if work.db.scalar(burned.returning(RecoveryCode.id)) is None:
        is_known = work.db.scalar(select(RecoveryCode.id).where(*mine)) is not None
        if to_sign_in:
            tell(work, SecondFactorFailed(user, Failure.BURNED_RECOVERY_CODE if is_known else Failure.RECOVERY_CODE))
        return Burning.BURNED_BEFORE if is_known else Burning.UNKNOWN
    limits.give_back(work, attempt)
    tell(work, RecoveryCodeUsed(user, left=codes_left(work.db, user), to_sign_in=to_sign_in))
    return Burning.DONE


def codes_left(db: Session, user: User) -> int:
    """How many of the user's codes can still be used."""
    query = select(func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.burned_at.is_(None))
    return db.scalar(query) or 0


def remind_of_codes(work: Work, user: User) -> None:
    """Write to somebody who signed in with a second factor and would be shut out without it."""
    if not codes_left(work.db, user):
        write(work, Letter("recovery-code-reminder", user))


def forget_codes(work: Work, user: User) -> None:
    """Make all of the user's codes worthless."""
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    _forget(work, user)


def _forget(work: Work, user: User) -> bool:
    gone = delete(RecoveryCode).where(RecoveryCode.user_id == user.id).returning(RecoveryCode.id)
    return bool(work.db.scalars(gone).all())


def _digest(tools: Tools, user: User, code: str) -> bytes:
    return hmac.digest(tools.secret, b"recovery code\0" + user.id.bytes + code.encode(), hashlib.sha256)
