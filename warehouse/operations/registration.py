"""Making accounts."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import text

from warehouse.authz import Permission, require
from warehouse.domain.accounts import Email, Invitation, User, any_administrator, user_named
from warehouse.domain.accounts.admission import is_prohibited_username
from warehouse.domain.accounts.names import RESERVED
from warehouse.domain.site.flags import FlagName, flags_on
from warehouse.errors import Conflict, Gone, Invalid, Mistakes, NotAllowed, NotFound
from warehouse.events import AdministratorArrived, Registered, UserCreated, tell
from warehouse.operations import limits
from warehouse.operations.addresses import TAKEN, Address, judge_new_address, parse_address, refuse_taken
from warehouse.operations.emails import verification_link
from warehouse.operations.new_passwords import check_password, password_mistake
from warehouse.operations.profile import sound_name
from warehouse.operations.terms import agree
from warehouse.standards import usernames
from warehouse.standards.usernames import is_username
from warehouse.work import Work

SHORTEST_USERNAME = 2
"""Of those that people choose; an operator may give a shorter one."""

FIRST_START_LOCK = 0x66697273  # "firs"


@dataclass(frozen=True)
class Applicant:
    """What somebody who wants an account says about themselves."""

    username: str
    email: str
    password: str = field(repr=False)
    name: str = ""


def register(
    work: Work,
    applicant: Applicant,
    *,
    invitation: Invitation | None = None,
    noted: Mapping[str, str] | None = None,
) -> User:
    """Open an account for whoever asks, as far as the settings let them.

    With an ``invitation`` its address is the account's, and verified: the link was sent to it. Otherwise a mail is sent
    there that leads back, and the address counts against its network's limit. Refuses with :class:`NotAllowed` when
    nobody may register, with :class:`TooMany` beyond the limit, and with :class:`Mistakes`, all of them at once, those
    that the door ``noted`` included.
    """
    refuse_registration(work, invited=invitation is not None)
    attempt = limits.new_address(work) if invitation is None else ()
    limits.reserve(work, attempt)
    try:
        address = _judge(work, applicant, invitation, dict(noted or {}))
    except Mistakes as refusal:
        # Which addresses have accounts cannot be asked without end.
        if refusal.by_field.get("email") != TAKEN:
            limits.give_back(work, attempt)
        raise
    user = _added(work, applicant.username, address, applicant.password, verified=invitation is not None)
    user.name = sound_name(applicant.name)
    agree(work, user)
    if invitation is not None:
        invitation.accepted_by = user.id
        tell(work, Registered(user, link=None, invited_by=invitation.invited_by))
    else:
        limits.reserve(work, limits.verification(work, user))
        tell(work, Registered(user, link=verification_link(work, user.emails[0])))
    return user


def refuse_registration(work: Work, *, invited: bool = False) -> None:
    """Refuse with :class:`NotAllowed` when nobody can register now, or nobody who is not ``invited``.

    Whoever asks is a stranger; that a stranger may register is not theirs to be permitted, but for the index to say.
    """
    if FlagName.DISALLOW_NEW_USERS in flags_on(work.db):
        raise NotAllowed("New accounts are not opened at present. Try again later.", code="registration_closed")
    if not work.settings.sign_on.offers_passwords:
        raise NotAllowed("Sign in through your organization: that opens an account, too.", code="registration_closed")
    match work.settings.accounts.registration:
        case "closed":
            sentence = "Accounts are opened by those who run this index. Ask them for one."
        case "invitation" if not invited:
            sentence = "Accounts are opened by invitation. Ask those who run this index for one."
        case _:
            return
    raise NotAllowed(sentence, code="registration_closed")


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


def become_administrator(work: Work, key: str, applicant: Applicant, *, noted: Mapping[str, str]) -> User:
    """Open the administrator's account with the first-start link; it works once.

    Refuses with :class:`Mistakes`, all of them at once, those that the door ``noted`` included. No account is worth
    more, so the password is judged like everybody's.
    """
    # Two visitors at once: without the lock both would find no administrator yet.
    work.db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": FIRST_START_LOCK})
    check_first_start_key(work, key)
    mistakes: dict[str, str] = {}
    with _noted(mistakes, "username"):
        check_username(work, applicant.username)
    with _noted(mistakes, "email"):
        refuse_taken(work, parse_address(applicant.email, anywhere=True))
    if mistake := password_mistake(work, applicant.password, about=[applicant.username, applicant.email]):
        mistakes["password"] = mistake
    if mistakes or noted:
        raise Mistakes(mistakes | dict(noted))
    user = _open_account(
        work,
        applicant.username,
        email=applicant.email,
        password=applicant.password,
        verified=True,
        administrator=True,
    )
    tell(work, AdministratorArrived(user))
    return user


def check_username(work: Work, username: str) -> None:
    """Refuse a name that cannot be one (:class:`Invalid`), and one that is somebody's (:class:`Conflict`)."""
    if not is_username(username):
        raise Invalid(
            f"A username has up to {usernames.LONGEST} ASCII letters, digits, '.', '_' and '-', "
            "and begins and ends with a letter or digit.",
            code="bad_username",
        )
    if username.lower() in RESERVED or user_named(work.db, username) is not None:
        raise Conflict(f"The name {username!r} is taken. Choose another one.", code="username_taken")


def _judge(work: Work, applicant: Applicant, invitation: Invitation | None, mistakes: dict[str, str]) -> Address:
    """The address, when everything else is right, too; refuses with all :class:`Mistakes` at once."""
    with _noted(mistakes, "name"):
        sound_name(applicant.name)
    with _noted(mistakes, "email"):
        address = judge_new_address(work, applicant.email) if invitation is None else _invited(work, invitation)
    with _noted(mistakes, "username"):
        _check_chosen_username(work, applicant.username)
    about = [applicant.name, applicant.username, applicant.email]
    if mistake := password_mistake(work, applicant.password, about=about):
        mistakes["password"] = mistake
    if mistakes:
        raise Mistakes(mistakes)
    return address


@contextmanager
def _noted(mistakes: dict[str, str], field: str) -> Iterator[None]:
    try:
        yield
    except (Invalid, Conflict) as refusal:
        mistakes[field] = refusal.sentence


def _invited(work: Work, invitation: Invitation) -> Address:
    address = parse_address(invitation.address, anywhere=True)
    refuse_taken(work, address)
    return address


def _check_chosen_username(work: Work, username: str) -> None:
    if len(username) < SHORTEST_USERNAME:
        raise Invalid(f"A username has at least {SHORTEST_USERNAME} characters.", code="bad_username")
    check_username(work, username)
    if is_prohibited_username(work.db, username):
        raise Invalid(f"Nobody can have the name {username!r} here. Choose another one.", code="username_prohibited")


def _open_account(
    work: Work, username: str, *, email: str, password: str | None, verified: bool, administrator: bool
) -> User:
    check_username(work, username)
    if password is not None:
        check_password(password)
    address = parse_address(email, anywhere=True)
    refuse_taken(work, address)
    user = _added(work, username, address, password, verified=verified)
    user.is_administrator = administrator
    tell(work, UserCreated(user))
    return user


def _added(work: Work, username: str, address: Address, password: str | None, *, verified: bool) -> User:
    user = User(
        username=username,
        password_hash=work.tools.passwords.hash(password) if password is not None else None,
        password_set_at=work.now if password is not None else None,
        created_at=work.now,
        emails=[Email(address=address.text, is_primary=True, is_verified=verified)],
    )
    work.db.add(user)
    work.db.flush()
    return user
