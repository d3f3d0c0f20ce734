"""`warehouse history`: what happened to an account or a project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click

from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.tables import print_table, shown
from warehouse.domain.accounts import User
from warehouse.domain.packaging import Project
from warehouse.operations.accounts import find_user
from warehouse.operations.history import Happened, all_of, described
from warehouse.operations.projects import find_project
from warehouse.work import OPERATOR, Tools, begin

LONG = {"caveats"}  # in what is written as JSON
SCREENFUL = 1000  # rows of a table: its columns are as wide as their widest text, so it is read before it is written


@click.group(cls=Family)
def history() -> None:
    """Show what happened to an account or a project, newest first: who did it, when and from where."""


days_option = click.option("--days", type=click.IntRange(1, 36_500), metavar="N", help="Only the last N days.")
json_option = click.option("--json", "as_json", is_flag=True, help="All of it, a JSON object on each line.")


@history.command()
@click.argument("name")
@days_option
@json_option
@click.pass_obj
def account(application: Application, name: str, days: int | None, as_json: bool) -> None:
    """Show what happened to the account NAME."""
    with application.tools() as tools:
        with begin(tools, OPERATOR) as work:
            found = find_user(work, name)
        _show(tools, found, days, as_json)


@history.command()
@click.argument("name")
@days_option
@json_option
@click.pass_obj
def project(application: Application, name: str, days: int | None, as_json: bool) -> None:
    """Show what happened to the project NAME."""
    with application.tools() as tools:
        with begin(tools, OPERATOR) as work:
            found = find_project(work, name)
        _show(tools, found, days, as_json)


def _show(tools: Tools, subject: User | Project, days: int | None, as_json: bool) -> None:
    with begin(tools, OPERATOR) as work:
        since = work.now - timedelta(days=days) if days is not None else None
        happened = all_of(work, subject, since=since)
        if as_json:
            for one in happened:
                click.echo(json.dumps(described(one), default=str))
            return
        rows = [_row(one) for one, _ in zip(happened, range(SCREENFUL), strict=False)]
    print_table(("TIME (UTC)", "WHAT", "WHO", "FROM", "WITH", "DETAILS"), rows)
    if len(rows) == SCREENFUL:
        click.echo(f"These are the newest {SCREENFUL}; --json shows all of them.", err=True)


def _row(one: Happened) -> tuple[str, ...]:
    cells = (one.tag, one.actor, one.address or "-", one.device or "-", " ".join(_said(one.details)))
    return (shown(one.at), *("".join(c if c.isprintable() else "?" for c in cell) for cell in cells))


def _said(details: dict[str, Any]) -> Iterator[str]:
    for name, value in details.items():
        if name not in LONG and value not in (None, "", [], {}):
            yield f"{name}={value if isinstance(value, str) else json.dumps(value)}"
