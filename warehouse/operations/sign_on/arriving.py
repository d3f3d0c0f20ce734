"""What becomes of somebody for whom an issuer vouches: the account they are let into, or why they are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select

from warehouse.authz import Permission, require
from warehouse.domain.accounts import Association, DisabledFor, Email, User, UserSession, has_second_factor, is_banned
from warehouse.domain.accounts.associations import ISSUER, association_of, is_associated
from warehouse.errors import Conflict, Invalid, NotAllowed
from warehouse.events import AssociationAdded, SignOnRefused, tell
from warehouse.operations.sessions import end_sessions, mark_authenticated
from warehouse.operations.sign_on.accounts import open_account
from warehouse.operations.sign_on.beginning import Aim, Asked, come_back, find_issuer, title_of
from warehouse.operations.sign_on.claims import Person
from warehouse.operations.sign_on.groups import apply_groups
from warehouse.operations.sign_on.vouching import person_behind
from warehouse.settings.sign_on import Issuer
from warehouse.work import Work


@dataclass(frozen=True)
class Arrived:
    """Somebody came back. ``user`` is who they are here; None when they are not let in, and ``sentence`` says why.

    ``asks_for_factor``: they have a second factor here, and the issuer is not trusted with one. ``is_secured``: it is,
    and has seen one.
    """

    aim: Aim
    next: str
    user: User | None = None
    sentence: str = ""
    is_new: bool = False
    asks_for_factor: bool = False
    is_secured: bool = False


def arrive(
    work: Work, name: str, query: Mapping[str, str], *, browser: str | None, session: UserSession | None
) -> Arrived:
    """Take somebody in who comes back from an issuer. ``session`` is where they are signed in, if they are.

    What has to be kept although they are not let in - roles that their groups no longer give - is kept: then they are
    told in the outcome. Refuses what the issuer did not say, or not to us, as :func:`come_back` and
    :func:`person_behind` do.
    """
    issuer = find_issuer(work, name)
    asked = come_back(work, name, query, browser)
    person = person_behind(work, name, asked, query)
    if asked.aim is Aim.SIGN_IN:
        return _sign_in(work, name, issuer, asked, person)
    if session is None or session.id != asked.session_id:
        raise Invalid("You have signed out meanwhile, or signed in anew. Start again.", code="session_ended")
    user = work.db.get_one(User, session.user_id)
    if asked.aim is Aim.CONNECT:
        _connect(work, name, issuer, person, user)
    else:
        _prove(work, name, issuer, person, user)
        mark_authenticated(work, session)
    return Arrived(asked.aim, asked.next, user)


def _sign_in(work: Work, name: str, issuer: Issuer, asked: Asked, person: Person) -> Arrived:
    if is_banned(work.db, work.actor.address):
        raise NotAllowed("Nobody signs in from your network address.", code="address_banned")
    _check_groups_are_told(name, issuer, person)
    found = _association(work, name, issuer, person)
    user, is_new = (work.db.get_one(User, found.user_id), False) if found is not None else (None, False)
    if user is None:
        if not _is_welcome(issuer, person):
            return Arrived(asked.aim, asked.next, sentence=_not_welcome(name, issuer))
        user, is_new = _newcomer(work, name, issuer, person)
        found = _associate(work, user, name, issuer, person, quietly=is_new)
    return replace(_let_in(work, name, issuer, asked, person, user, found), is_new=is_new)


def _let_in(
    work: Work, name: str, issuer: Issuer, asked: Asked, person: Person, user: User, found: Association | None
) -> Arrived:
    if (shut_out := _shut_out(work, user)) is not None:
        reason, sentence = shut_out
        tell(work, SignOnRefused(user, name, reason))
        return Arrived(asked.aim, asked.next, sentence=sentence)
    if found is not None:
        _note(work, found, issuer, person)
    is_welcome = _is_welcome(issuer, person)
    apply_groups(work, user, name, person.groups if is_welcome else (), issuer.roles)
    if not is_welcome:
        end_sessions(work, user)
        tell(work, SignOnRefused(user, name, "not_in_groups"))
        return Arrived(asked.aim, asked.next, sentence=_not_welcome(name, issuer))
    return Arrived(
        asked.aim,
        asked.next,
        user,
        asks_for_factor=not person.has_second_factor and has_second_factor(work.db, user.id),
        is_secured=person.has_second_factor,
    )


def _shut_out(work: Work, user: User) -> tuple[str, str] | None:
    """Why those who run the index keep the user out: a word for the history, and a sentence."""
    if user.is_frozen:
        contact = work.settings.site.security_contact or "those who run this index"
        return "account_frozen", f"Your account is suspended. Write to {contact}."
    if user.password_disabled_for == DisabledFor.ADMINISTRATOR and work.settings.sign_on.offers_passwords:
        # Somebody else may have got hold of the account, and linked theirs with it. Its owner reads its mail.
        return "shut_out", "Reset your password first: those who run this index have closed every other way in."
    return None


def _newcomer(work: Work, name: str, issuer: Issuer, person: Person) -> tuple[User, bool]:
    """The account of somebody who comes for the first time, and whether it is a new one."""
    title = title_of(name, issuer)
    if person.email is not None:
        holder = work.db.scalar(select(Email).where(Email.address == person.email))
        if holder is not None and not (issuer.link_by_email and person.email_is_verified and holder.is_verified):
            raise Conflict(
                f"Another account has the address {person.email}. If it is yours, sign in to it as before and link "
                f"it with {title} on your account's page.",
                code="email_taken",
            )
        if holder is not None:
            # An address may be another's by now; whoever it was before has come with a name of their own.
            _refuse_second(work, holder.user, name, title)
            return holder.user, False
    if not issuer.registration:
        raise NotAllowed(
            f"You have no account here. Ask those who run this index for one, and link it with {title}.",
            code="no_account",
        )
    return open_account(work, person, title), True


def _connect(work: Work, name: str, issuer: Issuer, person: Person, user: User) -> None:
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    found = _association(work, name, issuer, person)
    if found is not None:
        whose = "your" if found.user_id == user.id else "another"
        raise Conflict(f"That account is linked with {whose} account already.", code="associated")
    if not _is_welcome(issuer, person):
        raise NotAllowed(_not_welcome(name, issuer), code="not_welcome")
    _check_groups_are_told(name, issuer, person)
    _refuse_second(work, user, name, title_of(name, issuer))
    _associate(work, user, name, issuer, person)
    apply_groups(work, user, name, person.groups, issuer.roles)


def _prove(work: Work, name: str, issuer: Issuer, person: Person, user: User) -> None:
    found = _association(work, name, issuer, person)
    if found is None or found.user_id != user.id:
        raise Invalid(
            f"At {title_of(name, issuer)} you are signed in as somebody else than here. Sign out there first.",
            code="somebody_else",
        )


def _association(work: Work, name: str, issuer: Issuer, person: Person) -> Association | None:
    found = association_of(work.db, ISSUER + name, person.subject)
    if found is not None and found.details.get("issuer") != issuer.issuer:
        # Somebody of the same name at another issuer is somebody else.
        raise NotAllowed(
            f"{title_of(name, issuer)} is another issuer than the one that your account is linked with. Tell those "
            "who run this index.",
            code="another_issuer",
        )
    return found


def _associate(
    work: Work, user: User, name: str, issuer: Issuer, person: Person, *, quietly: bool = False
) -> Association:
    association = Association(
        user_id=user.id,
        service=ISSUER + name,
        external_id=person.subject,
        external_username=person.email or person.username,
        details={},
        created_at=work.now,
    )
    _note(work, association, issuer, person)
    work.db.add(association)
    work.db.flush()
    named = (title_of(name, issuer), person.subject, association.external_username)
    tell(work, AssociationAdded(user, association.service, *named, quietly=quietly))
    return association


def _note(work: Work, association: Association, issuer: Issuer, person: Person) -> None:
    association.external_username = person.email or person.username
    association.details = {"issuer": issuer.issuer, "second_factor": person.has_second_factor}
    association.updated_at = work.now


def _refuse_second(work: Work, user: User, name: str, title: str) -> None:
    if is_associated(work.db, user.id, ISSUER + name):
        raise Conflict(f"The account is linked with somebody else at {title} already.", code="associated")


def _is_welcome(issuer: Issuer, person: Person) -> bool:
    return not issuer.allowed_groups or not person.groups.isdisjoint(issuer.allowed_groups)


def _not_welcome(name: str, issuer: Issuer) -> str:
    return f"Your groups at {title_of(name, issuer)} do not include one that may use this index. Ask those who run it."


def _check_groups_are_told(name: str, issuer: Issuer, person: Person) -> None:
    if person.lacks_groups and (issuer.roles or issuer.allowed_groups):
        raise NotAllowed(
            f"{title_of(name, issuer)} does not tell your groups, since there are too many of them. Tell those who run "
            "this index.",
            code="groups_missing",
        )
