"""What the first-start pages show."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from warehouse.operations.new_passwords import PASSWORD_LENGTH
from warehouse.operations.registration import become_administrator
from warehouse.operations.tokens import create_token
from warehouse.standards import usernames
from warehouse.web.commands import Commands, commands_for
from warehouse.web.pages.setup.forms import AccountForm, Mistake
from warehouse.work import Actor, ActorKind, Work


@dataclass(frozen=True)
class FormPage:
    """The form, empty or with what was wrong."""

    form: AccountForm = field(default_factory=AccountForm)
    mistake: Mistake | None = None
    username_length: int = usernames.LONGEST
    password_length: int = PASSWORD_LENGTH.start


@dataclass(frozen=True)
class DonePage:
    """The token, this once, and what to do with it."""

    username: str
    token: str = field(repr=False)
    commands: Commands


def first_account(work: Work, key: str, form: AccountForm, base_url: str) -> DonePage:
    """Make the administrator and a token to begin with; refuses as ``become_administrator`` does."""
    form.check()
    user = become_administrator(work, key, form.username, email=form.email, password=form.password)
    actor = Actor(
        ActorKind.USER,
        user_id=user.id,
        username=user.username,
        is_administrator=True,
        address=work.actor.address,
        user_agent=work.actor.user_agent,
    )
    _, token = create_token(replace(work, actor=actor), user, description="first token")
    return DonePage(user.username, token, commands_for(work.settings, base_url))
