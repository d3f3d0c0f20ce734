"""`warehouse backup` and `restore`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from warehouse.cli.needs import Application
from warehouse.cli.progress import bars
from warehouse.cli.upkeep import check_shown, print_report
from warehouse.operations.backup import Manifest, make_backup, restore_backup

MIB = 1024 * 1024


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--without-blobs", is_flag=True, help="Leave the files out, when the object store is backed up itself.")
@click.option("--json", "as_json", is_flag=True, help="The backup's manifest, as JSON.")
@click.pass_obj
def backup(application: Application, folder: Path, without_blobs: bool, as_json: bool) -> None:
    """Copy the whole index into FOLDER while it runs.

    The copy is that of one moment. Backups into the same FOLDER bring only what is new, as hard links when it is on the
    disk of the data folder; keep a copy of it elsewhere. It holds the secret key: guard it like the index itself.
    """
    with application.tools() as tools, bars() as tell:
        manifest = make_backup(
            tools, folder, pg_dump=application.postgres_tool("pg_dump"), with_blobs=not without_blobs, progress=tell
        )
    click.echo(json.dumps(asdict(manifest), indent=2) if as_json else f"Saved {_described(manifest)} in {folder}.")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--rehash", is_flag=True, help="Read every byte of every file again when all is done.")
@click.pass_obj
def restore(application: Application, folder: Path, rehash: bool) -> None:
    """Bring the backup in FOLDER back into an empty data folder and database.

    Then the index is checked. A restore that was interrupted is simply run again.
    """
    with application.database_url(lease=True) as url, bars() as tell:
        pg_restore = application.postgres_tool("pg_restore")
        manifest = restore_backup(application.settings, url, folder, pg_restore=pg_restore, progress=tell)
    click.echo(f"Restored {_described(manifest)}.")
    with application.tools(may_be_new=True) as tools:
        report = check_shown(tools, rehash=rehash)
    print_report(report)
    if not report.is_whole:
        raise SystemExit(1)


def _described(manifest: Manifest) -> str:
    files = f"{manifest.files} files ({manifest.bytes / MIB:.1f} MiB)"
    if manifest.blobs is None:
        files += " without their contents"
    return f"{manifest.users} users, {manifest.projects} projects, {files}, up to serial {manifest.serial}"
