"""`warehouse project`: what a project is said to be, and whether it is there at all, without a browser."""

from __future__ import annotations

import json
from typing import Any

import click

from warehouse.cli.failures import Failure
from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.tables import shown
from warehouse.domain.packaging import ProjectStatus
from warehouse.operations.overview import Overview, overview
from warehouse.operations.projects import find_project, remove_project, set_project_status
from warehouse.work import OPERATOR, begin

yes_option = click.option("--yes", is_flag=True, help="Do not ask before.")
_reason = click.option("--reason", metavar="TEXT", help="Why, on one line: everybody who installs can read it.")


@click.group(cls=Family)
def project() -> None:
    """Archive, deprecate, quarantine, activate, show and remove projects."""


@project.command()
@click.argument("name")
@_reason
@click.pass_obj
def archive(application: Application, name: str, reason: str | None) -> None:
    """Let NAME take no new files; what it has stays installable."""
    click.echo(f"{_set(application, name, ProjectStatus.ARCHIVED, reason)} is archived and takes no new files.")


@project.command()
@click.argument("name")
@_reason
@click.pass_obj
def deprecate(application: Application, name: str, reason: str | None) -> None:
    """Say that NAME is obsolete; nothing else about it changes."""
    click.echo(f"{_set(application, name, ProjectStatus.DEPRECATED, reason)} is deprecated.")


@project.command()
@click.argument("name")
@_reason
@click.pass_obj
def quarantine(application: Application, name: str, reason: str | None) -> None:
    """Offer nothing of NAME, which is held to be unsafe, and freeze everybody who has a role in it."""
    said = _set(application, name, ProjectStatus.QUARANTINED, reason)
    click.echo(f"{said} is in quarantine: nothing of it is offered, and everybody with a role in it is frozen.")


@project.command()
@click.argument("name")
@_reason
@click.pass_obj
def activate(application: Application, name: str, reason: str | None) -> None:
    """End whatever NAME was: archived, deprecated or in quarantine."""
    click.echo(f"{_set(application, name, ProjectStatus.ACTIVE, reason)} is active.")


@project.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
@click.pass_obj
def show(application: Application, name: str, as_json: bool) -> None:
    """Show what NAME is and has."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        seen = overview(work, find_project(work, name))
    if as_json:
        click.echo(json.dumps(_as_json(seen), indent=2))
        return
    for label, text in _lines(seen):
        click.echo(f"{label:<12}{text}")


@project.command()
@click.argument("name")
@yes_option
@click.pass_obj
def remove(application: Application, name: str, yes: bool) -> None:
    """Remove NAME with its releases, files and roles.

    Anybody may register the name then. The names of its files stay used: none of them is ever given to other contents.
    """
    with application.tools() as tools:
        with begin(tools, OPERATOR) as work:
            found = find_project(work, name)
        if not yes:
            ask_before(f"Remove the project {found.name} with all its files?")
        with begin(tools, OPERATOR) as work:
            remove_project(work, find_project(work, name))
    click.echo(f"{found.name} is removed. The names of its files stay used.")


def ask_before(question: str) -> None:
    """Go on only if whoever is there agrees."""
    try:
        agreed = click.confirm(question)
    except click.Abort:
        raise Failure("Nobody answered. Say --yes where nobody can be asked.") from None
    if not agreed:
        raise click.Abort


def _set(application: Application, name: str, status: ProjectStatus, reason: str | None) -> str:
    """Set the status, and answer how the project is spelled."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = find_project(work, name)
        set_project_status(work, found, status, reason=reason)
    return found.name


def _lines(seen: Overview) -> list[tuple[str, str]]:
    lines = [("name", seen.name), ("status", f"{seen.status}: {seen.reason}" if seen.reason else seen.status)]
    lines += [("created", shown(seen.created_at)), ("owners", _listed(seen.owners))]
    if seen.maintainers:
        lines.append(("maintainers", _listed(seen.maintainers)))
    lines += [("releases", str(seen.releases)), ("files", f"{seen.files}, {seen.size:,} bytes together")]
    if seen.yanked:
        lines.append(("yanked", _listed(seen.yanked)))
    if seen.quarantined:
        lines.append(("quarantined", _listed(seen.quarantined)))
    return lines


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nobody"


def _as_json(seen: Overview) -> dict[str, Any]:
    return {**seen._asdict(), "created_at": seen.created_at.isoformat()}
