"""The ``warehouse`` command: its commands by name, each imported when somebody asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from warehouse import __version__


class Place(NamedTuple):
    """Where a command is, and what ``warehouse --help`` says of it: the first sentence of its own help."""

    module: str
    attribute: str
    sentence: str


COMMANDS: Mapping[str, Place] = {
    "serve": Place("roles", "serve", "Run the index: web server and jobs in one process tree."),
    "web": Place("roles", "web", "Run the web server alone."),
    "worker": Place("roles", "worker", "Do the jobs alone, beside web servers that run elsewhere."),
    "init": Place("schema", "init", "Create the data folder, the keys and the database of a new index."),
    "migrate": Place("schema", "migrate", "Bring the database's schema up to date."),
    "user": Place("users", "user", "Look after people: add, invite, list, freeze, delete, and let them in again."),
    "ban": Place("bans", "ban", "Ban network addresses from signing in: add, remove and list them."),
    "prohibit": Place("admission", "prohibit", "Say which usernames and mail domains nobody registers with."),
    "token": Place("tokens", "token", "Create, list, revoke and mint API tokens, and take leaked ones back."),
    "role": Place("people", "role", "Say who keeps a project: add, remove and list its owners and maintainers."),
    "project": Place("projects", "project", "Archive, deprecate, quarantine, activate, show and remove projects."),
    "release": Place("releases", "release", "Yank, unyank, quarantine and remove releases."),
    "file": Place("releases", "file", "Remove single files."),
    "namespace": Place(
        "namespaces",
        "namespace",
        "Grant, revoke, list and show namespaces: names that are one person's with all that begin with them.",
    ),
    "history": Place(
        "history",
        "history",
        "Show what happened to an account or a project, newest first: who did it, when and from where.",
    ),
    "advisories": Place("advisories", "advisories", "Take, list and remove what is known to be wrong with releases."),
    "flag": Place("flags", "flag", "Set, clear and list the switches of a running index."),
    "mirror": Place("mirror", "mirror", "Make this index a true copy of another Warehouse, and follow it."),
    "import": Place("importing", "import_", "Take distributions from files and folders into the index."),
    "downloads": Place(
        "downloads", "downloads", "Count downloads that others answered: those in the logs of a CDN or a web server."
    ),
    "check": Place("upkeep", "check", "Check that every file is there and everything derived is right."),
    "sweep": Place("upkeep", "sweep", "Remove stored files that nothing refers to any more."),
    "rebuild": Place("upkeep", "rebuild", "Make everything that follows the journal anew."),
    "search": Place(
        "search", "search", "Look after the search index of this machine: make it anew, see how it is, keep it."
    ),
    "purge": Place("purge", "purge", "Have the cache in front of the index fetch pages again."),
    "backup": Place("backup", "backup", "Copy the whole index into FOLDER while it runs."),
    "restore": Place("backup", "restore", "Bring the backup in FOLDER back into an empty data folder and database."),
    "dev": Place("dev", "dev", "Work on the index itself: fill one with invented projects, for measuring."),
    "config": Place("config", "config", "Show the settings in use, their meaning, and where each came from."),
}


class Commands(click.Group):
    """The commands of the table, and the one place where a failure becomes a sentence and an exit status.

    Importing them all would take longer than most of them run.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        found = getattr(import_module(f"warehouse.cli.{place.module}"), place.attribute)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.sentence) for name, place in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            # Imported now, because it knows the errors of libraries that most commands never load.
            failure = import_module("warehouse.cli.failures").explain(error)
            if failure is None:
                raise
            raise failure from error


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 done, 1 refused or something is wrong, 2 wrong usage or settings.",
)
@click.version_option(__version__, prog_name="warehouse")
@click.option("--data", metavar="FOLDER", help="The data folder, instead of WAREHOUSE_DATA or ./var.")
@click.option("--config", metavar="FILE", help="The settings file, instead of WAREHOUSE_CONFIG.")
@click.pass_obj
def cli(application: Any, data: str | None, config: str | None) -> None:
    """A Python package index.

    'warehouse serve' runs one; nothing has to be prepared. The other commands work on the same data folder, whether
    or not the index is running.
    """
    application.prefer(data=data, config=config)
