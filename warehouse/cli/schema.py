"""`warehouse init` and `migrate`: a new index, and an old one made ready for this version."""

from __future__ import annotations

import click

from warehouse.cli.needs import Application
from warehouse.domain.accounts import any_administrator
from warehouse.infra import migrations
from warehouse.operations.registration import first_start_key


@click.command()
@click.pass_obj
def init(application: Application) -> None:
    """Create the data folder, the keys and the database of a new index.

    'warehouse serve' does the same at its first start. Running it again changes nothing and shows the link again, as
    long as there is no administrator.
    """
    settings = application.settings
    with application.tools(may_be_new=True) as tools, tools.database.session() as db:
        key = None if any_administrator(db) else first_start_key(tools.secret)
    click.echo(f"The index in {settings.data.resolve()} is ready.")
    if key is not None:
        host, port = settings.listen
        address = settings.site.url or f"http://{f'[{host}]' if ':' in host else host}:{port}"
        click.echo(f"Start it with:  warehouse serve\nThen open {address}/setup/{key}")
        click.echo("to become the administrator (works once), or make users here:")
        click.echo("  warehouse user add NAME --email ADDRESS --password-stdin --admin")
    click.echo("Make a token to publish with:  warehouse token create NAME")


@click.command()
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit with 1 when there is something to do.")
@click.pass_obj
def migrate(application: Application, only_check: bool) -> None:
    """Bring the database's schema up to date.

    'warehouse serve' does it too when it starts. Safe on several machines at once.
    """
    with application.tools(migrated=False) as tools:
        if only_check:
            with tools.database.engine.connect() as connection:
                migrations.refuse_newer(migrations.current(connection))
            if migrations.is_current(tools.database):
                click.echo("The schema is up to date.")
                return
            click.echo("The schema is not up to date. Run: warehouse migrate", err=True)
            raise SystemExit(1)
        applied = migrations.migrate(tools.database)
    click.echo("\n".join(f"applied {revision}" for revision in applied) or "The schema was up to date.")
