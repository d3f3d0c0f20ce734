"""`warehouse config`: every setting with its value, its meaning, and where the value came from."""

from __future__ import annotations

import difflib
import json
import sys
from dataclasses import asdict
from typing import NoReturn, Protocol

import click

from warehouse.settings import BadSettings, Line, Settings, variable, where


class HasSettings(Protocol):
    """What the command needs of the application; asking for the settings may raise `BadSettings`."""

    @property
    def settings(self) -> Settings: ...


@click.command("config")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, a name for each setting.")
@click.pass_obj
def config(application: HasSettings, name: str | None, as_json: bool) -> None:
    """Show the settings in use, their meaning, and where each came from.

    NAME is one setting (upload.max_file_size), a section (upload) or a variable (WAREHOUSE_UPLOAD__MAX_FILE_SIZE).
    Secrets are shown as ******.
    """
    try:
        lines = where(application.settings)
    except BadSettings as problem:
        _refuse(problem.sentence)
    if name is not None:
        lines = _named(name, lines)
    if as_json:
        click.echo(json.dumps({line.name: _without_name(line) for line in lines}, indent=2))
    else:
        _print_table(lines)


def _named(name: str, lines: list[Line]) -> list[Line]:
    found = [line for line in lines if name in (line.name, line.name.partition(".")[0], variable(line.name))]
    if not found:
        close = difflib.get_close_matches(name, [known for line in lines for known in (line.name, variable(line.name))])
        _refuse(f"There is no setting {name}{f'; did you mean {close[0]}?' if close else '; leave it out to see all.'}")
    return found


def _without_name(line: Line) -> dict[str, str]:
    return {key: text for key, text in asdict(line).items() if key != "name"}


def _print_table(lines: list[Line]) -> None:
    # Half the time of a start for those who never ask for a table.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading, style in (("Setting", "cyan"), ("Value", "bold"), ("From", ""), ("Meaning", "dim")):
        table.add_column(heading, style=style, overflow="fold")
    for line in lines:
        # Text, for a value in [brackets] is no markup.
        table.add_row(*(Text(part) for part in (line.name, line.value, line.source, line.meaning)))
    # A file or a pipe has no width: give it enough that no line needs folding.
    Console(width=None if sys.stdout.isatty() else 500).print(table)


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(2)
