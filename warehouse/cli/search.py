"""`warehouse search`: the search index of this machine."""

from __future__ import annotations

import threading

import click

from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.progress import bars
from warehouse.follow.search import behind, keep_searchable, rebuild_search, search_folder
from warehouse.infra.search import EmbeddedSearch, Versions
from warehouse.infra.search.writing import read_mark

MIB = 1024 * 1024


@click.group(cls=Family)
def search() -> None:
    """Look after the search index of this machine: make it anew, see how it is, keep it."""


@search.command("rebuild")
@click.pass_obj
def rebuild_(application: Application) -> None:
    """Make the search index anew, while the old one is searched.

    Needed by nothing that the index knows of: a version that is damaged or old is made anew by itself.
    """
    with application.tools() as tools:
        with bars() as tell:
            version = rebuild_search(tools, tell=lambda number: tell("projects", number, number))
        click.echo(f"{EmbeddedSearch(version.parent).size} projects can be found.")


@search.command()
@click.pass_obj
def status(application: Application) -> None:
    """Say how many projects can be found, and how far behind the index is."""
    with application.tools() as tools:
        version = Versions(search_folder(tools)).current()
        if version is None:
            raise click.ClickException(
                "There is no search index on this machine. 'warehouse serve' makes it, or 'warehouse search rebuild'."
            )
        size = sum(path.stat().st_size for path in version.iterdir())
        mark = read_mark(version)
        click.echo(f"{EmbeddedSearch(version.parent).size} projects can be found; {size / MIB:.1f} MiB in {version}.")
        late = behind(tools, mark)
        click.echo(f"Followed to serial {mark.serial}, " + (f"{late} behind." if late else "the newest."))


@search.command()
@click.pass_obj
def follow(application: Application) -> None:
    """Keep the search index of this machine until interrupted, beside a WSGI server that is not ours."""
    with application.tools() as tools:
        keep_searchable(tools, threading.Event())
