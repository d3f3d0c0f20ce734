"""Making accounts."""

from __future__ import annotations

import hashlib
import hmac
import re

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import exists, select, text

from warehouse.authz import Permission, require
from warehouse.domain.accounts import Email, User, any_administrator, user_named
from warehouse.errors import Conflict, Gone, Invalid, NotFound
from warehouse.events import AdministratorArrived, UserCreated, tell
from warehouse.operations.new_passwords import check_password
from warehouse.work import Work

USERNAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
USERNAME_LENGTH = 50

FIRST_START_LOCK = 0x66697273  # "firs"


def create_user(
    work: Work, username: str, *, email: str, password: str | None, verified: bool = False, administrator: bool = False
) -> User:
    """Open an account; without a password it can only be used through tokens.

    Refuses a name or address that is malformed (:class:`Invalid`) or taken (:class:`Conflict`).
    """
    require(work.actor, Permission.CREATE_USER)
    return _open_account(work, username, email=email, password=password, verified=verified, administrator=administrator)


def first_start_key(secret: bytes) -> str:
    """The unguessable part of the link that makes its first visitor the administrator."""
    return hmac.new(secret, b"first start", hashlib.sha256).hexdigest()[:40]


def check_first_start_key(work: Work, key: str) -> None:
    """Refuse a wrong key (:class:`NotFound`), and any key once there is an administrator (:class:`Gone`)."""
    if not hmac.compare_digest(key.encode(), first_start_key(work.tools.secret).encode()):
        raise NotFound("This link is not valid. Start the index to see the right one.")
    if any_administrator(work.db):
        raise Gone("This index has its administrator already; the link was used.", code="link_used")


def become_administrator(work: Work, key: str, username: str, *, email: str, password: str) -> User:
    """Open the administrator's account with the first-start link; it works once."""
    # Two visitors at once: without the lock both would find no administrator yet.
    work.db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": FIRST_START_LOCK})
    check_first_start_key(work, key)
    user = _open_account(work, username, email=email, password=password, verified=True, administrator=True)
    tell(work, AdministratorArrived(user))
    return user


def _open_account(
    work: Work, username: str, *, email: str, password: str | None, verified: bool, administrator: bool
) -> User:
    address = _well_formed(username, email, password)
    if user_named(work.db, username) is not None:
        raise Conflict(f"The name {username!r} is taken. Choose another one.", code="username_taken")
    if work.db.scalar(select(exists().where(Email.address == address))):
        raise Conflict("Another account uses this e-mail address.", code="email_taken")
    user = User(
        username=username,
        password_hash=work.tools.passwords.hash(password) if password is not None else None,
        is_administrator=administrator,
        created_at=work.now,
        emails=[Email(address=address, is_primary=True, is_verified=verified)],
    )
    work.db.add(user)
    work.db.flush()
    tell(work, UserCreated(user))
    return user


def _well_formed(username: str, email: str, password: str | None) -> str:
    if len(username) > USERNAME_LENGTH or not USERNAME.fullmatch(username):
        raise Invalid(
            f"A username has up to {USERNAME_LENGTH} ASCII letters, digits, '.', '_' and '-', "
            "and begins and ends with a letter or digit.",
            code="bad_username",
        )
    if password is not None:
        check_password(password)
    try:
        return validate_email(email, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise Invalid(f"{email!r} is not an e-mail address: {error}", code="bad_email") from error
