"""`warehouse purge`: have the cache in front of the index fetch pages again."""

from __future__ import annotations

import click

from warehouse.cli.needs import Application
from warehouse.errors import Conflict, Invalid, Unavailable
from warehouse.follow.cdn import project_keys
from warehouse.infra.cdn import PurgeFailed, check_key, open_purgers
from warehouse.standards.names import is_valid_name, normalize


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--project", "projects", multiple=True, metavar="NAME", help="All pages and files of this project.")
@click.option("--all", "everything", is_flag=True, help="Everything, at once: old pages are not kept for bad times.")
@click.pass_obj
def purge(application: Application, keys: tuple[str, ...], projects: tuple[str, ...], everything: bool) -> None:
    """Have the cache in front of the index fetch pages again.

    KEY is a surrogate key, such as project/demo or all-projects; the others are in docs/cdn.md. Not needed in daily
    life: what changes is purged by itself. After a restore, or when what all pages look like has changed, say --all.
    """
    wanted = _wanted(keys, projects)
    if everything == bool(wanted):
        raise click.UsageError("Say which keys or projects to purge, or --all.")
    purgers = open_purgers(application.settings)
    if not purgers:
        raise Conflict("There is no cache that could be told: set cdn.backend.", code="no_cdn")
    failures = []
    for purger in purgers:
        try:
            if everything:
                purger.purge_all()
            else:
                purger.purge(wanted)
            click.echo(f"Purged {'everything' if everything else ' '.join(sorted(wanted))} at {purger.name}.")
        except PurgeFailed as failure:  # the others are told all the same
            failures.append(failure.sentence)
    if failures:
        raise Unavailable(" ".join(failures), code="purge_failed")


def _wanted(keys: tuple[str, ...], projects: tuple[str, ...]) -> set[str]:
    wanted = {check_key(key) for key in keys}
    for name in projects:
        if not is_valid_name(name):
            raise Invalid(f"{name!r} is no name of a project.", code="bad_name")
        wanted.update(project_keys(normalize(name)))
    return wanted
