"""Asking the table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from warehouse.authz.permissions import Permission
from warehouse.authz.predicates import has_owner
from warehouse.authz.table import GRANTS, WHATEVER_THE_PROJECT, WITH_A_TOKEN
from warehouse.domain.accounts import User
from warehouse.domain.packaging import Project
from warehouse.errors import NotAllowed
from warehouse.standards import caveats
from warehouse.work import Actor, Credential


def allowed(actor: Actor, permission: Permission, resource: Any = None) -> bool:
    """Whether the actor may do this to the resource."""
    if actor.credential is not None and token_denial(actor, actor.credential, permission, resource) is not None:
        return False
    return _is_granted(actor, permission, resource)


def require(actor: Actor, permission: Permission, resource: Any = None) -> None:
    """Refuse with :class:`NotAllowed` unless the actor may do this to the resource."""
    sentence = denial(actor, permission, resource)
    if sentence is not None:
        raise NotAllowed(sentence, code="not_allowed")


def denial(actor: Actor, permission: Permission, resource: Any = None) -> str | None:
    """Why not, in a sentence; None when it is allowed."""
    if actor.credential is not None:
        reason = token_denial(actor, actor.credential, permission, resource)
        if reason is not None:
            return reason
    if _is_granted(actor, permission, resource):
        return None
    if isinstance(resource, Project):
        return _project_denial(actor, permission, resource)
    whose = f" the user {resource.username!r}" if isinstance(resource, User) else ""
    return f"{_who(actor)} isn't allowed to {permission.value}{whose}."


def token_denial(actor: Actor, credential: Credential, permission: Permission, resource: Any) -> str | None:
    """Why this token does not cover it, in a sentence; None when it does."""
    if credential.flaw is not None:
        return invalid_token([credential.flaw])
    if permission not in WITH_A_TOKEN:
        return f"An API token can't be used to {permission.value}."
    if permission is Permission.DERIVE_TOKENS and credential.parent_id is not None:
        return "A token that was made from another one makes no more. Use the one that it was made from."
    if permission in WHATEVER_THE_PROJECT:
        checked = [c for c in credential.caveats if not isinstance(c, caveats.ProjectNames | caveats.ProjectIds)]
    else:
        checked = list(credential.caveats)
    project = (str(resource.id), resource.normalized_name) if isinstance(resource, Project) else None
    reasons = [
        reason
        for caveat in checked
        if (
            reason := caveats.failure(
                caveat,
                now=int(credential.presented_at.timestamp()),
                user_id=str(actor.user_id),
                project=project,
                publisher_id=None,
            )
        )
    ]
    # A caveat that was issued with the token is also in its row, and names and ids fail together: each reason once.
    return invalid_token(dict.fromkeys(reasons)) if reasons else None


def invalid_token(reasons: Iterable[str]) -> str:
    """The sentence that upload clients know, with what is wrong."""
    return f"Invalid API Token: {', '.join(reason.removesuffix('.') for reason in reasons)}."


def _is_granted(actor: Actor, permission: Permission, resource: Any) -> bool:
    return any(all(holds(actor, resource) for holds in grant) for grant in GRANTS[permission])


def _project_denial(actor: Actor, permission: Permission, project: Project) -> str:
    if permission is Permission.UPLOAD and project.status in ("archived", "quarantined"):
        return f"The project {project.name!r} is {project.status} and takes no new files."
    sentence = f"{_who(actor)} isn't allowed to {permission.value} project {project.name!r}."
    if actor.credential is None:
        return sentence
    if has_owner(actor, project):
        return f"{sentence} Ask one of its owners for a role."
    return f"{sentence} It has no owner: an operator can give it one with 'warehouse role add'."


def _who(actor: Actor) -> str:
    return f"The user {actor.username!r}" if actor.username else "An anonymous client"
