"""Letting somebody into their account again who lost what they signed in with."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from sqlalchemy import select, true

from warehouse.authz import Permission, require
from warehouse.domain.accounts import Email, User
from warehouse.domain.accounts.admission import hold_emails, is_address_taken
from warehouse.domain.accounts.recoveries import AccountRecovery, recovery_of
from warehouse.domain.packaging import Project, Release, Role
from warehouse.errors import Conflict, Invalid, NotFound
from warehouse.events import RecoveryCancelled, RecoveryCompleted, RecoveryStarted, tell
from warehouse.operations import devices
from warehouse.operations.addresses import parse_address
from warehouse.operations.associations import forget_issuers
from warehouse.operations.emails import switch_primary
from warehouse.operations.moderating_people import take_password
from warehouse.operations.second_factors import reset
from warehouse.standards.names import normalize
from warehouse.standards.urls import is_valid_uri, well_known_label
from warehouse.work import Work

TOKEN_LENGTH = 16
URL_LENGTH = 400
FORGES = ("github.com", "gitlab.com", "codeberg.org", "bitbucket.org")


def start_recovery(
    work: Work, user: User, *, request_url: str, project: str | None = None, address: str | None = None
) -> AccountRecovery:
    """Mail a token to the user, to be published where only the owner of the account can write; nothing is changed yet.

    ``request_url`` is where they asked for help. Whose projects say where their sources are has to publish the token in
    the repository of one of them, ``project``. With ``address`` the mail goes there, and the address is theirs in the
    end. Refuses with :class:`Conflict` while another recovery of the account goes on, and an address of somebody else.
    """
    require(work.actor, Permission.RECOVER_ACCOUNT, user)
    request_url = request_url.strip()
    if len(request_url) > URL_LENGTH or not is_valid_uri(request_url) or not urlsplit(request_url).netloc:
        raise Invalid("Give the address of the request for help, such as https://…", code="bad_request_url")
    hold_emails(work.db, user)
    if recovery_of(work.db, user.id) is not None:
        raise Conflict(
            f"{user.username} is being let in again already. Cancel that first, or complete it.", code="is_recovering"
        )
    recovery = AccountRecovery(
        user_id=user.id,
        request_url=request_url,
        project=_chosen(work, user, project),
        address=_override(work, user, address),
        token="".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(TOKEN_LENGTH)),
        started_by=work.actor.name,
        started_at=work.now,
    )
    work.db.add(recovery)
    work.db.flush()
    tell(work, RecoveryStarted(user, recovery))
    return recovery


def cancel_recovery(work: Work, user: User) -> None:
    """Leave the account as it is; refuses with :class:`NotFound` when it is not being recovered."""
    require(work.actor, Permission.RECOVER_ACCOUNT, user)
    hold_emails(work.db, user)
    recovery = find_recovery(work, user)
    _end(work, recovery, "cancelled")
    tell(work, RecoveryCancelled(user, recovery))


def complete_recovery(work: Work, user: User) -> None:
    """Let whoever published the token in: second factors are gone, and a new password is had by mail.

    Sessions end, issuers of single sign-on are linked no more, the address that was given becomes the primary one, and
    network addresses are unknown again. Refuses with :class:`NotFound` when the account is not being recovered, and
    with :class:`Conflict` when that address went to somebody else meanwhile.
    """
    require(work.actor, Permission.RECOVER_ACCOUNT, user)
    hold_emails(work.db, user)
    recovery = find_recovery(work, user)
    if recovery.address is not None:
        _hand_over(work, user, recovery.address)
    reset(work, user)
    forget_issuers(work, user)
    devices.forget_all(work, user)
    take_password(work, user)
    _end(work, recovery, "completed")
    tell(work, RecoveryCompleted(user, recovery))


def find_recovery(work: Work, user: User) -> AccountRecovery:
    """The one that goes on; refuses with :class:`NotFound`."""
    require(work.actor, Permission.RECOVER_ACCOUNT, user)
    recovery = recovery_of(work.db, user.id)
    if recovery is None:
        raise NotFound(f"The account {user.username} is not being recovered.", code="not_recovering")
    return recovery


def projects_with_sources(work: Work, user: User) -> Sequence[str]:
    """The user's projects whose newest release says where its sources are, by name."""
    newest = (
        select(Release.home_page, Release.project_urls)
        .where(Release.project_id == Project.id)
        .order_by(Release.created_at.desc(), Release.id.desc())
        .limit(1)
        .lateral("newest")
    )
    query = (
        select(Project.name, newest.c.home_page, newest.c.project_urls)
        .join(Role, Role.project_id == Project.id)
        .join(newest, true())
        .where(Role.user_id == user.id)
        .order_by(Project.normalized_name)
    )
    return [
        name
        for name, home_page, links in work.db.execute(query)
        if any(_is_repository(label, url) for label, url in _addresses(home_page, links))
    ]


def _addresses(home_page: str | None, links: list[dict[str, str]] | None) -> Iterator[tuple[str, str]]:
    """Label and URL of each."""
    yield "", home_page or ""
    yield from ((link["label"], link["url"]) for link in links or ())


def _is_repository(label: str, url: str) -> bool:
    if not is_valid_uri(url):
        return False
    return well_known_label(label) == "source" or (urlsplit(url).hostname or "").removeprefix("www.") in FORGES


def _chosen(work: Work, user: User, project: str | None) -> str | None:
    possible = projects_with_sources(work, user)
    if project is None and not possible:
        return None
    found = next((name for name in possible if project is not None and normalize(name) == normalize(project)), None)
    if found is None:
        named = ", ".join(possible[:10]) or "none"
        raise Invalid(
            f"Choose one of {user.username}'s projects that say where their sources are: {named}.", code="bad_project"
        )
    return found


def _override(work: Work, user: User, address: str | None) -> str | None:
    if address is None:
        return None
    asked = parse_address(address, anywhere=True).text
    own = _own(user, asked)
    if own is not None:
        return own.address
    if is_address_taken(work.db, asked):
        raise Conflict("Another account uses this e-mail address.", code="email_taken")
    user.emails.append(Email(address=asked, is_primary=False, is_verified=False))
    return asked


def _hand_over(work: Work, user: User, address: str) -> None:
    """Make this the verified primary address: that its owner read the token there is proof enough."""
    email = _own(user, address)
    if email is None:
        if is_address_taken(work.db, address):
            raise Conflict(f"{address} belongs to another account by now. Cancel, and start anew.", code="email_taken")
        email = Email(address=address, is_primary=False, is_verified=False)
        user.emails.append(email)
    email.verify()
    if not email.is_primary:
        switch_primary(work, user, email)


def _own(user: User, address: str) -> Email | None:
    return next((email for email in user.emails if email.address.lower() == address.lower()), None)


def _end(work: Work, recovery: AccountRecovery, outcome: str) -> None:
    recovery.ended_at, recovery.outcome = work.now, outcome
