"""`warehouse user second-factor`: for people who lost what they sign in with."""

from __future__ import annotations

import click

from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.operations.accounts import find_user
from warehouse.operations.second_factors import reset
from warehouse.work import OPERATOR, begin


@click.group("second-factor", cls=Family)
def second_factor_() -> None:
    """Take second factors away from somebody who lost them."""


@second_factor_.command("reset")
@click.argument("name")
@click.pass_obj
def reset_(application: Application, name: str) -> None:
    """Take all second factors and recovery codes of NAME away, who can sign in with their password alone.

    They are told by mail. Make sure first that it is them who ask.
    """
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = find_user(work, name)
        had_some = reset(work, found)
        username = found.username
    click.echo(f"{username} has no second factor {'any more' if had_some else 'anyway'}.")
