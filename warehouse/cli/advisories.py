"""`warehouse advisories`: what is known to be wrong with releases."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import click

from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.tables import print_table, written
from warehouse.domain.packaging import Advisory
from warehouse.errors import Invalid
from warehouse.operations.advisories import Taken, known_names, listed, remove_advisory, take_report
from warehouse.operations.advisory_files import documents
from warehouse.standards.names import normalize
from warehouse.standards.osv import reports_of
from warehouse.work import OPERATOR, attempt, begin


@click.group(cls=Family)
def advisories() -> None:
    """Take, list and remove what is known to be wrong with releases."""


@advisories.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object: counts, and what could not be read.")
@click.pass_obj
def import_(application: Application, paths: tuple[Path, ...], as_json: bool) -> None:
    """Take advisories in the OSV format from files, folders and .zip archives.

    Folders and archives are searched for .json, .yaml and .yml: a clone of the PyPA's advisory database will do, or an
    archive of OSV's. Only projects of this index matter. Run it again to take what is new, for instance every night;
    what is known already is passed over. What cannot be read is listed at the end, and the exit status is 1.
    """
    counts: Counter[Taken] = Counter()
    unreadable = []
    with application.tools() as tools:
        with begin(tools, OPERATOR) as work:
            names = known_names(work)
        for document in documents(paths):
            try:
                for report in reports_of(document.read()):
                    is_here = report.project in names
                    counts[attempt(tools, OPERATOR, take_report, report) if is_here else Taken.NOT_HERE] += 1
            except Invalid as refusal:
                unreadable.append((document.name, refusal.sentence))
    _say(counts, unreadable, as_json=as_json)
    if unreadable:
        raise SystemExit(1)


@advisories.command("list")
@click.argument("project", required=False)
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
@click.pass_obj
def list_(application: Application, project: str | None, as_json: bool) -> None:
    """List what is known, of all projects or of PROJECT."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = listed(work, normalize(project) if project is not None else None)
    if as_json:
        click.echo(json.dumps([_as_json(*row) for row in found], indent=2))
    else:
        print_table(("ID", "PROJECT", "RELEASES", "FIXED IN", "SUMMARY"), [_as_row(*row) for row in found])


@advisories.command()
@click.argument("identifier", metavar="ID")
@click.pass_obj
def remove(application: Application, identifier: str) -> None:
    """Forget what is known under ID; it comes back when it is imported or reported again."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        names = remove_advisory(work, identifier)
    click.echo(f"{identifier} is forgotten for {', '.join(names)}.")


def _as_json(advisory: Advisory, name: str, releases: int) -> dict[str, Any]:
    return {
        "id": advisory.identifier,
        "project": name,
        "releases": releases,
        "fixed_in": advisory.fixed_in,
        "withdrawn": written(advisory.withdrawn_at),
        "summary": advisory.summary,
    }


def _as_row(advisory: Advisory, name: str, releases: int) -> tuple[str, ...]:
    summary = " ".join((advisory.summary or "").split())
    said = f"(withdrawn) {summary}" if advisory.withdrawn_at else summary
    return advisory.identifier, name, str(releases), " ".join(advisory.fixed_in), said


def _say(counts: Counter[Taken], unreadable: list[tuple[str, str]], *, as_json: bool) -> None:
    if as_json:
        numbers = {taken.name.lower(): counts[taken] for taken in Taken}
        refused = [{"file": name, "sentence": sentence} for name, sentence in unreadable]
        click.echo(json.dumps({**numbers, "unreadable": refused}, indent=2))
        return
    click.echo(", ".join(f"{counts[taken]} {taken.value}" for taken in Taken) + ".")
    for name, sentence in unreadable:
        click.echo(f"{name}: {sentence}", err=True)
