"""What those who run the index do to people: shut them out, let them in again, give them a part in running it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import select, text

from warehouse.authz import Permission, require
from warehouse.domain.accounts import DisabledFor, ProhibitedDomain, User
from warehouse.domain.packaging import Project, Role
from warehouse.errors import Conflict
from warehouse.events import (
    AccountFrozen,
    AccountUnfrozen,
    PasswordDisabledByStaff,
    StaffRestricted,
    StaffRoleChanged,
    tell,
)
from warehouse.infra.domains import registrable
from warehouse.operations.passwords import may_reset
from warehouse.operations.prohibitions import prohibit_domain
from warehouse.operations.registration import FIRST_START_LOCK
from warehouse.operations.sessions import end_sessions
from warehouse.work import Work


class StaffRole(StrEnum):
    """A part in running the index."""

    ADMINISTRATOR = "administrator"
    MODERATOR = "moderator"


def freeze(work: Work, user: User, *, prohibit_domains: bool = False) -> Sequence[str]:
    """Shut the user out, tokens included, and end all their sessions; doing it again changes nothing.

    With ``prohibit_domains`` nobody registers with the domains of their verified addresses any more, which is for
    domains of their own: a large provider's would be prohibited just the same. Returns those that were not before.
    """
    require(work.actor, Permission.FREEZE, user)
    _freeze(work, user)
    if not prohibit_domains:
        return []
    domains = {registrable(email.address.rpartition("@")[2]) for email in user.emails if email.is_verified}
    fresh = [domain for domain in sorted(domains) if work.db.get(ProhibitedDomain, domain) is None]
    for domain in fresh:
        prohibit_domain(work, domain, comment=f"{user.username} is frozen")
    return fresh


def freeze_collaborators(work: Work, project: Project, *, reason: str) -> Sequence[User]:
    """Freeze everybody who has a role in the project of itself, as its quarantine demands; those who were not frozen.

    Whoever may quarantine may do this.
    """
    require(work.actor, Permission.QUARANTINE, project)
    query = (
        select(User)
        .join(Role, Role.user_id == User.id)
        .where(Role.project_id == project.id, ~User.is_frozen)
        .order_by(User.username)
    )
    people = list(work.db.scalars(query))
    for user in people:
        _freeze(work, user, reason)
    return people


def unfreeze(work: Work, user: User) -> None:
    """Let the user in again; doing it again changes nothing."""
    require(work.actor, Permission.FREEZE, user)
    if user.is_frozen:
        user.is_frozen = False
        end_sessions(work, user)  # somebody may have been signing in while the others were ended
        tell(work, AccountUnfrozen(user))


def disable_password(work: Work, user: User) -> bool:
    """Take the user's password away and end their sessions; tokens are void until they have a new one.

    For accounts that somebody else may have got hold of. An account without a password stays as it is. Answers whether
    there was one.
    """
    require(work.actor, Permission.RECOVER_ACCOUNT, user)
    had_one = user.password_hash is not None
    if had_one:
        take_password(work, user)
    return had_one


def hide_avatar(work: Work, user: User, *, is_hidden: bool = True) -> None:
    """Show the neutral picture instead of the user's own, or their own again; what is so already changes nothing."""
    require(work.actor, Permission.FREEZE, user)
    if user.hide_avatar is not is_hidden:
        user.hide_avatar = is_hidden
        tell(work, StaffRestricted(user, "avatar", is_hidden))


def prohibit_password_reset(work: Work, user: User, *, is_prohibited: bool = True) -> None:
    """Let the user have no new password by mail, for an account whose mailbox others may read, or let them again."""
    require(work.actor, Permission.FREEZE, user)
    if user.prohibit_password_reset is not is_prohibited:
        user.prohibit_password_reset = is_prohibited
        tell(work, StaffRestricted(user, "password reset", is_prohibited))


def appoint(work: Work, user: User, role: StaffRole) -> None:
    """Give the user this part in running the index; one they have already changes nothing."""
    require(work.actor, Permission.APPOINT, user)
    _set_role(work, user, role, is_given=True)


def dismiss(work: Work, user: User, role: StaffRole) -> None:
    """Take this part in running the index away; one they do not have changes nothing.

    Refuses with :class:`Conflict` to relieve the last administrator.
    """
    require(work.actor, Permission.APPOINT, user)
    if role is StaffRole.ADMINISTRATOR:
        refuse_last_administrator(work, user)
    _set_role(work, user, role, is_given=False)


def refuse_last_administrator(work: Work, user: User) -> None:
    """Refuse with :class:`Conflict` when nobody else is administrator: the first-start link would work once more."""
    # Of two administrators who leave at the same time one must stay.
    work.db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": FIRST_START_LOCK})
    work.db.refresh(user)
    others = select(User.id).where(User.is_administrator, User.id != user.id).limit(1)
    if user.is_administrator and work.db.scalar(others) is None:
        raise Conflict(
            f"{user.username} is the last administrator. Appoint somebody else first: "
            "'warehouse user appoint NAME administrator'.",
            code="last_administrator",
        )


def take_password(work: Work, user: User) -> None:
    """Leave the user without a password, as an administrator's decision, and signed in nowhere."""
    user.password_hash = None
    user.password_set_at = work.now
    user.password_disabled_for = DisabledFor.ADMINISTRATOR.value
    end_sessions(work, user)
    tell(work, PasswordDisabledByStaff(user, by_mail=may_reset(user)))


def _freeze(work: Work, user: User, reason: str = "") -> None:
    if not user.is_frozen:
        user.is_frozen = True
        end_sessions(work, user)
        tell(work, AccountFrozen(user, reason))


def _set_role(work: Work, user: User, role: StaffRole, *, is_given: bool) -> None:
    column = f"is_{role.value}"
    if getattr(user, column) is not is_given:
        setattr(user, column, is_given)
        tell(work, StaffRoleChanged(user, role.value, is_given))
