"""`warehouse user`: the accounts of an index, without a browser."""

from __future__ import annotations

import json
import sys

import click
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from warehouse.cli.admission import invite_, invited_, uninvite_
from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.recovery import recovery
from warehouse.cli.second_factors import second_factor_
from warehouse.cli.staff import appoint_, delete_, disable_password_, dismiss_, forbid_, permit_
from warehouse.cli.tables import print_table, shown, written
from warehouse.domain.accounts import User, secured_users
from warehouse.operations.accounts import find_user, set_password
from warehouse.operations.moderating_people import freeze, unfreeze
from warehouse.operations.registration import create_user
from warehouse.work import OPERATOR, attempt, begin

password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of standard input."
)


@click.group(cls=Family)
def user() -> None:
    """Look after people: add, invite, list, freeze, delete, and let them in again."""


@user.command()
@click.argument("name")
@click.option("--email", required=True, metavar="ADDRESS", help="The user's e-mail address.")
@password_option
@click.option("--admin", is_flag=True, help="Make the user an administrator of the index.")
@click.option(
    "--verified/--unverified", default=True, help="Whether you vouch for the address (default), or they have to."
)
@click.pass_obj
def add(application: Application, name: str, email: str, password_stdin: bool, admin: bool, verified: bool) -> None:
    """Open an account called NAME.

    Without a password it can only be used through API tokens.
    """
    password = _given() if password_stdin else None
    with application.tools() as tools:
        attempt(
            tools, OPERATOR, create_user, name, email=email, password=password, verified=verified, administrator=admin
        )
    click.echo(f"Added {name}.")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object for each user.")
@click.pass_obj
def list_(application: Application, as_json: bool) -> None:
    """List the users by name."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        query = select(User).options(selectinload(User.emails)).order_by(User.username)
        users = list(work.db.scalars(query))
        secured = secured_users(work.db)
    if as_json:
        described = [{**_described(found), "has_second_factor": found.id in secured} for found in users]
        click.echo(json.dumps(described, indent=2))
    else:
        rows = [(found.username, _address(found), ", ".join(_marks(found)), shown(found.created_at)) for found in users]
        print_table(("NAME", "E-MAIL", "IS", "SINCE (UTC)"), rows)


@user.command()
@click.argument("name")
@password_option
@click.pass_obj
def password(application: Application, name: str, password_stdin: bool) -> None:
    """Give NAME a new password, read from standard input or asked for."""
    new = _from_stdin() if password_stdin else _asked_for()
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        set_password(work, find_user(work, name), new)
    click.echo(f"{name} has a new password.")


@user.command("freeze")
@click.argument("name")
@click.option("--prohibit-domains", is_flag=True, help="Nobody registers with the domains of their addresses either.")
@click.pass_obj
def freeze_(application: Application, name: str, prohibit_domains: bool) -> None:
    """Shut NAME out: sessions end, and neither password nor tokens work until the account is unfrozen."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        prohibited = freeze(work, find_user(work, name), prohibit_domains=prohibit_domains)
    click.echo(f"{name} is frozen{'; prohibited: ' if prohibited else ''}{', '.join(prohibited)}.")


@user.command("unfreeze")
@click.argument("name")
@click.pass_obj
def unfreeze_(application: Application, name: str) -> None:
    """Let NAME in again."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        unfreeze(work, find_user(work, name))
    click.echo(f"{name} is no longer frozen.")


for command in (
    invite_,
    invited_,
    uninvite_,
    appoint_,
    dismiss_,
    disable_password_,
    forbid_,
    permit_,
    delete_,
    recovery,
    second_factor_,
):
    user.add_command(command)


def _given() -> str:
    """From standard input; whoever sits there is asked, without showing what they type."""
    return _asked_for() if sys.stdin.isatty() else _from_stdin()


def _asked_for() -> str:
    return click.prompt("New password", hide_input=True, confirmation_prompt=True)


def _from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _described(found: User) -> dict[str, object]:
    return {
        "username": found.username,
        "email": _address(found) or None,
        "email_verified": any(email.is_primary and email.is_verified for email in found.emails),
        "has_password": found.password_hash is not None,
        "is_administrator": found.is_administrator,
        "is_moderator": found.is_moderator,
        "is_frozen": found.is_frozen,
        "created_at": written(found.created_at),
    }


def _address(found: User) -> str:
    return next((email.address for email in found.emails if email.is_primary), "")


def _marks(found: User) -> list[str]:
    marks = (("administrator", found.is_administrator), ("moderator", found.is_moderator), ("frozen", found.is_frozen))
    return [mark for mark, is_so in marks if is_so]
