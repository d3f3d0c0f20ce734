"""What the pages of API tokens show."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from warehouse.domain.audit import is_hashed
from warehouse.domain.packaging import collaborations
from warehouse.domain.tokens import Token
from warehouse.operations.issuing import DESCRIPTION_LENGTH
from warehouse.operations.tokens import derived_counts, projects_of, tokens_of
from warehouse.settings import show_duration
from warehouse.web.commands import Commands, commands_for
from warehouse.web.pages.manage.tokens.forms import DAYS, TokenForm
from warehouse.web.request import Request

MOST_PROJECTS = 500


@dataclass(frozen=True)
class ShownToken:
    """A token in the list. ``place`` is where it was used last, unless only a digest of that is kept."""

    id: uuid.UUID
    description: str
    projects: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    place: str | None
    derived: int
    is_over: bool

    @classmethod
    def of(cls, token: Token, derived: int, now: datetime) -> ShownToken:
        """The token as the page needs it."""
        place = token.last_used_from
        return cls(
            token.id,
            token.description,
            tuple(projects_of(token) or ()),
            token.created_at,
            token.expires_at,
            token.last_used_at,
            place if place and not is_hashed(place) else None,
            derived,
            token.expires_at is not None and token.expires_at <= now,
        )


@dataclass(frozen=True)
class TokensPage:
    """The list, and the form below it."""

    tokens: tuple[ShownToken, ...]
    projects: tuple[tuple[str, str], ...]
    form: TokenForm
    mistakes: Mapping[str, str]
    has_password: bool
    usual_lifetime: str | None
    now: datetime
    days: tuple[int, ...] = DAYS
    description_length: int = DESCRIPTION_LENGTH


@dataclass(frozen=True)
class CreatedPage:
    """The token, this once, and what to do with it."""

    description: str
    token: str = field(repr=False)
    commands: Commands


def tokens_page(
    request: Request, form: TokenForm | None = None, mistakes: Mapping[str, str] | None = None
) -> TokensPage:
    """The page for whoever is signed in."""
    user, work = request.user, request.work
    assert user is not None
    counts = derived_counts(work.db, user, work.now)
    kept = collaborations.projects_of(work.db, user.id, limit=MOST_PROJECTS)
    usual = work.settings.tokens.default_lifetime
    return TokensPage(
        tokens=tuple(ShownToken.of(token, counts.get(token.id, 0), work.now) for token in tokens_of(work.db, user)),
        projects=tuple(sorted((project.normalized_name, project.name) for project in kept)),
        form=form or TokenForm(lifetime="" if usual is not None else TokenForm.lifetime),
        mistakes=mistakes or {},
        has_password=user.password_hash is not None,
        usual_lifetime=show_duration(usual) if usual is not None else None,
        now=work.now,
    )


def created_page(request: Request, token: Token, text: str) -> CreatedPage:
    """The page that shows a new token."""
    return CreatedPage(token.description, text, commands_for(request.settings, request.base_url))
