"""`warehouse namespace`: who has names with all that begin with them (PEP 752)."""

from __future__ import annotations

import json

import click

from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.tables import print_table, shown, written
from warehouse.domain.packaging.namespaces import namespaces_below, owner_of, projects_in
from warehouse.operations.accounts import find_user
from warehouse.operations.namespaces import all_namespaces, find_namespace, grant_namespace, revoke_namespace
from warehouse.standards.names import normalize
from warehouse.work import OPERATOR, begin


@click.group(cls=Family)
def namespace() -> None:
    """Grant, revoke, list and show namespaces: names that are one person's with all that begin with them."""


@namespace.command()
@click.argument("name")
@click.argument("owner")
@click.pass_obj
def grant(application: Application, name: str, owner: str) -> None:
    """Let only OWNER register new projects called NAME or NAME-….

    Projects that exist go on, whoever owns them. Namespaces are on where the setting namespaces.enabled says so.
    """
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        somebody = find_user(work, owner)
        granted = grant_namespace(work, name, somebody)
    click.echo(f"{granted.name} and {granted.name}-… are {somebody.username}'s.")


@namespace.command()
@click.argument("name")
@click.pass_obj
def revoke(application: Application, name: str) -> None:
    """Let everybody register new projects in NAME again."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = find_namespace(work, name)
        revoke_namespace(work, found)
    click.echo(f"{found.name} is no namespace any more.")


@namespace.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object for each namespace.")
@click.pass_obj
def list_(application: Application, as_json: bool) -> None:
    """List every namespace by name."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = all_namespaces(work)
    if as_json:
        rows = [{"name": one.name, "owner": owner, "granted_at": written(one.granted_at)} for one, owner in found]
        click.echo(json.dumps(rows, indent=2))
    else:
        listed = [(one.name, owner, shown(one.granted_at)) for one, owner in found]
        print_table(("NAME", "OWNER", "SINCE (UTC)"), listed)


@namespace.command()
@click.argument("name")
@click.pass_obj
def show(application: Application, name: str) -> None:
    """Show whose NAME is, and what is in it."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = find_namespace(work, name)
        inside = namespaces_below(work.db, normalize(found.name))
        lines = [
            ("name", found.name),
            ("owner", owner_of(work.db, found)),
            ("since", shown(found.granted_at)),
            ("namespaces", ", ".join(one.name for one in inside) or "none"),
            ("projects", f"{len(projects_in(work.db, found.name)):,}"),
        ]
    for label, text in lines:
        click.echo(f"{label:<12}{text}")
