"""Logs as structured events on standard error: readable lines or JSON, with the request's id and without secrets."""

from __future__ import annotations

import logging
import re
import secrets
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, Literal, TextIO

import orjson
import structlog

HIDDEN = "******"

# What moves the cursor, colours a terminal or turns text around. Line feeds are kept, and followed by a margin.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_MARGIN = "\n    "

_SECRET_NAME = re.compile(
    r"(?:^|[^a-z])(?:token|tokens|password|passwd|authorization|cookie|secret|credentials?|api[-_]?key|access[-_]?key)$",
    re.IGNORECASE,
)
# A token is a macaroon behind the prefix `pypi-`: its first two bytes encode as AgE. Projects are named pypi-something
# too, so the prefix alone hides nothing unless what follows is too long to be a name that people type.
_SECRET_TEXTS = (
    (re.compile(r"pypi-(?:AgE[\w-]*|[\w-]{40,})"), f"pypi-{HIDDEN}"),
    (re.compile(r"\b((?i:Basic|Bearer))\s+(?=[a-z]*[A-Z0-9=+/])[\w+/=.~-]{6,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?<=://)[^/\s:@\"'\\]*:[^/\s@\"'\\]+(?=@)"), HIDDEN),
)


def configure(level: str, format: Literal["console", "json"], *, stream: TextIO | None = None) -> None:
    """Send everything logged here and by libraries to ``stream`` (standard error), from ``level`` up.

    ``console`` is for people and coloured only on a terminal; ``json`` is one object per line. May be called again:
    the last call counts.
    """
    stream = stream or sys.stderr
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        redact,
    ]
    handler = _Handler(stream)
    handler.setFormatter(_Formatter(foreign_pre_chain=before, processors=_ending(format, coloured=stream.isatty())))
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    # It tells of each step it takes; what of that matters is told by whoever migrates.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Loggers made at import time must follow a later call.
        cache_logger_on_first_use=False,
    )


def new_request_id() -> str:
    """Sixteen hexadecimal digits, to find one request again in the log."""
    return secrets.token_hex(8)


@contextmanager
def request(request_id: str, **details: object) -> Iterator[None]:
    """Everything logged inside, across awaits too, carries the request's id and the details."""
    with structlog.contextvars.bound_contextvars(request_id=request_id, **details):
        yield


def redact(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide the values of fields named like secrets, at any depth (a structlog processor)."""
    return {name: _redacted(name, value, depth=4) for name, value in event.items()}


def hide_secrets(text: str) -> str:
    """The text without API tokens, Authorization credentials and passwords inside addresses."""
    for pattern, instead in _SECRET_TEXTS:
        text = pattern.sub(instead, text)
    return text


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, so that configuring again replaces it and leaves other people's handlers alone."""


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Looks through the finished line once more: a secret may sit in a traceback or in the text of any object."""

    def format(self, record: logging.LogRecord) -> str:
        return hide_secrets(super().format(record))


def _ending(format: str, *, coloured: bool) -> list[Any]:
    bare = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if format == "json":
        return [bare, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_json)]
    return [bare, _tamed_event, structlog.dev.ConsoleRenderer(colors=coloured, exception_formatter=_plain_traceback)]


def _tamed_event(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Nobody's words may look like an event of their own, or command the terminal (a structlog processor)."""
    return {name: _tamed(value) if isinstance(value, str) else value for name, value in event.items()}


def _plain_traceback(out: TextIO, exc_info: Any) -> None:
    """Only where and what: richer tracebacks print local variables, where the secrets are."""
    out.write(_MARGIN + _tamed("".join(traceback.format_exception(*exc_info)).rstrip("\n")))


def _tamed(text: str) -> str:
    """The text with control characters spelled out, and nothing of it at the beginning of a line."""
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text).replace("\n", _MARGIN)


def _json(event: Mapping[str, object], **_: object) -> str:
    options = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z
    try:
        return orjson.dumps(event, default=str, option=options).decode()
    except (orjson.JSONEncodeError, UnicodeError):
        # Lone surrogates (bytes of a file name that are not UTF-8) and integers beyond 64 bits: as Python writes them.
        return orjson.dumps({str(name): ascii(value) for name, value in event.items()}, option=options).decode()


def _redacted(name: object, value: object, *, depth: int) -> object:
    if isinstance(name, bytes):
        name = name.decode("latin-1")
    if isinstance(name, str) and _SECRET_NAME.search(name) and not isinstance(value, bool | None):
        return HIDDEN
    if depth == 0:
        return value
    if isinstance(value, Mapping):
        return {key: _redacted(key, inner, depth=depth - 1) for key, inner in value.items()}
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str | bytes):
        return (value[0], _redacted(value[0], value[1], depth=depth - 1))
    if isinstance(value, list | tuple):
        return [_redacted("", inner, depth=depth - 1) for inner in value]
    return value
