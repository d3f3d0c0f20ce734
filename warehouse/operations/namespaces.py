"""Granting namespaces (PEP 752) and revoking them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from warehouse.authz import Permission, require
from warehouse.domain.accounts import User
from warehouse.domain.packaging import Namespace
from warehouse.domain.packaging.namespaces import (
    hold_still,
    namespaces_below,
    namespaces_covering,
    owner_of,
    projects_in,
)
from warehouse.errors import Conflict, Invalid, NotFound
from warehouse.events import NamespaceGranted, NamespaceRevoked, tell
from warehouse.standards.names import NormalizedName, is_valid_name, normalize
from warehouse.standards.namespaces import depth
from warehouse.work import Work


def find_namespace(work: Work, name: str) -> Namespace:
    """The grant of this name, however it is spelled."""
    namespace = work.db.get(Namespace, normalize(name))
    if namespace is None:
        raise NotFound(
            f"There is no namespace {name!r}. 'warehouse namespace list' shows all of them.", code="no_such_namespace"
        )
    return namespace


def all_namespaces(work: Work) -> Sequence[tuple[Namespace, str]]:
    """Every grant with the name of its owner, by name."""
    query = select(Namespace, User.username).join(User, User.id == Namespace.owner_id).order_by(Namespace.name)
    return [(namespace, username) for namespace, username in work.db.execute(query)]


def grant_namespace(work: Work, name: str, owner: User) -> Namespace:
    """Let only ``owner`` register new projects called ``name`` or ``name-…`` from now on; twice changes nothing.

    Projects that exist go on, whoever owns them. PEP 752: grants do not overlap between owners, so it refuses with
    :class:`Conflict` what is in, or would cover, somebody else's namespace. The page of every project that is covered
    changes, which is one journal entry each in one statement.
    """
    require(work.actor, Permission.GRANT_NAMESPACE)
    if not work.settings.namespaces.enabled:
        raise Conflict(
            "This index has no namespaces. Set namespaces.enabled, restart the index and try again.",
            code="no_namespaces",
        )
    asked = _sound_name(work, name)
    hold_still(work.db, shared=False)
    above = namespaces_covering(work.db, asked)
    for other in (*above, *namespaces_below(work.db, asked)):
        if other.owner_id != owner.id:
            raise Conflict(_overlap(work, asked, other), code="namespace_overlap")
    if above and above[-1].name == asked:
        return above[-1]
    projects = projects_in(work.db, asked)
    # Those that were made while this waited for its turn are older than the grant, too.
    granted_at = max([work.now, *(project.created_at for project in projects)])
    namespace = Namespace(name=asked, owner_id=owner.id, granted_at=granted_at)
    work.db.add(namespace)
    tell(work, NamespaceGranted(namespace, projects, owner.username))
    return namespace


def revoke_namespace(work: Work, namespace: Namespace) -> None:
    """Let everybody register names in it again, as far as no other grant covers them."""
    require(work.actor, Permission.GRANT_NAMESPACE)
    hold_still(work.db, shared=False)
    tell(work, NamespaceRevoked(namespace, projects_in(work.db, namespace.name), owner_of(work.db, namespace)))
    work.db.delete(namespace)


def _sound_name(work: Work, name: str) -> NormalizedName:
    if not is_valid_name(name):
        raise Invalid(
            f"{name!r} cannot be a namespace: it is named as projects are, with ASCII letters, digits, '.', '_' and "
            "'-', a letter or digit at both ends.",
            code="namespace_name",
        )
    asked, deepest = normalize(name), work.settings.namespaces.max_depth
    if depth(asked) > deepest:
        raise Invalid(
            f"{asked!r} is too deep: a namespace has at most {deepest} hyphens here (namespaces.max_depth).",
            code="namespace_depth",
        )
    return asked


def _overlap(work: Work, asked: NormalizedName, other: Namespace) -> str:
    whose = f"belongs to {owner_of(work.db, other)}"
    if other.name == asked:
        return f"The namespace {asked!r} {whose}. Revoke it first with 'warehouse namespace revoke {asked}'."
    if depth(NormalizedName(other.name)) < depth(asked):
        return f"{asked!r} is in the namespace {other.name!r}, which {whose}: only they can be granted more of it."
    return f"{asked!r} would cover the namespace {other.name!r}, which {whose}: only they can be granted it."
