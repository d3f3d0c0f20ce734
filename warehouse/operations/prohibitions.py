"""Names that nobody can register, and domains whose addresses nobody can."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select

from warehouse.authz import Permission, require
from warehouse.domain.accounts import ProhibitedDomain, ProhibitedUsername
from warehouse.errors import Conflict, Invalid, NotFound
from warehouse.events import Permitted, Prohibited, tell
from warehouse.infra.domains import plain, registrable
from warehouse.operations.reasons import sound_reason
from warehouse.standards.usernames import is_username
from warehouse.work import Work

_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*")


def prohibit_username(work: Work, username: str, *, comment: str = "") -> ProhibitedUsername:
    """Let nobody register this name, whatever its case; who has it keeps it. Refuses with :class:`Conflict` twice."""
    require(work.actor, Permission.OPERATE)
    if not is_username(username):
        raise Invalid(f"{username!r} is not a username, so that nobody can register it anyway.", code="bad_username")
    if work.db.get(ProhibitedUsername, username.lower()) is not None:
        raise Conflict(f"The username {username!r} is prohibited already.", code="is_prohibited")
    prohibited = ProhibitedUsername(
        name=username.lower(), prohibited_by=work.actor.name, comment=sound_reason(comment), created_at=work.now
    )
    work.db.add(prohibited)
    tell(work, Prohibited(prohibited))
    return prohibited


def permit_username(work: Work, username: str) -> None:
    """Let people register this name again; refuses with :class:`NotFound`."""
    require(work.actor, Permission.OPERATE)
    found = work.db.get(ProhibitedUsername, username.lower())
    if found is None:
        raise NotFound(f"The username {username!r} is not prohibited.", code="not_prohibited")
    tell(work, Permitted(found))
    work.db.delete(found)


def prohibit_domain(work: Work, domain: str, *, mail_hosts: bool = False, comment: str = "") -> ProhibitedDomain:
    """Let nobody register, or add, an address of this domain; accounts that have one keep it.

    Of the name only what was registered counts: ``mail.example.org`` prohibits ``example.org`` and all below it. With
    ``mail_hosts`` it is the addresses whose mail is received by hosts of this name, or of names below what was
    registered of it, instead. Refuses with :class:`Conflict` a domain that is prohibited.
    """
    require(work.actor, Permission.OPERATE)
    name = _parsed(domain)
    name = name if mail_hosts else registrable(name)
    if work.db.get(ProhibitedDomain, name) is not None:
        raise Conflict(f"The domain {name} is prohibited already.", code="is_prohibited")
    prohibited = ProhibitedDomain(
        domain=name, is_mx=mail_hosts, prohibited_by=work.actor.name, comment=sound_reason(comment), created_at=work.now
    )
    work.db.add(prohibited)
    tell(work, Prohibited(prohibited))
    return prohibited


def permit_domain(work: Work, domain: str) -> ProhibitedDomain:
    """Let people use addresses of this domain again; refuses with :class:`NotFound`."""
    require(work.actor, Permission.OPERATE)
    name = _parsed(domain)
    found = work.db.get(ProhibitedDomain, name) or work.db.get(ProhibitedDomain, registrable(name))
    if found is None:
        raise NotFound(f"The domain {name} is not prohibited.", code="not_prohibited")
    tell(work, Permitted(found))
    work.db.delete(found)
    return found


def prohibited_usernames(work: Work) -> Sequence[ProhibitedUsername]:
    """All of them by name."""
    require(work.actor, Permission.OPERATE)
    return list(work.db.scalars(select(ProhibitedUsername).order_by(ProhibitedUsername.name)))


def prohibited_domains(work: Work) -> Sequence[ProhibitedDomain]:
    """All of them by name."""
    require(work.actor, Permission.OPERATE)
    return list(work.db.scalars(select(ProhibitedDomain).order_by(ProhibitedDomain.domain)))


def _parsed(domain: str) -> str:
    name = plain(domain.strip())
    try:
        name = name.encode("idna").decode("ascii") if not name.isascii() else name
    except UnicodeError:
        name = ""
    if not _DOMAIN.fullmatch(name):
        raise Invalid(f"{domain!r} is not a domain. Write one such as example.org.", code="bad_domain")
    return name
