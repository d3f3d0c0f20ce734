"""`warehouse flag`: the switches that operators throw while the index runs."""

from __future__ import annotations

import json

import click

from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.tables import print_table
from warehouse.domain.site.flags import MEANINGS, flags_on
from warehouse.operations.flags import find_flag, throw_flag
from warehouse.work import OPERATOR, begin


@click.group(cls=Family)
def flag() -> None:
    """Set, clear and list the switches of a running index."""


@flag.command("set")
@click.argument("name")
@click.pass_obj
def set_(application: Application, name: str) -> None:
    """Turn the switch NAME on, from the next request on."""
    _throw(application, name, on=True)


@flag.command()
@click.argument("name")
@click.pass_obj
def clear(application: Application, name: str) -> None:
    """Turn the switch NAME off, from the next request on."""
    _throw(application, name, on=False)


@flag.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON object: whether each switch is on.")
@click.pass_obj
def list_(application: Application, as_json: bool) -> None:
    """List the switches, their position and their meaning."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        on = flags_on(work.db)
    if as_json:
        click.echo(json.dumps({name.value: name in on for name in MEANINGS}, indent=2))
    else:
        rows = [(name.value, "on" if name in on else "off", meaning) for name, meaning in MEANINGS.items()]
        print_table(("NAME", "IS", "MEANING"), rows)


def _throw(application: Application, name: str, *, on: bool) -> None:
    flag = find_flag(name)
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        throw_flag(work, flag, on=on)
    click.echo(f"{flag.value} is {'on' if on else 'off'}.")
