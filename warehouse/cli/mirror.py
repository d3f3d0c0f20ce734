"""`warehouse mirror`: a true copy of another index."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

import click

from warehouse.cli.needs import Application
from warehouse.cli.progress import bars
from warehouse.infra import log
from warehouse.infra.fetching import Fetcher
from warehouse.operations.mirroring import Origin, begin_mirroring, end_mirroring, follow
from warehouse.work import OPERATOR, begin


@click.command()
@click.argument("origin", required=False)
@click.option("--once", is_flag=True, help="Stop when the copy is what the origin is, instead of following it.")
@click.option(
    "--token",
    envvar="WAREHOUSE_MIRROR_TOKEN",
    help="For an origin that is read with a token. WAREHOUSE_MIRROR_TOKEN is better.",
)
@click.option(
    "--include",
    multiple=True,
    metavar="NAME",
    help="Copy this project only; may be given several times. Give the same each time.",
)
@click.option("--end", is_flag=True, help="Make the mirror an index of its own, to which people publish.")
@click.pass_obj
def mirror(
    application: Application, origin: str | None, once: bool, token: str | None, include: tuple[str, ...], end: bool
) -> None:
    """Make this index a true copy of another Warehouse, and follow it.

    ORIGIN is the other's address. Only an empty index can become a mirror, and while it is one it refuses uploads and
    other changes. Other users of this machine do not see a token in WAREHOUSE_MIRROR_TOKEN. Stop it whenever you like:
    it goes on where it was. Start 'warehouse serve' before it, so that readers keep their database when it ends.
    """
    if end == (origin is not None):
        raise click.UsageError("Give either the address of the origin, or --end.")
    with application.tools(may_be_new=origin is not None, lease=once or end) as tools:
        if origin is None:
            with begin(tools, OPERATOR) as work:
                former = end_mirroring(work)
            click.echo(f"This index is no mirror of {former} any more.")
            return
        log.configure(application.settings.logs.level, application.settings.logs.format)
        signal.signal(signal.SIGTERM, _stop)
        with begin(tools, OPERATOR) as work:
            address = begin_mirroring(work, origin, include).origin
        with bars() as tell:
            failed = follow(tools, Origin(Fetcher(address, token=token)), once=once, progress=tell)
    if failed:
        click.echo(
            f"{failed} projects could not be copied; the log says why. Run it again, and it tries again.", err=True
        )
        raise SystemExit(1)


def _stop(*_: object) -> NoReturn:
    sys.exit(0)
