"""`warehouse ban`: network addresses from which nobody signs in."""

from __future__ import annotations

import json

import click

from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.tables import print_table, shown, written
from warehouse.operations.banning import ban_address, bans, unban_address
from warehouse.work import OPERATOR, attempt, begin


@click.group(cls=Family)
def ban() -> None:
    """Ban network addresses from signing in: add, remove and list them."""


@ban.command()
@click.argument("address")
@click.pass_obj
def add(application: Application, address: str) -> None:
    """Let nobody sign in from ADDRESS, and take whoever comes from it for a stranger.

    API tokens go on working from there.
    """
    with application.tools() as tools:
        banned = attempt(tools, OPERATOR, lambda work: str(ban_address(work, address).address))
    click.echo(f"{banned} is banned.")


@ban.command()
@click.argument("address")
@click.pass_obj
def remove(application: Application, address: str) -> None:
    """Let people sign in from ADDRESS again."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        unban_address(work, address)
    click.echo(f"{address} is no longer banned.")


@ban.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object for each address.")
@click.pass_obj
def list_(application: Application, as_json: bool) -> None:
    """List the banned addresses, the newest first."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = [(str(one.address), one.reason, one.banned_by, one.banned_at) for one in bans(work)]
    if as_json:
        names = ("address", "reason", "banned_by", "banned_at")
        click.echo(json.dumps([dict(zip(names, (*row[:3], written(row[3])), strict=True)) for row in found], indent=2))
    else:
        print_table(("ADDRESS", "REASON", "BANNED BY", "SINCE (UTC)"), [(*row[:3], shown(row[3])) for row in found])
