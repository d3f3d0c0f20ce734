"""Passwords of accounts: proving, changing and resetting them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select

from warehouse.authz import Permission, require
from warehouse.domain.accounts import Email, User, UserSession, user_named
from warehouse.domain.accounts.queries import held_user
from warehouse.errors import Invalid, TooMany, Unavailable
from warehouse.events import (
    PasswordChanged,
    PasswordReset,
    PasswordResetAttempted,
    PasswordResetRequested,
    ReauthenticationFailed,
    tell,
)
from warehouse.infra.jobs import enqueue, job
from warehouse.operations import limits, links
from warehouse.operations.links import Purpose, moment
from warehouse.operations.new_passwords import known_of, password_mistake
from warehouse.operations.sessions import end_sessions, keep_signed_in, mark_authenticated
from warehouse.work import ANONYMOUS, Work

RESET_PAGE = "/account/reset-password/"
LONGEST_IDENTIFIER = 254  # characters: no address is longer

WRONG = "The password is wrong. Try again, or reset it if you do not remember it."
DIFFERENT = "The two passwords are not the same. Type them again."


def is_right(work: Work, user: User, password: str) -> bool:
    """Whether this is the user's password; refuses with :class:`TooMany` to say so after too many wrong ones.

    The attempt counts before it is judged, so that guesses made at the same time all count. Whoever asks tells of a
    wrong one in the user's history.
    """
    work.tools.passwords.refuse_a_crowd()
    counted = limits.sign_in(work, user)
    limits.reserve(work, counted)
    try:
        matches = _matches(work, user, password)
    except Unavailable:  # in a rush nothing was judged
        limits.give_back(work, counted)
        raise
    if matches:
        limits.give_back(work, counted)
    return matches


def prove(work: Work, user: User, password: str, *, session: UserSession | None = None) -> bool:
    """Whether somebody who is signed in knows the password of the account, which sensitive acts ask for once more.

    ``session`` counts as just authenticated if so. Refuses as :func:`is_right` does; a wrong password is told of in the
    user's history, so whoever asks lets the work commit.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    if not is_right(work, user, password):
        tell(work, ReauthenticationFailed(user))
        return False
    if session is not None:
        mark_authenticated(work, session)
    return True


def give_password(work: Work, user: User, password: str, *, stay: UserSession | None = None) -> None:
    """Make this the user's password. All sessions end, except ``stay``; nothing is checked or told."""
    user.password_hash = work.tools.passwords.hash(password)
    user.password_set_at = work.now
    user.password_disabled_for = None
    end_sessions(work, user, but=stay)
    if stay is not None:
        keep_signed_in(stay, user)


def change_password(
    work: Work, user: User, *, session: UserSession, current: str, new: str, again: str
) -> Mapping[str, str]:
    """Give oneself another password, or a first one, and end all other sessions; mistakes by field if there are any.

    Who has a password shows that they know it. Refuses with :class:`TooMany` after too many wrong ones.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    judged = user.password_hash
    mistakes = _mistakes(work, user, new, again)
    if judged is not None and not prove(work, user, current, session=session):
        mistakes["password"] = WRONG
    # All this takes a while, in which somebody else may have changed the password: they have the last word.
    if not mistakes and (held_user(work.db, user.id) is None or user.password_hash != judged):
        mistakes["password"] = WRONG
    if not mistakes:
        give_password(work, user, new, stay=session)
        tell(work, PasswordChanged(user))
    return mistakes


def request_reset(work: Work, identifier: str) -> None:
    """Have a mail sent with which the password of this account can be reset, if there is one and it may be.

    ``identifier`` is a username or an address. Nothing tells whose: not the outcome, not how long it takes, not the
    limits (:class:`TooMany`), which count by what was typed and by address. A worker does the rest.
    """
    identifier = identifier.strip()
    if not 0 < len(identifier) <= LONGEST_IDENTIFIER or not identifier.isprintable():
        raise Invalid("Type your username or your e-mail address.", code="bad_identifier")
    limits.reserve(work, (*limits.reset_requests(work), *limits.reset_requests_for(work, identifier)))
    enqueue(
        work.db,
        mail_password_reset,
        identifier=identifier,
        address=work.actor.address,
        user_agent=work.actor.user_agent,
    )


@job(queue="mail")
def mail_password_reset(work: Work, identifier: str, address: str | None, user_agent: str | None) -> None:
    """Look up who is meant, and write to them; ``address`` and ``user_agent`` are of whoever asked."""
    work = replace(work, actor=replace(ANONYMOUS, address=address, user_agent=user_agent))
    email = _address_of(work, identifier)
    if email is None:
        return
    user = email.user
    if not may_reset(user):
        tell(work, PasswordResetAttempted(user))
        return
    try:
        limits.reserve(work, limits.password_reset(work, user))
    except TooMany:
        tell(work, PasswordResetAttempted(user))  # by another of the user's names; whoever asked is not told
        return
    if email.is_verified:
        tell(work, PasswordResetRequested(user, email.address, _reset_link(work, user, email)))
    else:
        tell(work, PasswordResetAttempted(user, unverified=email.address))


def may_reset(user: User) -> bool:
    """Whether a mailbox is enough. Who has power over others, or was taken out, is looked at by a person."""
    is_staff = user.is_administrator or user.is_moderator
    return not (is_staff or user.prohibit_password_reset or user.is_frozen)


def who_resets(work: Work, token: str, *, hold: bool = False) -> User:
    """Whose password the link resets; ``hold`` keeps others from using it until the transaction ends.

    Refuses with :class:`Invalid`: link_missing, link_expired, link_invalid, and link_used when the user has signed in
    or changed the password since.
    """
    payload = links.read(work, Purpose.PASSWORD, token)
    user_id = uuid.UUID(payload["user"])
    user = held_user(work.db, user_id) if hold else work.db.get(User, user_id)
    if payload["action"] != "password-reset" or user is None or not may_reset(user):
        raise Invalid("The link is not valid any more. Ask for a new one.", code="link_invalid")
    if payload["login"] != moment(user.last_login_at):
        raise Invalid("You have signed in since this link was made. Ask for a new one.", code="link_used")
    if payload["password"] != moment(user.password_set_at):
        raise Invalid("The password was changed since this link was made. Ask for a new one.", code="link_used")
    if not any(email.address == payload["email"] and email.is_verified for email in user.emails):
        raise Invalid("The address that this link was sent to is not yours any more.", code="link_invalid")
    return user


def reset_password(work: Work, token: str, *, new: str, again: str) -> Mapping[str, str]:
    """Give whoever has the link a new password, once; mistakes by field if there are any. Refuses as `who_resets`.

    Nobody is signed in by this, and a second factor is asked for as ever.
    """
    mistakes = _mistakes(work, who_resets(work, token), new, again)
    if not mistakes:
        user = who_resets(work, token, hold=True)
        give_password(work, user, new)
        tell(work, PasswordReset(user))
        limits.forget(work, limits.password_reset(work, user))
        for name in (user.username, *(email.address for email in user.emails)):
            limits.forget(work, limits.reset_requests_for(work, name))
    return mistakes


def _matches(work: Work, user: User, password: str) -> bool:
    """Takes as long for somebody who has no password: nobody learns from the time whether there is one."""
    if user.password_hash is None:
        work.tools.passwords.hash(password)
        return False
    return work.tools.passwords.matches(password, user.password_hash)


def _mistakes(work: Work, user: User, new: str, again: str) -> dict[str, str]:
    mistakes = {}
    if (mistake := password_mistake(work, new, about=known_of(user))) is not None:
        mistakes["new_password"] = mistake
    if new != again:
        mistakes["password_confirm"] = DIFFERENT
    return mistakes


def _address_of(work: Work, identifier: str) -> Email | None:
    """The address that was typed, or the primary one of the user whose name it was."""
    if "@" in identifier:
        return work.db.scalar(select(Email).where(Email.address == identifier))
    user = user_named(work.db, identifier)
    return user.primary_email if user is not None else None


def _reset_link(work: Work, user: User, email: Email) -> str:
    token = links.sign(
        work.tools.secret,
        Purpose.PASSWORD,
        action="password-reset",
        user=user.id,
        email=email.address,
        login=moment(user.last_login_at),
        password=moment(user.password_set_at),
    )
    return f"{work.settings.public_url}{RESET_PAGE}?token={token}"
