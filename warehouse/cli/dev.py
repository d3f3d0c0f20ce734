"""`warehouse dev`: for those who work on the index itself."""

from __future__ import annotations

import time

import click

from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.progress import bars
from warehouse.follow import FOLLOWERS, rebuild
from warehouse.operations.populating import MEAN_FILES, populate


@click.group(cls=Family)
def dev() -> None:
    """Work on the index itself: fill one with invented projects, for measuring."""


@dev.command("populate")
@click.option("--projects", type=click.IntRange(1, 5_000_000), required=True, help="How many projects to invent.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same projects.")
@click.option(
    "--files-per-project",
    type=click.FloatRange(1, 1000),
    default=MEAN_FILES,
    show_default=True,
    help="How many files a project has on average.",
)
@click.option("--force", is_flag=True, help="Add to an index that is not empty, while it runs; slower.")
@click.pass_obj
def populate_(application: Application, projects: int, seed: int, files_per_project: float, force: bool) -> None:
    """Fill an empty index with invented projects.

    They have releases, files, metadata, people and a history as those of the public index do, in their numbers, but
    the files have no bytes: whoever downloads one is told that it is missing. 'warehouse check --no-files' looks at the
    rest. 700,000 projects take 26 GB.
    """
    began = time.monotonic()
    with application.tools(may_be_new=True) as tools, bars() as tell:
        serial = populate(tools, projects, seed=seed, mean_files=files_per_project, extend=force, progress=tell)
        for done, follower in enumerate(FOLLOWERS, start=1):
            rebuild(tools, follower)
            tell("what follows the journal", done, len(FOLLOWERS))
    click.echo(f"Added {projects} projects in {time.monotonic() - began:.0f} seconds; the newest serial is {serial}.")
