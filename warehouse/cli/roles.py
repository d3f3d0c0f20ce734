"""`warehouse serve`, `web` and `worker`: the processes of an index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, Protocol

import click

from warehouse.settings import Settings


class Serving(Protocol):
    """What these commands need of the application."""

    @property
    def settings(self) -> Settings:
        """The settings; refused with BadSettings when one is wrong."""

    def prefer(self, **settings: str | None) -> None:
        """Let what the command line says win over environment and file."""

    def serve(self, *, web: bool = True, jobs: bool = True) -> int:
        """Run the process tree until it is told to stop; the exit status."""


listen_option = click.option("--listen", metavar="HOST:PORT", help="The address of the web server.")
profile_option = click.option(
    "--profile", metavar="NAME", help="The set of defaults: private (a company, a person) or public (everyone)."
)
data_option = click.option("--data", metavar="FOLDER", help="The folder for everything the index keeps.")


def _role(command: Callable[..., Any]) -> Callable[..., Any]:
    return profile_option(data_option(click.pass_obj(command)))


@click.command()
@listen_option
@_role
def serve(application: Serving, listen: str | None, profile: str | None, data: str | None) -> NoReturn:
    """Run the index: web server and jobs in one process tree.

    The first start creates everything that is needed. SIGTERM or Ctrl-C ends it after requests have finished, SIGHUP
    replaces its processes one by one.
    """
    application.prefer(listen=listen, profile=profile, data=data)
    raise SystemExit(application.serve(jobs=application.settings.jobs.in_tree))


@click.command()
@listen_option
@_role
def web(application: Serving, listen: str | None, profile: str | None, data: str | None) -> NoReturn:
    """Run the web server alone.

    Jobs wait in the database until a 'warehouse worker' on the same database does them.
    """
    application.prefer(listen=listen, profile=profile, data=data)
    raise SystemExit(application.serve(jobs=False))


@click.command()
@_role
def worker(application: Serving, profile: str | None, data: str | None) -> NoReturn:
    """Do the jobs alone, beside web servers that run elsewhere."""
    application.prefer(profile=profile, data=data)
    raise SystemExit(application.serve(web=False))
