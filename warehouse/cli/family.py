"""Commands that begin with one word, such as ``warehouse user``."""

from __future__ import annotations

import click

UNCUT = 1000


class Family(click.Group):
    """A group whose help says the whole first sentence of each command, over two lines if need be."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, self.commands[name].get_short_help_str(UNCUT)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
