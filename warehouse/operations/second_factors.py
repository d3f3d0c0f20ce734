"""Second factors: the step of signing in after the password, and what they have in common."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from warehouse.authz import Permission, require
from warehouse.domain.accounts import RecoveryCode, SecurityKey, User, has_second_factor, hold_factors, is_banned
from warehouse.domain.accounts.associations import is_vouched_for
from warehouse.errors import Conflict, Invalid
from warehouse.events import DeviceRemembered, Method, SecondFactorRemoved, SecondFactorsReset, tell
from warehouse.operations import links
from warehouse.operations.links import Purpose, moment
from warehouse.operations.recovery_codes import forget_codes
from warehouse.work import Work


@dataclass(frozen=True)
class Factors:
    """What an account has beside its password. ``codes`` are recovery codes; ``codes_left`` of them are not burned."""

    totp: bool
    keys: tuple[SecurityKey, ...]
    codes: int
    codes_left: int

    @property
    def any(self) -> bool:
        """Whether signing in takes a second factor."""
        return self.totp or bool(self.keys)

    @property
    def count(self) -> int:
        """How many of them there are; recovery codes are none."""
        return self.totp + len(self.keys)

    @property
    def proven(self) -> bool:
        """Whether the codes have been written down: one of them was used."""
        return self.codes_left < self.codes


@dataclass(frozen=True)
class Asked:
    """Somebody whose password was right and who has to show a second factor; ``next`` is where they were going."""

    user: User
    next: str


def factors_of(db: Session, user: User) -> Factors:
    """The user's second factors, keys in the order in which they came."""
    keys = select(SecurityKey).where(SecurityKey.user_id == user.id).order_by(SecurityKey.created_at, SecurityKey.label)
    burned = list(db.scalars(select(RecoveryCode.burned_at).where(RecoveryCode.user_id == user.id)))
    left = sum(at is None for at in burned)
    return Factors(user.totp_secret is not None, tuple(db.scalars(keys)), len(burned), left)


def ask_for(work: Work, user: User, *, next: str) -> str:
    """What the second step of signing in knows of the first, as text for an address.

    The password has been checked. It is void once the user signs in or the password changes.
    """
    return links.sign(
        work.tools.secret,
        Purpose.TWO_FACTOR,
        user=user.id,
        login=moment(user.last_login_at),
        password=moment(user.password_set_at),
        next=next,
    )


def asked(work: Work, text: str) -> Asked:
    """Who is in the second step; refuses with :class:`Invalid` (second_step) what no first step led to."""
    try:
        payload = links.read(work, Purpose.TWO_FACTOR, text)
    except Invalid as error:
        raise _start_again() from error
    if is_banned(work.db, work.actor.address):
        raise _start_again()
    user = work.db.get(User, uuid.UUID(payload["user"]))
    if user is None or user.is_frozen or payload["login"] != moment(user.last_login_at):
        raise _start_again()
    if payload["password"] != moment(user.password_set_at):
        raise _start_again()
    return Asked(user, payload["next"])


def remember_device(work: Work, user: User, method: Method) -> str:
    """A cookie's value that spares this browser the second factor, but never the password."""
    tell(work, DeviceRemembered(user, method))
    return links.sign(work.tools.secret, Purpose.REMEMBER_DEVICE, **_remembered_by(work, user))


def is_remembered(work: Work, user: User, cookie: str) -> bool:
    """Whether the cookie spares this user the second factor; a new password and new recovery codes make it void."""
    try:
        return links.read(work, Purpose.REMEMBER_DEVICE, cookie) == _remembered_by(work, user)
    except Invalid:
        return False


def is_secured(work: Work, user: User) -> bool:
    """Whether whoever acts as this user is known by more than a password.

    That is by a second factor of the account, or by one that an issuer has seen whom the settings trust with that: when
    they signed in or, for who comes with a token, when its owner signed in there last.
    """
    if user.totp_secret is not None or has_second_factor(work.db, user.id):
        return True
    trusted = work.settings.sign_on.trusted
    if work.actor.credential is not None:
        return is_vouched_for(work.db, user.id, trusted)
    return work.actor.vouched_for_by in trusted


def lacks_factor(work: Work, user: User) -> bool:
    """Whether whoever acts as this user is held back until there is a second factor."""
    return work.settings.access.require_second_factor and not is_secured(work, user)


def require_ready(work: Work, user: User) -> None:
    """Refuse with :class:`Conflict` to add a factor before its owner can do without it: with a recovery code."""
    factors = factors_of(work.db, user)
    if not factors.codes_left:
        raise Conflict("Generate recovery codes before you add a second factor.", code="no_recovery_codes")
    if not factors.proven:
        raise Conflict(
            "Enter one of your recovery codes first, to show that you have written them down.", code="codes_not_proven"
        )


def refuse_last(work: Work, user: User) -> None:
    """Refuse with :class:`Conflict` to remove the only factor where everybody needs one."""
    if work.settings.access.require_second_factor and factors_of(work.db, user).count == 1:
        raise Conflict(
            "This is your last second factor, and this index requires one. Add another one first.", code="last_factor"
        )


def forget_codes_without_factor(work: Work, user: User) -> None:
    """Recovery codes stand in for a factor: when the last one is gone, they go, too."""
    work.db.flush()
    if not factors_of(work.db, user).any:
        forget_codes(work, user)


def reset(work: Work, user: User) -> bool:
    """Take all second factors and recovery codes away, for somebody who lost them; tells whether there were any.

    From then on the password is enough. Browsers that were remembered are forgotten.
    """
    require(work.actor, Permission.RECOVER_ACCOUNT, user)
    hold_factors(work.db, user)
    factors = factors_of(work.db, user)
    if not factors.any and not factors.codes:
        return False
    if factors.totp:
        user.totp_secret = user.totp_last_step = None
        tell(work, SecondFactorRemoved(user, Method.TOTP, quietly=True))
    for key in factors.keys:
        work.db.delete(key)
        tell(work, SecondFactorRemoved(user, Method.SECURITY_KEY, key.label, quietly=True))
    work.db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    tell(work, SecondFactorsReset(user))
    return True


def _remembered_by(work: Work, user: User) -> dict[str, str]:
    """Codes go with the last factor: a browser from before it was lost is not spared the next one."""
    generated_at = work.db.scalar(select(func.max(RecoveryCode.generated_at)).where(RecoveryCode.user_id == user.id))
    return {"user": str(user.id), "password": moment(user.password_set_at), "codes": moment(generated_at)}


def _start_again() -> Invalid:
    return Invalid("Signing in took too long, or was begun elsewhere since. Begin again.", code="second_step")
