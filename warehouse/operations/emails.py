"""The addresses of an account: adding, verifying, choosing and removing them."""

from __future__ import annotations

import hmac

from sqlalchemy import exists, select

from warehouse.authz import Permission, require
from warehouse.domain.accounts import Email, UnverifyReason, User, has_second_factor
from warehouse.domain.accounts.admission import hold_emails
from warehouse.domain.packaging import Role
from warehouse.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from warehouse.events import (
    EmailAdded,
    EmailRemoved,
    EmailUnverified,
    EmailVerified,
    PrimaryEmailChanged,
    VerificationRequested,
    tell,
)
from warehouse.operations import limits
from warehouse.operations.addresses import Address, judge_new_address
from warehouse.operations.links import Purpose, read, sign
from warehouse.operations.second_factors import lacks_factor
from warehouse.work import Work

MOST_ADDRESSES = 20
ACTION = "email-verify"


def add_email(work: Work, user: User, text: str) -> Email:
    """Give the account one more address, which has to be verified before it is used for anything.

    Refuses as :func:`judge_new_address` does, and with :class:`TooMany` beyond the limit of the network address.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    hold_emails(work.db, user)
    if len(user.emails) >= MOST_ADDRESSES:
        raise Conflict(f"An account has at most {MOST_ADDRESSES} addresses. Remove one first.", code="many_emails")
    return _add(work, user, text, primary=not user.emails)


def remove_email(work: Work, user: User, email_id: int) -> None:
    """Take an address from the account; refuses with :class:`Conflict` the primary one."""
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    hold_emails(work.db, user)
    email = find_email(user, email_id)
    if email.is_primary:
        raise Conflict("The primary address stays. Make another one the primary address first.", code="is_primary")
    tell(work, EmailRemoved(email))
    user.emails.remove(email)


def make_primary(work: Work, user: User, email_id: int) -> None:
    """Have mail about the account go to this address; the one before is told of it.

    Refuses with :class:`Invalid` an address that is not verified, and with :class:`NotAllowed` somebody without a
    second factor where the index asks for one: whoever has the password alone must not turn the mail to themselves.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    hold_emails(work.db, user)
    if lacks_factor(work, user):
        raise NotAllowed("Set up two-factor authentication before you change the primary address.", code="no_factor")
    email = find_email(user, email_id)
    if not email.is_verified:
        raise Invalid("Only a verified address can be the primary one. Verify it first.", code="not_verified")
    if not email.is_primary:
        switch_primary(work, user, email)


def send_verification(work: Work, user: User, email_id: int) -> None:
    """Send another link that verifies the address.

    Refuses with :class:`Conflict` when it is verified, and with :class:`TooMany` beyond the limit of the account.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    email = find_email(user, email_id)
    if email.is_verified:
        raise Conflict("This address is verified already.", code="is_verified")
    limits.reserve(work, limits.verification(work, user))
    tell(work, VerificationRequested(email, verification_link(work, email)))


def verify_email(work: Work, user: User, text: str) -> Email:
    """Believe that the address is the user's: the link that was sent there came back.

    Refuses with :class:`Invalid` a link that is no good (see :mod:`warehouse.operations.links`), was meant for another
    account or address, or was used.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    hold_emails(work.db, user)
    payload = read(work, Purpose.EMAIL, text)
    if payload.get("action") != ACTION:
        raise Invalid("This link is for something else.", code="link_invalid")
    email = next((one for one in user.emails if str(one.id) == payload.get("email")), None)
    if email is None:
        raise Invalid(
            "This link belongs to another account, or the address was removed. Sign in as whom it was sent to.",
            code="link_foreign",
        )
    if email.is_verified:
        raise Conflict("This address is verified already.", code="is_verified")
    # As bytes: a letter beyond ASCII, which addresses may have, cannot be compared so in text.
    if not hmac.compare_digest(payload.get("state", "").encode(), _state(email).encode()):
        raise Invalid("This link is from before mail to the address failed. Ask for a new one.", code="link_invalid")
    email.verify()
    tell(work, EmailVerified(email))
    limits.forget(work, [*limits.new_address(work), *limits.verification(work, user)])
    return email


def may_replace(work: Work, user: User) -> bool:
    """Whether the address may be put right outright: nothing depends on it yet, no project and no second factor."""
    primary = user.primary_email
    if primary is not None and primary.is_verified:
        return False
    has_role = exists().where(Role.user_id == user.id)
    return not has_second_factor(work.db, user.id) and not work.db.scalar(select(has_role))


def replace_email(work: Work, user: User, text: str) -> Email:
    """Put another address in the place of the primary one that cannot be verified, because it was mistyped.

    Refuses with :class:`NotAllowed` whoever has a verified primary address, a second factor or a project, and as
    :func:`add_email` does. Every attempt counts, whatever becomes of it.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    hold_emails(work.db, user)
    if not may_replace(work, user):
        raise NotAllowed("This address cannot be replaced any more: your account is in use.", code="not_replaceable")
    limits.refuse_beyond(work, limits.new_address(work))
    limits.reserve(work, limits.address_change(work, user))
    former = user.primary_email
    email = _add(work, user, text, primary=False)
    switch_primary(work, user, email)
    if former is not None:
        tell(work, EmailRemoved(former))
        user.emails.remove(former)
    return email


def unverify_email(work: Work, email: Email, reason: UnverifyReason) -> None:
    """Do not count the address as verified any more; the history tells of it once."""
    require(work.actor, Permission.OPERATE)
    if email.unverify(reason):
        tell(work, EmailUnverified(email, reason))


def verification_link(work: Work, email: Email) -> str:
    """Where the address is verified, by whoever is signed in as its owner."""
    token = sign(work.tools.secret, Purpose.EMAIL, action=ACTION, email=email.id, state=_state(email))
    return f"{work.settings.public_url}/account/verify-email/?token={token}"


def find_email(user: User, email_id: int) -> Email:
    """The user's address with this number; refuses with :class:`NotFound`."""
    found = next((email for email in user.emails if email.id == email_id), None)
    if found is None:
        raise NotFound("There is no such address; it may have been removed.", code="no_such_email")
    return found


def _state(email: Email) -> str:
    """What changes when mail to the address is found to fail, so that links from before end."""
    return f"{email.address.lower()} {email.unverify_reason or ''}"


def _add(work: Work, user: User, text: str, *, primary: bool) -> Email:
    attempt = limits.new_address(work)
    limits.reserve(work, attempt)
    try:
        address = judge_new_address(work, text)
        limits.reserve(work, limits.verification(work, user))
    except (Invalid, TooMany):  # a Conflict counts: which addresses have accounts cannot be asked without end
        limits.give_back(work, attempt)
        raise
    return _added(work, user, address, primary=primary)


def _added(work: Work, user: User, address: Address, *, primary: bool) -> Email:
    email = Email(address=address.text, is_primary=primary, is_verified=False)
    user.emails.append(email)
    work.db.flush()
    tell(work, EmailAdded(email, verification_link(work, email)))
    return email


def switch_primary(work: Work, user: User, email: Email) -> None:
    """Make this the primary address without asking anything, for whoever was permitted it otherwise."""
    former = user.primary_email
    if former is not None:
        former.is_primary = False
        work.db.flush()  # at no moment two of them
    email.is_primary = True
    tell(work, PrimaryEmailChanged(email, former))
