"""What the page of one's own profile shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from warehouse.domain.accounts import User
from warehouse.infra.catalogues import languages
from warehouse.infra.time_zones import time_zones
from warehouse.operations.profile import NAME_LENGTH
from warehouse.web.avatars import avatar_of
from warehouse.web.language import _, language
from warehouse.web.pages.manage.account.forms import PreferencesForm
from warehouse.work import Work

AVATAR = 160  # pixels

Groups = Sequence[tuple[str, Sequence[tuple[str, str]]]]


@dataclass(frozen=True)
class AccountPage:
    """The profile, as it is or as it was typed, and what there is to choose from."""

    username: str
    avatar: str
    joined_at: datetime
    avatar_is_hidden: bool
    avatar_service: bool
    name: str
    public_email: str | None
    preferences: PreferencesForm
    languages: Groups
    time_zones: Groups
    mistakes: Mapping[str, str] = field(default_factory=dict)
    name_length: int = NAME_LENGTH


def account_page(
    work: Work,
    user: User,
    *,
    name: str | None = None,
    preferences: PreferencesForm | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> AccountPage:
    """The page; no query beyond the one that found the user."""
    known = languages()
    return AccountPage(
        username=user.username,
        avatar=avatar_of(work.settings, user, AVATAR),
        joined_at=user.created_at,
        avatar_is_hidden=user.hide_avatar,
        avatar_service=work.settings.site.avatar_url is not None,
        name=user.name if name is None else name,
        public_email=user.public_email.address if user.public_email is not None else None,
        preferences=preferences or PreferencesForm.kept(user),
        languages=[("", [("", _("As the browser says")), *((tag, language(tag).name) for tag in known)])],
        time_zones=zone_groups(),
        mistakes=mistakes or {},
    )


def zone_groups() -> Groups:
    """The time zones by part of the world; no choice means UTC."""
    named = groupby(time_zones()[1:], key=lambda name: name.partition("/")[0])
    places = [(region, [(name, _place(name)) for name in names]) for region, names in named]
    return [("", [("", _("UTC, the same for everybody"))]), *places]


def _place(name: str) -> str:
    return name.partition("/")[2].replace("_", " ").replace("/", ": ")
