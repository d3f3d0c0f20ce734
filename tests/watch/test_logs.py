"""What the log says, to people and to programs, and what it never says."""

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from warehouse.infra import log

TOKEN = "pypi-AgEIcHlwaS5vcmcCJDEyMzQ1Njc4LTEyMzQtMTIzNC0xMjM0LTEyMzQ1Njc4OTAxMgACKlszLCJhYmMiXQAABiB_-x"


@pytest.fixture
def lines() -> Iterator[Callable[..., list[Any]]]:
    """Runs something with the log going to memory and gives its lines: parsed when they are JSON."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def run(act: Callable[[], object], format: str = "json", level: str = "info") -> list[Any]:
        # The test runner's own handlers leave marks on the records that they format first.
        root.handlers.clear()
        stream = io.StringIO()
        log.configure(level, format, stream=stream)  # type: ignore[arg-type]
        act()
        return [json.loads(line) if format == "json" else line for line in stream.getvalue().splitlines()]

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_an_event_is_one_json_line_with_its_details(lines: Callable[..., list[Any]]) -> None:
    (line,) = lines(lambda: structlog.get_logger("warehouse.web").info("served", status=200, path="/simple/"))
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "served", "level": "info", "logger": "warehouse.web", "status": 200, "path": "/simple/"}


def test_libraries_that_use_the_standard_module_are_written_alike(lines: Callable[..., list[Any]]) -> None:
    (line,) = lines(lambda: logging.getLogger("sqlalchemy").warning("slow: %s ms", 12, extra={"table": "files"}))
    assert line.pop("timestamp")
    assert line == {"event": "slow: 12 ms", "level": "warning", "logger": "sqlalchemy", "table": "files"}


def test_lines_below_the_level_are_not_written(lines: Callable[..., list[Any]]) -> None:
    def act() -> None:
        structlog.get_logger("a").info("no")
        logging.getLogger("b").info("no")
        structlog.get_logger("a").warning("yes")

    assert [line["event"] for line in lines(act, level="warning")] == ["yes"]


def test_a_request_id_follows_a_request_and_no_other(lines: Callable[..., list[Any]]) -> None:
    async def answer(request_id: str) -> None:
        with log.request(request_id, door="simple"):
            await asyncio.sleep(0)
            logging.getLogger("library").info("inside")

    async def both() -> None:
        await asyncio.gather(answer("one"), answer("two"))
        structlog.get_logger().info("outside")

    written = lines(lambda: asyncio.run(both()))
    assert [line.get("request_id") for line in written] == ["one", "two", None]
    assert [line.get("door") for line in written] == ["simple", "simple", None]


def test_request_ids_differ() -> None:
    ids = {log.new_request_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(one) == 16 for one in ids)


def test_the_console_is_readable_and_without_colour_in_a_file(lines: Callable[..., list[Any]]) -> None:
    (line,) = lines(lambda: structlog.get_logger("warehouse.web").info("served", status=200), format="console")
    assert "served" in line
    assert "status=200" in line
    assert "\x1b" not in line


def test_a_terminal_gets_colours() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        log.configure("info", "console", stream=stream)
        structlog.get_logger().info("served")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
    assert "\x1b[" in stream.getvalue()


@pytest.mark.parametrize("format", ["json", "console"])
def test_a_traceback_is_written_without_local_variables(lines: Callable[..., list[Any]], format: str) -> None:
    def act() -> None:
        hidden = "hunter" + "2"
        try:
            raise ValueError(f"bad {TOKEN} of {len(hidden)}")
        except ValueError:
            structlog.get_logger().exception("failed")

    text = json.dumps(lines(act, format=format))
    assert "ValueError: bad pypi-****** of 7" in text
    assert "hunter2" not in text


@pytest.mark.parametrize("format", ["json", "console"])
@pytest.mark.parametrize(
    "details",
    [
        {"token": "hunter2"},
        {"Authorization": "hunter2"},
        {"new_password": "hunter2"},
        {"api_key": b"hunter2"},
        {"pin_secret": 80085},
        {"headers": {"authorization": "hunter2", "Cookie": "hunter2"}},
        {"headers": [(b"authorization", b"hunter2"), ("cookie", "hunter2")]},
        {"request": {"headers": [{"x-token": "hunter2"}]}},
        {"value": TOKEN},
        {"value": f"password {TOKEN[:20]}"},
        {"value": [TOKEN, {"deep": {"deeper": {"deepest": TOKEN}}}]},
        {"value": "Basic X190b2tlbl9fOmh1bnRlcjI="},
        {"value": "bearer aHVudGVyMg=="},
        {"value": "postgresql://warehouse:hunter2@db/warehouse"},
        {"value": ValueError(TOKEN)},
    ],
)
def test_a_secret_is_never_written(lines: Callable[..., list[Any]], format: str, details: dict[str, object]) -> None:
    text = json.dumps(lines(lambda: structlog.get_logger().info("event", **details), format=format))
    assert "******" in text
    for secret in ("hunter2", "80085", TOKEN[5:20], "X190b2tlbl9f", "aHVudGVyMg"):
        assert secret not in text


def test_a_secret_in_a_librarys_message_is_never_written(lines: Callable[..., list[Any]]) -> None:
    (line,) = lines(lambda: logging.getLogger("library").warning("refused %s", TOKEN))
    assert line["event"] == "refused pypi-******"


@pytest.mark.parametrize(
    "text",
    ["pypi-attestations 0.0.29", "Basic authentication", "https://example.org:8080/a@b", "token_id", "mail to a@b.org"],
)
def test_what_only_resembles_a_secret_is_written(text: str) -> None:
    assert log.hide_secrets(text) == text


def test_details_beside_secrets_are_written(lines: Callable[..., list[Any]]) -> None:
    (line,) = lines(lambda: structlog.get_logger().info("made", token_id="4f", tokens_made=2, with_password=True))
    assert (line["token_id"], line["tokens_made"], line["with_password"]) == ("4f", 2, True)


@pytest.mark.parametrize("value", ["\udcff", 2**70, {1: object}, "line\nbreak"])
def test_no_value_breaks_a_line(lines: Callable[..., list[Any]], value: object) -> None:
    (line,) = lines(lambda: structlog.get_logger().info("odd", value=value))
    assert line["event"].strip("'") == "odd"


def test_configuring_again_writes_each_line_once(lines: Callable[..., list[Any]]) -> None:
    lines(lambda: None)
    assert len(lines(lambda: logging.getLogger("x").info("once"))) == 1
