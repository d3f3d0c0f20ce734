"""What the first-start pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from warehouse.domain.accounts import User
from warehouse.operations.invitations import may_invite
from warehouse.operations.new_passwords import PASSWORD_LENGTH
from warehouse.operations.registration import become_administrator
from warehouse.operations.tokens import create_token
from warehouse.standards import usernames
from warehouse.web.commands import Commands, commands_for
from warehouse.web.pages.setup.forms import AccountForm
from warehouse.work import Actor, ActorKind, Work


@dataclass(frozen=True)
class FormPage:
    """The form, empty or with what was wrong, by field."""

    form: AccountForm = field(default_factory=AccountForm)
    mistakes: Mapping[str, str] = field(default_factory=dict)
    username_length: int = usernames.LONGEST
    password_length: int = PASSWORD_LENGTH.start


@dataclass(frozen=True)
class DonePage:
    """The token, this once, what to do with it, and what comes next."""

    username: str
    token: str = field(repr=False)
    commands: Commands
    needs_second_factor: bool
    may_invite: bool


def first_account(work: Work, key: str, form: AccountForm) -> tuple[User, str]:
    """Make the administrator and a token to begin with; refuses as ``become_administrator`` does."""
    user = become_administrator(work, key, form.applicant, noted=form.own_mistakes)
    actor = Actor(
        ActorKind.USER,
        user_id=user.id,
        username=user.username,
        is_administrator=True,
        address=work.actor.address,
        user_agent=work.actor.user_agent,
    )
    _, token = create_token(replace(work, actor=actor), user, description="first token")
    return user, token


def done(work: Work, user: User, token: str, base_url: str) -> DonePage:
    """The page for the new administrator."""
    return DonePage(
        username=user.username,
        token=token,
        commands=commands_for(work.settings, base_url),
        needs_second_factor=work.settings.access.require_second_factor,
        may_invite=may_invite(work.settings),
    )
