"""The commands of `warehouse user` that staff would use: appoint, take passwords away, delete."""

from __future__ import annotations

import click

from warehouse.cli.failures import Failure
from warehouse.cli.needs import Application
from warehouse.domain.accounts import User
from warehouse.operations.accounts import find_user
from warehouse.operations.moderating_people import (
    StaffRole,
    appoint,
    disable_password,
    dismiss,
    hide_avatar,
    prohibit_password_reset,
)
from warehouse.operations.passwords import may_reset
from warehouse.operations.removing_people import projects_with_role, remove_user
from warehouse.work import OPERATOR, begin

restriction_argument = click.argument("what", type=click.Choice(["avatar", "password-reset"]))
confirm_option = click.option("--confirm", metavar="NAME", help="The name once more, where nobody can be asked.")
role_argument = click.argument("role", type=click.Choice([role.value for role in StaffRole]))


@click.command("appoint")
@click.argument("name")
@role_argument
@click.pass_obj
def appoint_(application: Application, name: str, role: str) -> None:
    """Make NAME an administrator, who may do everything, or a moderator, who looks after projects."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = find_user(work, name)
        appoint(work, found, StaffRole(role))
        sentence = f"{found.username} is {_a(role)}."
    click.echo(sentence)


@click.command("dismiss")
@click.argument("name")
@role_argument
@click.pass_obj
def dismiss_(application: Application, name: str, role: str) -> None:
    """Let NAME be an administrator, or a moderator, no longer; the last administrator stays."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = find_user(work, name)
        dismiss(work, found, StaffRole(role))
        sentence = f"{found.username} is {_a(role)} no longer."
    click.echo(sentence)


@click.command("disable-password")
@click.argument("name")
@click.pass_obj
def disable_password_(application: Application, name: str) -> None:
    """Take NAME's password away, end their sessions and void their tokens until they have a new one.

    They are told by mail. For accounts that somebody else may have got hold of.
    """
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = find_user(work, name)
        had_one = disable_password(work, found)
        sentence = f"{found.username} has no password {how_to_get_one(found) if had_one else 'anyway'}."
    click.echo(sentence)


@click.command("forbid")
@click.argument("name")
@restriction_argument
@click.pass_obj
def forbid_(application: Application, name: str, what: str) -> None:
    """Show a neutral picture of NAME, or let them have no new password by mail."""
    click.echo(f"{_restrict(application, name, what, forbidden=True)} has {_thing(what)} no longer.")


@click.command("permit")
@click.argument("name")
@restriction_argument
@click.pass_obj
def permit_(application: Application, name: str, what: str) -> None:
    """Show NAME's own picture again, or let them have a new password by mail again."""
    click.echo(f"{_restrict(application, name, what, forbidden=False)} has {_thing(what)} again.")


@click.command("delete")
@click.argument("name")
@click.option("--with-projects", is_flag=True, help="Remove every project in which they have a role, too.")
@confirm_option
@click.pass_obj
def delete_(application: Application, name: str, with_projects: bool, confirm: str | None) -> None:
    """Delete the account of NAME, and let nobody register the name again.

    Somebody who is the only owner of a project stays, unless the projects go, too: all in which they have a role,
    whoever else has one.
    """
    with application.tools() as tools:
        with begin(tools, OPERATOR) as work:
            found = find_user(work, name)
            username = found.username
            projects = [project.name for project in projects_with_role(work, found)] if with_projects else []
        if projects:
            click.echo(f"These projects go with {username}: {', '.join(projects)}.")
        require_typed(username, confirm)
        with begin(tools, OPERATOR) as work:
            removed = remove_user(work, find_user(work, username), with_projects=with_projects)
    gone = f", with {len(removed)} project{'' if len(removed) == 1 else 's'}" if removed else ""
    click.echo(f"{username} is deleted{gone}. Nobody can register the name.")


def how_to_get_one(user: User) -> str:
    """How somebody whose password was taken away gets a new one, to end a sentence."""
    if may_reset(user):
        return "any more; a mail says how to get one"
    return f"any more, and gets none by mail: give them one with 'warehouse user password {user.username}'"


def require_typed(username: str, typed: str | None) -> None:
    """Go on only if whoever is there types the name, letter by letter, or has said it in an option."""
    if typed is None:
        try:
            typed = click.prompt("Type the username to go on", default="", show_default=False)
        except click.Abort:
            raise Failure(f"Nobody answered. Say --confirm {username}.") from None
    if typed != username:
        raise Failure(f"That is not {username}; nothing was done.")


def _restrict(application: Application, name: str, what: str, *, forbidden: bool) -> str:
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = find_user(work, name)
        if what == "avatar":
            hide_avatar(work, found, is_hidden=forbidden)
        else:
            prohibit_password_reset(work, found, is_prohibited=forbidden)
        return found.username


def _thing(what: str) -> str:
    return "a picture of their own" if what == "avatar" else "passwords by mail"


def _a(role: str) -> str:
    return f"{'an' if role[0] in 'aeiou' else 'a'} {role}"
