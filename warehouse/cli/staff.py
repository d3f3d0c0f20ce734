"""The commands of `warehouse user` that staff would use: appoint, take passwords away."""

from __future__ import annotations

import click

from warehouse.cli.needs import Application
from warehouse.operations.accounts import find_user
from warehouse.operations.moderating_people import StaffRole, appoint, disable_password, dismiss
from warehouse.work import OPERATOR, begin

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

    They are told by mail how they get it. For accounts that somebody else may have got hold of.
    """
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = find_user(work, name)
        disable_password(work, found)
        sentence = f"{found.username} has no password; a mail says how to get one."
    click.echo(sentence)


def _a(role: str) -> str:
    return f"{'an' if role[0] in 'aeiou' else 'a'} {role}"
