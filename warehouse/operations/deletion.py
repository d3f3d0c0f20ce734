"""Deleting an account: what must not be left without anybody, what goes with it, and what stays under another name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session, aliased

from warehouse.authz import Permission, require
from warehouse.domain import audit, journal
from warehouse.domain.accounts import Invitation, User
from warehouse.domain.accounts.names import SUCCESSOR
from warehouse.domain.packaging import Namespace, Project, Role, RoleName
from warehouse.errors import Conflict
from warehouse.events import AccountDeleted, RoleRemoved, tell
from warehouse.infra.jobs import enqueue, job
from warehouse.operations.moderating_people import refuse_last_administrator
from warehouse.work import Work

MOST_NAMED = 10  # projects in a sentence


def delete_account(work: Work, user: User) -> None:
    """Delete the account with all that is its own. Whoever asks has made sure that it is really meant.

    Refuses with :class:`Conflict` while the user is the only owner of a project, holds a namespace, or is the last
    administrator. The name can be registered again.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    remove_account(work, user)


def remove_account(work: Work, user: User) -> None:
    """The same, for whoever was permitted it otherwise."""
    refuse_last_administrator(work, user)
    # No upload makes a project of theirs, and no other owner leaves, between the question and the answer.
    work.db.execute(select(User.id).where(User.id == user.id).with_for_update())
    owned = select(Project.id).join(Role, Role.project_id == Project.id).where(Role.user_id == user.id)
    work.db.execute(owned.order_by(Project.id).with_for_update(key_share=True, of=Project))
    _refuse_orphans(work.db, user)
    roles = select(Role, Project).join(Project, Project.id == Role.project_id).where(Role.user_id == user.id)
    for role, project in work.db.execute(roles.order_by(Project.normalized_name)):
        tell(work, RoleRemoved(project, user, RoleName(role.role_name)))
    tell(work, AccountDeleted(user, quietly=work.actor.user_id != user.id))
    # The journal's entries have the time of the database.
    until = max(work.now, work.db.scalar(select(func.now())) or work.now)
    enqueue(work.db, give_to_successor, username=user.username, until=until.isoformat())
    work.db.flush()
    # It names an address of theirs, and must not be good again.
    work.db.execute(delete(Invitation).where(Invitation.accepted_by == user.id))
    work.db.execute(delete(User).where(User.id == user.id), execution_options={"synchronize_session": False})


def only_owned(db: Session, user: User) -> Sequence[str]:
    """The names of the projects that have no other owner."""
    others = aliased(Role)
    has_another = exists().where(
        others.project_id == Project.id, others.role_name == RoleName.OWNER.value, others.user_id != user.id
    )
    query = (
        select(Project.name)
        .join(Role, Role.project_id == Project.id)
        .where(Role.user_id == user.id, Role.role_name == RoleName.OWNER.value, ~has_another)
        .order_by(Project.normalized_name)
    )
    return db.scalars(query).all()


def held_namespaces(db: Session, user: User) -> Sequence[str]:
    """The namespaces that are the user's."""
    return db.scalars(select(Namespace.name).where(Namespace.owner_id == user.id).order_by(Namespace.name)).all()


@job(queue="housekeeping")
def give_to_successor(work: Work, username: str, until: str) -> None:
    """Let what was done under this name until then be told of somebody who is gone.

    A job, since it reads the journal and the audit trail from end to end. Whoever takes the name later keeps it.
    """
    moment = datetime.fromisoformat(until)
    journal.rename_submitter(work.db, username, SUCCESSOR, until=moment)
    audit.rename(work.db, username, SUCCESSOR, until=moment)


def _refuse_orphans(db: Session, user: User) -> None:
    projects = only_owned(db, user)
    if projects:
        named = ", ".join(projects[:MOST_NAMED])
        more = f" and {len(projects) - MOST_NAMED} more" if len(projects) > MOST_NAMED else ""
        raise Conflict(
            f"{user.username} is the only owner of {named}{more}. Give somebody else the role, or remove the project.",
            code="only_owner",
        )
    if namespaces := held_namespaces(db, user):
        raise Conflict(
            f"{user.username} holds the namespace {namespaces[0]}. Ask those who run the index to grant it to somebody "
            "else.",
            code="holds_namespace",
        )
