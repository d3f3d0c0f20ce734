"""What strangers say is logged as what it is: nothing that looks like an event, steers a terminal or is secret."""

from __future__ import annotations

import io
import logging

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from warehouse.domain.accounts import User
from warehouse.infra import log
from warehouse.work import Tools

FORGED = "2026-01-01T00:00:00Z [info     ] all is well"
HOSTILE = f"/simple/x\r\n{FORGED}\x1b[2J\x1b]0;title\x07\x9b31m\u202egpj\u2028{FORGED}"


@pytest.fixture
def logged():
    """A function that logs to a console in memory and gives the lines."""
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    log.configure("info", "console", stream=stream)
    yield lambda: stream.getvalue().split("\n")
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
    for handler in before:
        root.addHandler(handler) if handler not in root.handlers else None
    root.setLevel(level)


def _as_message() -> None:
    logging.getLogger("attacked").error("request %s failed", HOSTILE)


def _as_detail() -> None:
    logging.getLogger("attacked").error("failed", extra={"path": HOSTILE, "agent": "\x1b[2J"})


def _as_exception() -> None:
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        logging.getLogger("attacked").exception("failed")


@pytest.mark.parametrize("say", [_as_message, _as_detail, _as_exception])
def test_hostile_words_neither_begin_a_line_nor_reach_the_terminal(logged, say) -> None:
    say()
    lines = logged()
    text = "\n".join(lines)
    assert FORGED in text
    assert [line for line in lines if line.startswith("2026-01-01")] == []
    assert all(character.isprintable() or character == "\n" for character in text)


def test_what_the_database_refuses_is_told_without_the_values(tools: Tools) -> None:
    person = {"username": "ada", "password_hash": "$argon2id$secret", "is_administrator": True}
    with tools.database.session() as db, pytest.raises(IntegrityError) as caught:
        db.execute(insert(User), [person, person])
    assert "$argon2id$secret" not in str(caught.value)
