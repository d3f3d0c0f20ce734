"""The database's passwords: random, kept in a file that only its owner reads, in the form libpq knows."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from warehouse.infra.disk import write_durably

SUPERUSER = "postgres"
ROLE = "warehouse"


@dataclass(frozen=True)
class Passwords:
    """One for the role the index works as, one for the superuser, which only this package uses."""

    role: str
    superuser: str


def new_passwords() -> Passwords:
    """256 bits each, so that one round of hashing is as good as thousands."""
    return Passwords(role=secrets.token_hex(32), superuser=secrets.token_hex(32))


def write_passwords(path: Path, passwords: Passwords) -> None:
    """Keep them as a libpq password file: mode 0600, complete or not there."""
    lines = f"*:*:*:{ROLE}:{passwords.role}\n*:*:*:{SUPERUSER}:{passwords.superuser}\n"
    write_durably(path, lines.encode())


def read_passwords(path: Path) -> Passwords:
    """What ``write_passwords`` kept."""
    kept = dict(line.split(":")[3:] for line in path.read_text().splitlines())
    return Passwords(role=kept[ROLE], superuser=kept[SUPERUSER])
