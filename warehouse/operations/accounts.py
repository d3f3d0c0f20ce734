"""What is done to accounts that exist."""

from __future__ import annotations

from warehouse.authz import Permission, require
from warehouse.domain.accounts import User, user_named
from warehouse.errors import NotFound
from warehouse.events import PasswordSet, tell
from warehouse.operations.new_passwords import check_password
from warehouse.operations.passwords import give_password
from warehouse.work import Work


def find_user(work: Work, username: str) -> User:
    """The user of this name, whatever its case; refuses with :class:`NotFound`."""
    user = user_named(work.db, username)
    if user is None:
        raise NotFound(f"There is no user {username!r}. 'warehouse user list' shows all of them.", code="no_such_user")
    return user


def set_password(work: Work, user: User, password: str) -> None:
    """Give the user this password, whatever the old one was, and end their sessions.

    Refuses one that is too short or too long.
    """
    require(work.actor, Permission.OPERATE)
    check_password(password)
    give_password(work, user, password)
    tell(work, PasswordSet(user))
