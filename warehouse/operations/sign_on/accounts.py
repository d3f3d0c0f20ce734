"""Opening accounts for people for whom an issuer vouches."""

from __future__ import annotations

from itertools import count

from warehouse.domain.accounts import Email, User, user_named
from warehouse.domain.accounts.admission import is_prohibited_username
from warehouse.domain.accounts.names import RESERVED
from warehouse.domain.site.flags import FlagName, flags_on
from warehouse.errors import Conflict, NotAllowed
from warehouse.events import Registered, tell
from warehouse.operations import limits
from warehouse.operations.addresses import parse_address, refuse_taken
from warehouse.operations.emails import verification_link
from warehouse.operations.sign_on.claims import Person
from warehouse.standards import usernames
from warehouse.work import Work

MOST_NAMES = 100


def open_account(work: Work, person: Person, title: str) -> User:
    """A new account without a password. Its address is verified if the issuer says so, and else by mail.

    Refuses with :class:`NotAllowed` while nobody may register, or without an address, and with :class:`Invalid` and
    :class:`Conflict` an address that is none or somebody's.
    """
    if FlagName.DISALLOW_NEW_USERS in flags_on(work.db):
        raise NotAllowed("New accounts are not opened at present. Try again later.", code="registration_closed")
    if person.email is None:
        raise NotAllowed(f"{title} does not tell your e-mail address, and an account needs one.", code="no_email")
    address = parse_address(person.email, anywhere=True)
    refuse_taken(work, address)
    email = Email(address=address.text, is_primary=True, is_verified=person.email_is_verified)
    user = User(username=_free_name(work, person.username), name=person.name, created_at=work.now, emails=[email])
    work.db.add(user)
    work.db.flush()
    if not email.is_verified:
        limits.reserve(work, limits.verification(work, user))
    tell(work, Registered(user, link=None if email.is_verified else verification_link(work, email)))
    return user


def _free_name(work: Work, wanted: str) -> str:
    """The name, or the first free one of those with a number behind it."""
    for number in count(1):
        behind = f"-{number}" if number > 1 else ""
        name = wanted[: usernames.LONGEST - len(behind)].rstrip("._-") + behind
        if _is_free(work, name):
            return name
        if number == MOST_NAMES:
            break
    raise Conflict(
        f"All user names like {wanted!r} are taken. Ask those who run this index for an account.", code="username_taken"
    )


def _is_free(work: Work, name: str) -> bool:
    is_held = name.lower() in RESERVED or is_prohibited_username(work.db, name)
    return not is_held and user_named(work.db, name) is None
