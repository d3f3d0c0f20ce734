"""`warehouse downloads`: the numbers of downloads of a running index."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.progress import bars
from warehouse.errors import Refusal
from warehouse.operations.downloads import Imported, import_log
from warehouse.work import OPERATOR, begin


@click.group(cls=Family)
def downloads() -> None:
    """Count downloads that others answered: those in the logs of a CDN or a web server."""


@downloads.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, path_type=Path))
@click.pass_obj
def import_(application: Application, files: tuple[Path, ...]) -> None:
    """Count the downloads that logs tell of.

    FILE is a log as docs/cdn.md has Fastly or Varnish write it, or in the combined format of nginx and Apache; it may
    be compressed with gzip. Import logs that are complete. The same log is counted once, so an import that was
    interrupted is simply run again. Lines that cannot be read are told of, and the exit status is 1.
    """
    is_flawed = False
    with application.tools() as tools, bars() as tell:
        for path in files:
            try:
                with begin(tools, OPERATOR) as work:
                    imported = import_log(work, path, partial(tell, path.name))
            except Refusal as refusal:
                click.echo(refusal.sentence, err=True)
                is_flawed = True
                continue
            click.echo(f"{path}: {_told(imported)}")
            is_flawed = is_flawed or imported.bad > 0
    if is_flawed:
        raise SystemExit(1)


def _told(imported: Imported) -> str:
    if imported.is_known:
        return "was imported before, and is not counted again."
    told = [f"{imported.downloads} downloads counted"]
    if imported.unknown:
        told.append(f"{imported.unknown} of files that are not here")
    if imported.others:
        told.append(f"{imported.others} lines about other things")
    if imported.bad:
        told.append(f"{imported.bad} lines cannot be read, the first is line {imported.first_bad}")
    return ", ".join(told) + "."
