"""Everything that the index keeps of somebody, for themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.authz import Permission, require
from warehouse.domain.accounts import (
    Association,
    Device,
    Email,
    RecoveryCode,
    SecurityKey,
    SentMail,
    TermsEngagement,
    User,
)
from warehouse.domain.accounts.group_roles import GroupRole
from warehouse.domain.accounts.recoveries import AccountRecovery
from warehouse.domain.packaging import Project, Role
from warehouse.domain.tokens import Token
from warehouse.operations.deletion import held_namespaces
from warehouse.operations.history import all_of, described
from warehouse.operations.sessions import sessions_of
from warehouse.operations.tokens import projects_of
from warehouse.work import Work

ACCOUNT = (
    "username",
    "name",
    "created_at",
    "last_login_at",
    "password_set_at",
    "language",
    "time_zone",
    "hide_avatar",
    "is_frozen",
    "is_administrator",
    "is_moderator",
)


def own_data(work: Work, user: User) -> Iterator[bytes]:
    """A JSON object of everything about the account but its secrets; the history comes last, in batches.

    Asked for permission at once, and not when it is first read.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    require(work.actor, Permission.READ_ACCOUNT_HISTORY, user)
    return _written(work, user, _kept(work, user))


def _written(work: Work, user: User, kept: dict[str, Any]) -> Iterator[bytes]:
    yield orjson.dumps(kept, default=str, option=orjson.OPT_INDENT_2).removesuffix(b"\n}") + b',\n  "history": ['
    separator = b"\n"
    for happened in all_of(work, user):
        yield separator + b"    " + orjson.dumps(described(happened), default=str)
        separator = b",\n"
    yield b"\n  ]\n}\n"


def _kept(work: Work, user: User) -> dict[str, Any]:
    db = work.db
    return {
        "account": _columns(user, ACCOUNT),
        "emails": _all(
            db,
            Email,
            user,
            ("address", "is_primary", "is_verified", "is_public", "unverify_reason", "transient_bounces"),
        ),
        "second_factors": {
            "authentication_app": user.totp_secret is not None,
            "security_keys": _all(db, SecurityKey, user, ("label", "created_at", "last_used_at")),
            "recovery_codes": _all(db, RecoveryCode, user, ("generated_at", "burned_at")),
        },
        "projects": [{"name": name, "role": role} for name, role in _roles(db, user)],
        "namespaces": list(held_namespaces(db, user)),
        "api_tokens": [_token(token) for token in db.scalars(select(Token).where(Token.user_id == user.id))],
        "linked_accounts": _all(
            db,
            Association,
            user,
            ("service", "external_id", "external_username", "details", "created_at", "updated_at"),
        ),
        "roles_from_groups": _all(db, GroupRole, user, ("issuer", "role", "instead_of", "given_at")),
        "recoveries": _all(
            db, AccountRecovery, user, ("request_url", "project", "address", "started_at", "ended_at", "outcome")
        ),
        "mails": _mails(db, user),
        "terms_of_service": _all(db, TermsEngagement, user, ("revision", "engagement", "at")),
        "sessions": [
            _columns(session, ("created_at", "used_at", "expires_at", "method", "address", "user_agent"))
            for session in sessions_of(db, user, work.now)
        ],
        "network_addresses": _all(db, Device, user, ("address", "status", "user_agent", "created_at", "last_used_at")),
    }


def _token(token: Token) -> dict[str, Any]:
    shown = ("description", "created_at", "expires_at", "last_used_at", "last_used_from")
    return {"id": str(token.id), "projects": projects_of(token), **_columns(token, shown)}


def _roles(db: Session, user: User) -> Sequence[Any]:
    query = select(Project.name, Role.role_name).join(Role, Role.project_id == Project.id)
    return db.execute(query.where(Role.user_id == user.id).order_by(Project.normalized_name)).all()


def _mails(db: Session, user: User) -> list[dict[str, Any]]:
    """What was sent to the user's verified addresses and is still in the log.

    An unverified one may be anybody's, and what was sent there nobody's business.
    """
    theirs = select(SentMail).join(Email, Email.address == SentMail.address)
    theirs = theirs.where(Email.user_id == user.id, Email.is_verified)
    shown = ("address", "subject", "status", "created_at")
    return [_columns(mail, shown) for mail in db.scalars(theirs.order_by(SentMail.id))]


def _all(db: Session, table: Any, user: User, names: Sequence[str]) -> list[dict[str, Any]]:
    query = select(table).where(table.user_id == user.id).order_by(*table.__table__.primary_key.columns)
    return [_columns(row, names) for row in db.scalars(query)]


def _columns(row: object, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
