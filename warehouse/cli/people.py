"""`warehouse role`: who keeps a project, without a browser."""

from __future__ import annotations

import json

import click

from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.tables import print_table
from warehouse.domain.packaging import RoleName
from warehouse.operations.accounts import find_user
from warehouse.operations.projects import find_project
from warehouse.operations.roles import collaborators, give_role, take_role
from warehouse.work import OPERATOR, begin


@click.group(cls=Family)
def role() -> None:
    """Say who keeps a project: add, remove and list its owners and maintainers."""


@role.command()
@click.argument("project")
@click.argument("user")
@click.option("--maintainer", is_flag=True, help="One who may upload, and no more.")
@click.pass_obj
def add(application: Application, project: str, user: str, maintainer: bool) -> None:
    """Make USER an owner of PROJECT, or its maintainer.

    Both may upload to it. Who has a role already gets this one instead.
    """
    given = RoleName.MAINTAINER if maintainer else RoleName.OWNER
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found, somebody = find_project(work, project), find_user(work, user)
        give_role(work, found, somebody, given)
        sentence = f"{somebody.username} is {'a maintainer' if maintainer else 'an owner'} of {found.name}."
    click.echo(sentence)


@role.command()
@click.argument("project")
@click.argument("user")
@click.pass_obj
def remove(application: Application, project: str, user: str) -> None:
    """Take USER's role in PROJECT away; its last owner stays."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found, somebody = find_project(work, project), find_user(work, user)
        take_role(work, found, somebody)
        sentence = f"{somebody.username} has no role in {found.name} any more."
    click.echo(sentence)


@role.command("list")
@click.argument("project")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object for each role.")
@click.pass_obj
def list_(application: Application, project: str, as_json: bool) -> None:
    """List the people of PROJECT: owners first, then by name."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        people = collaborators(work.db, find_project(work, project))
    if as_json:
        click.echo(json.dumps([{"username": name, "role": what} for name, what in people], indent=2))
    else:
        print_table(("NAME", "ROLE"), people)
