"""What a command says when it cannot do what it was asked: one sentence, and an exit status for scripts."""

from __future__ import annotations

import errno

import click
import psycopg
from sqlalchemy.exc import OperationalError

from warehouse.errors import Refusal
from warehouse.settings import BadSettings

REFUSED = 1
BAD_SETTINGS = 2

# What an operator can cure, and no bug of ours.
DISK_TROUBLE = frozenset(
    (errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENOTDIR, errno.EEXIST)
) | {errno.ENOENT, errno.ENAMETOOLONG}


class Failure(click.ClickException):
    """A sentence on standard error, without a traceback."""

    def __init__(self, sentence: str, exit_code: int = REFUSED) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code  # type: ignore[misc]  # an instance's own, though declared for the class

    def show(self, file: object = None) -> None:
        """Write the sentence."""
        click.echo(self.message, err=True)


def explain(error: Exception) -> Failure | None:
    """The failure to show for this error; None for a bug, which keeps its traceback."""
    match error:
        case BadSettings():
            return Failure(error.sentence, BAD_SETTINGS)
        case Refusal():
            return Failure(error.sentence)
        case OperationalError():
            return Failure(f"The database cannot be used: {_first_line(error.orig)}")
        case psycopg.OperationalError() | psycopg.ProgrammingError():
            return Failure(f"The database cannot be used: {_first_line(error)}")
        case OSError():
            return _of_the_system(error)
    return None


def _of_the_system(error: OSError) -> Failure | None:
    if "while attempting to bind" in str(error):
        return Failure(f"The web server cannot listen: {error.strerror}. Choose another address with --listen.")
    if error.errno in DISK_TROUBLE:
        return Failure(f"{error.filename or 'The disk'}: {error.strerror}.")
    return None


def _first_line(error: BaseException | None) -> str:
    return (str(error).strip().splitlines() or ["it gave no reason"])[0]
