"""`warehouse release` and `warehouse file`: what installers may have of a project, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.projects import ask_before, yes_option
from warehouse.domain.packaging import Project, Release
from warehouse.operations.files import remove_file
from warehouse.operations.projects import find_project
from warehouse.operations.releases import (
    clear_release,
    find_release,
    quarantine_release,
    remove_release,
    unyank_release,
    yank_release,
)
from warehouse.work import OPERATOR, Work, begin

_project = click.argument("project")
_version = click.argument("version")
_reason = click.option(
    "--reason", metavar="TEXT", default="", help="Why, on one line: everybody who installs can read it."
)


@contextmanager
def _found(application: Application, project: str, version: str) -> Iterator[tuple[Work, Project, Release]]:
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = find_project(work, project)
        yield work, found, find_release(work, found, version)


@click.group(cls=Family)
def release() -> None:
    """Yank, unyank, quarantine and remove releases."""


@release.command()
@_project
@_version
@_reason
@click.pass_obj
def yank(application: Application, project: str, version: str, reason: str) -> None:
    """Ask installers to skip VERSION of PROJECT unless it is pinned exactly (PEP 592)."""
    with _found(application, project, version) as (work, found, one):
        yank_release(work, found, one, reason=reason)
    click.echo(f"{found.name} {one.version} is yanked.")


@release.command()
@_project
@_version
@click.pass_obj
def unyank(application: Application, project: str, version: str) -> None:
    """Offer a yanked VERSION of PROJECT again."""
    with _found(application, project, version) as (work, found, one):
        unyank_release(work, found, one)
    click.echo(f"{found.name} {one.version} is not yanked.")


@release.command()
@_project
@_version
@click.option("--reason", metavar="TEXT", default="", help="Why, on one line, for the audit trail.")
@click.pass_obj
def quarantine(application: Application, project: str, version: str, reason: str) -> None:
    """Offer nothing of VERSION of PROJECT, which is held to be unsafe, until it is cleared."""
    with _found(application, project, version) as (work, found, one):
        quarantine_release(work, found, one, reason=reason)
    click.echo(f"{found.name} {one.version} is in quarantine: nothing of it is offered.")


@release.command()
@_project
@_version
@click.pass_obj
def unquarantine(application: Application, project: str, version: str) -> None:
    """Let VERSION of PROJECT out of quarantine."""
    with _found(application, project, version) as (work, found, one):
        clear_release(work, found, one)
    click.echo(f"{found.name} {one.version} is not in quarantine.")


@release.command()
@_project
@_version
@yes_option
@click.pass_obj
def remove(application: Application, project: str, version: str, yes: bool) -> None:
    """Remove VERSION of PROJECT with its files.

    The names of its files stay used: none of them is ever given to other contents. 'yank' keeps those who pinned the
    version from breaking.
    """
    with _found(application, project, version) as (_, found, one):
        said = f"{found.name} {one.version}"
    if not yes:
        ask_before(f"Remove {said} with all its files?")
    with _found(application, project, version) as (work, found, one):
        remove_release(work, found, one)
    click.echo(f"{said} is removed. The names of its files stay used.")


@click.group(cls=Family)
def file() -> None:
    """Remove single files."""


@file.command("remove")
@_project
@click.argument("filename")
@yes_option
@click.pass_obj
def remove_(application: Application, project: str, filename: str, yes: bool) -> None:
    """Remove FILENAME from PROJECT; its name stays used."""
    if not yes:
        ask_before(f"Remove {filename}?")
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        remove_file(work, find_project(work, project), filename)
    click.echo(f"{filename} is removed. Its name stays used.")
