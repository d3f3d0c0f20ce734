"""What an API token is narrowed to: the caveats inside macaroons, how they are written and whether they hold.

A caveat is a compact JSON array of a tag and fields. Fields may only be appended, with defaults, because tokens are
never written again. Whatever cannot be read, holds for nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson


class BadCaveat(ValueError):
    """This is no caveat that we know, so what it asks for cannot be checked."""


@dataclass(frozen=True, slots=True)
class Expiration:
    """Tag 0: from ``not_before`` on and until just before ``expires_at``, in seconds since the epoch."""

    expires_at: int
    not_before: int


@dataclass(frozen=True, slots=True)
class ProjectNames:
    """Tag 1: only for projects with one of these normalized names, also when a name changes hands."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProjectIds:
    """Tag 2: only for these projects, which a new project of the same name is not."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequestUser:
    """Tag 3: only when used as this user. None, in the oldest tokens: as the user the token belongs to."""

    user_id: str | None


@dataclass(frozen=True, slots=True)
class Publisher:
    """Tag 4: only when used as this trusted publisher, and for the projects it is registered with.

    ``claims`` is no longer written: what is known of the run is kept with the token.
    """

    publisher_id: str
    claims: Mapping[str, Any] | None = None


Caveat = Expiration | ProjectNames | ProjectIds | RequestUser | Publisher

_OWN_USER_ONLY = {"permissions": "user", "version": 1}


def serialize(caveat: Caveat) -> bytes:
    """The caveat as it stands in a macaroon: compact JSON, keys sorted."""
    value: list[Any] | dict[str, Any]
    match caveat:
        case Expiration(expires_at, not_before):
            value = [0, expires_at, not_before]
        case ProjectNames(names):
            value = [1, names]
        case ProjectIds(ids):
            value = [2, ids]
        case RequestUser(None):
            value = _OWN_USER_ONLY
        case RequestUser(user_id):
            value = [3, user_id]
        case Publisher(publisher_id, claims):
            value = [4, publisher_id, claims]
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def deserialize(raw: bytes) -> Caveat:
    """Read a caveat, also in the object forms of old tokens. Refuses with BadCaveat what it does not know.

    A field too many is refused as well: whoever added it meant to forbid something, and we would allow it.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise BadCaveat("A caveat of this token is not JSON.") from None
    caveat = _from_object(value) if isinstance(value, dict) else _from_array(value)
    if caveat is None:
        raise BadCaveat("This token has a caveat that is not known here.")
    return caveat


def failure(
    caveat: Caveat,
    *,
    now: int,
    user_id: str | None = None,
    project: tuple[str, str] | None = None,
    publisher_id: str | None = None,
    publisher_serves_project: bool = False,
) -> str | None:
    """Why the caveat does not hold, as a sentence for the token's bearer; None when it holds.

    ``now`` is seconds since the epoch; ``user_id`` and ``publisher_id`` say whom the token acts as; ``project`` is
    the (id, normalized name) acted on, None when there is none yet; ``publisher_serves_project`` whether that
    publisher is registered with that project.
    """
    match caveat:
        case Expiration(expires_at, not_before):
            return _outside_time(now, expires_at, not_before)
        case ProjectNames(names):
            return _other_project(project, project is not None and project[1] in names)
        case ProjectIds(ids):
            return _other_project(project, project is not None and project[0] in ids)
        case RequestUser(wanted):
            if user_id is None:
                return "This token can only be used by a user."
            return None if wanted in (None, user_id) else "This token belongs to another user."
        case Publisher(wanted_publisher, _):
            if publisher_id is None:
                return "This token can only be used by a trusted publisher."
            if publisher_id != wanted_publisher:
                return "This token belongs to another trusted publisher."
            return _other_project(project, publisher_serves_project)


def _outside_time(now: int, expires_at: int, not_before: int) -> str | None:
    if now >= expires_at:
        return "This token has expired."
    return "This token is not valid yet." if now < not_before else None


def _other_project(project: tuple[str, str] | None, allowed: bool) -> str | None:
    if project is None:
        return "This token can only be used for an existing project."
    return None if allowed else f"This token is not valid for the project {project[1]!r}."


def _from_array(value: Any) -> Caveat | None:
    if not isinstance(value, list) or not value or type(value[0]) is not int:  # True and 1.0 would match 1
        return None
    match value:
        case [0, expires_at, not_before] if _is_time(expires_at) and _is_time(not_before):
            return Expiration(expires_at, not_before)
        case [1, names] if _are_texts(names):
            return ProjectNames(tuple(names))
        case [2, ids] if _are_texts(ids):
            return ProjectIds(tuple(ids))
        case [3, str(user_id)]:
            return RequestUser(user_id)
        case [4, str(publisher_id)] | [4, str(publisher_id), None]:
            return Publisher(publisher_id)
        case [4, str(publisher_id), dict(claims)]:
            return Publisher(publisher_id, claims)
    return None


def _from_object(value: dict[str, Any]) -> Caveat | None:
    match sorted(value):
        case ["exp", "nbf"] if _is_time(value["exp"]) and _is_time(value["nbf"]):
            return Expiration(value["exp"], value["nbf"])
        case ["project_ids"] if _are_texts(value["project_ids"]):
            return ProjectIds(tuple(value["project_ids"]))
        case ["permissions", "version"] if type(value["version"]) is int and value["version"] == 1:
            return _from_permissions(value["permissions"])
    return None


def _from_permissions(permissions: Any) -> Caveat | None:
    if permissions == "user":
        return RequestUser(None)
    if isinstance(permissions, dict) and list(permissions) == ["projects"] and _are_texts(permissions["projects"]):
        return ProjectNames(tuple(permissions["projects"]))
    return None


def _is_time(value: Any) -> bool:
    return type(value) is int


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
