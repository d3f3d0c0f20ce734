"""`warehouse import`: distributions that are files on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import click

from warehouse.cli.needs import Application
from warehouse.cli.progress import bars
from warehouse.operations.accounts import find_user
from warehouse.operations.importing import Fate, Outcome, distributions, import_files
from warehouse.work import OPERATOR, begin


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path))
@click.option("--owner", metavar="USER", help="The owner of projects that nobody owns, new or not.")
@click.option("--jobs", type=click.IntRange(1, 16), default=2, show_default=True, help="Projects imported at a time.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: counts, and what was refused with its reason.")
@click.pass_obj
def import_(application: Application, paths: tuple[Path, ...], owner: str | None, jobs: int, as_json: bool) -> None:
    """Take distributions from files and folders into the index.

    Each goes through the same rules as an upload, with the metadata it holds. Folders are searched at any depth for
    .whl, .tar.gz and .zip. A refused file does not stop the others: all of them are listed at the end, and the exit
    status is 1. What is in the index already is passed over, so an import that was interrupted is simply run again.
    """
    files = distributions(paths)
    outcomes: list[Outcome] = []
    with application.tools() as tools:
        user = None
        if owner is not None:
            with begin(tools, OPERATOR) as work:
                user = find_user(work, owner)
        with bars() as tell:

            def told(outcome: Outcome) -> None:
                outcomes.append(outcome)
                tell("files", len(outcomes), len(files))

            import_files(tools, files, owner=user, threads=jobs, told=told)
    outcomes.sort(key=lambda outcome: outcome.path)
    _report(outcomes, user.username if user is not None else "", as_json=as_json)
    if any(outcome.fate is Fate.REFUSED for outcome in outcomes):
        raise SystemExit(1)


def _report(outcomes: list[Outcome], owner: str, *, as_json: bool) -> None:
    counts = {fate: sum(outcome.fate is fate for outcome in outcomes) for fate in Fate}
    refused = [outcome for outcome in outcomes if outcome.fate is Fate.REFUSED]
    given = sorted(outcome.given for outcome in outcomes if outcome.given)
    if as_json:
        reasons = [{"file": str(one.path), "code": one.code, "sentence": one.sentence} for one in refused]
        numbers = {"imported": counts[Fate.IMPORTED], "already_there": counts[Fate.THERE]}
        click.echo(json.dumps({**numbers, "given_to_owner": given, "refused": reasons}, indent=2))
        return
    click.echo(", ".join(f"{count} {fate.value}" for fate, count in counts.items()) + ".")
    if given:
        click.echo(f"{owner} is now the owner of {', '.join(given)}.")
    for outcome in refused:
        click.echo(f"{outcome.path}: {outcome.sentence}", err=True)
