"""`warehouse check`, `sweep` and `rebuild`: keeping an index whole."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from warehouse.cli.needs import Application
from warehouse.cli.progress import bars
from warehouse.follow import FOLLOWERS
from warehouse.follow import rebuild as rebuild_follower
from warehouse.operations.checking import Report, check_index
from warehouse.operations.sweeping import sweep_blobs
from warehouse.work import Tools

MIB = 1024 * 1024


@click.command()
@click.option("--no-rehash", is_flag=True, help="Look at sizes only; do not read every byte of every file.")
@click.option("--no-files", is_flag=True, help="Look at the database only; do not ask whether files are there.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: counts and findings.")
@click.pass_obj
def check(application: Application, no_rehash: bool, no_files: bool, as_json: bool) -> None:
    """Check that every file is there and everything derived is right.

    Nothing is changed, and the index may go on running. The exit status is 1 when something is wrong.
    """
    with application.tools() as tools:
        report = check_shown(tools, files=not no_files, rehash=not no_rehash)
    if as_json:
        findings = [finding._asdict() for finding in report.findings]
        click.echo(json.dumps({**asdict(report), "findings": findings}, indent=2))
    else:
        print_report(report)
    if not report.is_whole:
        raise SystemExit(1)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.pass_obj
def sweep(application: Application, dry_run: bool) -> None:
    """Remove stored files that nothing refers to any more.

    Only those older than the setting storage.sweep_after. The jobs of a running index do the same every hour.
    """
    with application.tools() as tools:
        swept = sweep_blobs(tools, older_than=tools.settings.storage.sweep_after, dry_run=dry_run)
    click.echo(
        f"{'Would remove' if dry_run else 'Removed'} {swept.count} stored files, {swept.bytes / MIB:.1f} MiB together."
    )


@click.command(epilog=f"Followers: {', '.join(follower.name for follower in FOLLOWERS)}.")
@click.argument("name", required=False, metavar="[FOLLOWER]")
@click.pass_obj
def rebuild(application: Application, name: str | None) -> None:
    """Make everything that follows the journal anew.

    FOLLOWER is the one to rebuild; without it, all are. Safe while the index runs.
    """
    known = {follower.name: follower for follower in FOLLOWERS}
    if name is not None and name not in known:
        raise click.BadParameter(f"There is no follower {name!r}. There are: {', '.join(known)}.")
    with application.tools() as tools:
        for follower in FOLLOWERS:
            if name in (None, follower.name):
                serial = rebuild_follower(tools, follower)
                click.echo(f"Rebuilt {follower.name} up to serial {serial}.")


def check_shown(tools: Tools, *, rehash: bool, files: bool = True) -> Report:
    """Check the index, with a bar on the terminal when there is one."""
    with bars() as tell:
        return check_index(tools, files=files, rehash=rehash, progress=tell)


def print_report(report: Report) -> None:
    """Write the findings, and what was looked at."""
    for finding in report.findings:
        click.echo(finding.sentence)
    if report.found > len(report.findings):
        click.echo(f"... and {report.found - len(report.findings)} more findings.")
    click.echo(
        f"Checked {report.projects} projects, {report.releases} releases and {report.files} files "
        f"({report.bytes / MIB:.1f} MiB): {_counted(report.found)}."
    )


def _counted(found: int) -> str:
    return "all is well" if not found else "1 finding" if found == 1 else f"{found} findings"
