"""`warehouse user recovery`: letting people into their accounts again."""

from __future__ import annotations

import json

import click

from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.staff import confirm_option, how_to_get_one, require_typed
from warehouse.cli.tables import shown, written
from warehouse.operations.accounts import find_user
from warehouse.operations.recovering import cancel_recovery, complete_recovery, find_recovery, start_recovery
from warehouse.work import OPERATOR, begin


@click.group(cls=Family)
def recovery() -> None:
    """Let people in again who lost what they signed in with: start, show, cancel and complete it."""


@recovery.command()
@click.argument("name")
@click.option("--request", "request_url", required=True, metavar="URL", help="Where they asked for help.")
@click.option("--project", metavar="PROJECT", help="The project in whose repository they publish the token.")
@click.option("--email", "address", metavar="ADDRESS", help="Their address from now on, when they lost the old one.")
@click.pass_obj
def start(application: Application, name: str, request_url: str, project: str | None, address: str | None) -> None:
    """Mail NAME a token to be published where only they can write.

    Where their projects say where the sources are, that is the repository of one of them. Nothing is changed yet.
    """
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = find_user(work, name)
        started = start_recovery(work, found, request_url=request_url, project=project, address=address)
        sentence = f"{found.username} was sent a token: {started.token}"
    click.echo(sentence)


@recovery.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
@click.pass_obj
def show(application: Application, name: str, as_json: bool) -> None:
    """Show the token that NAME is to publish, and where."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = find_recovery(work, find_user(work, name))
        told = {
            "token": found.token,
            "project": found.project,
            "request": found.request_url,
            "email": found.address,
            "started_by": found.started_by,
        }
        started_at = found.started_at
    if as_json:
        click.echo(json.dumps({**told, "started_at": written(started_at)}, indent=2))
        return
    for label, text in (*told.items(), ("started_at", shown(started_at))):
        click.echo(f"{label.replace('_', ' '):<12}{text or '-'}")


@recovery.command()
@click.argument("name")
@click.pass_obj
def cancel(application: Application, name: str) -> None:
    """Leave the account of NAME as it is."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        cancel_recovery(work, find_user(work, name))
    click.echo(f"The account of {name} stays as it is.")


@recovery.command()
@click.argument("name")
@confirm_option
@click.pass_obj
def complete(application: Application, name: str, confirm: str | None) -> None:
    """Take NAME's second factors and password away, once you have seen the token. They are told by mail."""
    with application.tools() as tools:
        with begin(tools, OPERATOR) as work:
            found = find_user(work, name)
            find_recovery(work, found)
            username = found.username
        require_typed(username, confirm)
        with begin(tools, OPERATOR) as work:
            found = find_user(work, username)
            complete_recovery(work, found)
            sentence = f"{username} has neither second factors nor a password {how_to_get_one(found)}."
    click.echo(sentence)
