"""`warehouse token`: API tokens, without a browser."""

from __future__ import annotations

import json
import math
import os
import sys
import uuid
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import click

from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.remote import derive_at
from warehouse.cli.tables import print_table, shown, written
from warehouse.domain.tokens import Token
from warehouse.errors import NotFound
from warehouse.operations.accounts import find_user
from warehouse.operations.leaks import revoke_leaked, tokens_in
from warehouse.operations.tokens import create_token, projects_of, revoke_token, tokens_of
from warehouse.settings.written import read_duration
from warehouse.work import OPERATOR, begin

LONGEST_LINE = 1024 * 1024  # characters


class Lifetime(click.ParamType):
    """A duration as settings are written."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        try:
            return read_duration(value)
        except ValueError as error:
            self.fail(f"{value!r} is not {error}.", param, ctx)


LIFETIME = Lifetime()


@click.group(cls=Family)
def token() -> None:
    """Create, list, revoke and mint API tokens, and take leaked ones back."""


@token.command()
@click.argument("name")
@click.option(
    "--project", "projects", multiple=True, metavar="PROJECT", help="Limit it to this project; may be given again."
)
@click.option("--expires-in", type=LIFETIME, help="How long the token is valid: '15 min', '30 days'.")
@click.option("--expires-in-days", type=click.IntRange(min=1), metavar="N", help="The same in days.")
@click.option("--description", metavar="TEXT", help="What it is for; each token of a user has another.")
@click.pass_obj
def create(
    application: Application,
    name: str,
    projects: tuple[str, ...],
    expires_in: timedelta | None,
    expires_in_days: int | None,
    description: str | None,
) -> None:
    """Create an API token of the user NAME, and print it and nothing else.

    It is shown once and kept nowhere. Without --project it may do what its user may.
    """
    if expires_in is not None and expires_in_days is not None:
        raise click.UsageError("Give --expires-in or --expires-in-days, not both.")
    lifetime = expires_in or (timedelta(days=expires_in_days) if expires_in_days else None)
    description = description or f"command line, {datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        user = find_user(work, name)
        _, text = create_token(work, user, description=description, projects=projects, lifetime=lifetime)
    click.echo(text)


@token.command("list")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object for each token.")
@click.pass_obj
def list_(application: Application, name: str, as_json: bool) -> None:
    """List the tokens of the user NAME, oldest first."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = tokens_of(work.db, find_user(work, name))
    if as_json:
        click.echo(json.dumps([_described(one) for one in found], indent=2))
        return
    rows = [
        (
            str(one.id),
            one.description,
            ", ".join(projects_of(one) or ["all"]),
            shown(one.expires_at),
            shown(one.last_used_at),
        )
        for one in found
    ]
    print_table(("ID", "DESCRIPTION", "PROJECTS", "EXPIRES (UTC)", "LAST USED (UTC)"), rows)


@token.command()
@click.argument("name")
@click.argument("token_id", metavar="ID", type=click.UUID)
@click.pass_obj
def revoke(application: Application, name: str, token_id: uuid.UUID) -> None:
    """Make the token ID of the user NAME worthless at once; 'warehouse token list' shows the IDs."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        revoke_token(work, find_user(work, name), token_id)
    click.echo(f"The token {token_id} is revoked.")


@token.command()
@click.option("--found-at", "url", metavar="URL", help="Where it was found; the owners are told.")
@click.option("--found-by", "origin", metavar="NAME", help="Who found it; the owners are told.")
@click.pass_obj
def leaked(application: Application, url: str | None, origin: str | None) -> None:
    """Revoke every token of this index that stands in what is read from standard input.

    For a log, a page or a message in which somebody found one. Their owners are told by mail.
    """
    count = 0
    with application.tools() as tools:
        for line in iter(partial(sys.stdin.readline, LONGEST_LINE), ""):
            for token_id in tokens_in(line):
                with begin(tools, OPERATOR) as work:
                    found = revoke_leaked(work, token_id, url=url, origin=origin)
                    if found is not None:
                        count += 1
                        click.echo(f"Revoked {found.token.description!r} of {found.user.username}.")
    if not count:
        raise NotFound("No token of this index was found in it.")


@token.command()
@click.option("--url", required=True, help="The address of the index, such as https://packages.example.org.")
@click.option(
    "--project", "projects", multiple=True, metavar="PROJECT", help="Limit it to this project; may be given again."
)
@click.option("--expires-in", type=LIFETIME, help="How long the token is valid: '15 min', '1 h'.")
@click.option("--description", metavar="TEXT", help="What it is for.")
def mint(url: str, projects: tuple[str, ...], expires_in: timedelta | None, description: str | None) -> None:
    """Have the index at URL make a short-lived token from the one in WAREHOUSE_TOKEN, and print it and nothing else.

    Without WAREHOUSE_TOKEN it is read from the first line of standard input. The new token reaches no further than that
    one, ends no later, and ends when that one is revoked.
    """
    parent = os.environ.get("WAREHOUSE_TOKEN") or sys.stdin.readline()
    wanted: dict[str, Any] = {}
    if description is not None:
        wanted["description"] = description
    if projects:
        wanted["projects"] = projects
    if expires_in is not None:
        wanted["expires_in"] = math.ceil(expires_in.total_seconds())
    click.echo(derive_at(url, parent.strip(), wanted))


def _described(one: Token) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "description": one.description,
        "projects": projects_of(one),
        "created_at": written(one.created_at),
        "expires_at": written(one.expires_at),
        "last_used_at": written(one.last_used_at),
        "last_used_from": one.last_used_from,
    }
