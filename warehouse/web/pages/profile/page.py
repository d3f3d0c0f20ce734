"""What the page of a person shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from warehouse.domain.accounts import User, user_named
from warehouse.domain.packaging import ProjectStatus
from warehouse.domain.packaging.collaborations import Collaboration, projects_of
from warehouse.errors import NotFound
from warehouse.standards.usernames import is_username
from warehouse.web.avatars import avatar_of
from warehouse.work import ActorKind, Work

PROJECTS = 100  # on one page
NEW_FOR = timedelta(days=30)
AVATAR = 160  # pixels


@dataclass(frozen=True)
class Own:
    """What differs from visitor to visitor. ``public_email`` is only ever told to those who are signed in."""

    is_oneself: bool
    public_email: str | None


@dataclass(frozen=True)
class ProfilePage:
    """The person and one page of their projects. Without ``own`` the page is for everybody, with places for it."""

    username: str
    name: str
    avatar: str
    joined_at: datetime
    own: Own | None
    live: Sequence[Collaboration]
    archived: Sequence[Collaboration]
    number: int
    has_more: bool
    shown_at: datetime


def find_person(work: Work, username: str) -> User:
    """The user of this name, whatever its case; refuses with :class:`NotFound`."""
    is_a_name = is_username(username)
    user = user_named(work.db, username) if is_a_name else None
    if user is None:
        raise NotFound("There is nobody of this name.", code="no_such_user")
    return user


def own_of(work: Work, user: User) -> Own:
    """What this actor in particular may see of a person."""
    public = user.public_email if work.actor.kind is ActorKind.USER else None
    return Own(work.actor.user_id == user.id, public.address if public is not None else None)


def profile_page(work: Work, user: User, number: int, *, own: Own | None = None) -> ProfilePage:
    """The person: two queries however many projects they have."""
    found = projects_of(work.db, user.id, limit=PROJECTS + 1, offset=(number - 1) * PROJECTS, shown_to_all=True)
    shown = found[:PROJECTS]
    return ProfilePage(
        username=user.username,
        name=user.name,
        avatar=avatar_of(work.settings, user, AVATAR),
        joined_at=user.created_at,
        own=own,
        live=[project for project in shown if project.status != ProjectStatus.ARCHIVED],
        archived=[project for project in shown if project.status == ProjectStatus.ARCHIVED],
        number=number,
        has_more=len(found) > PROJECTS,
        shown_at=work.now,
    )
