"""Lines of logs that tell of downloads: JSON as docs/cdn.md has a CDN write it, and the combined format of web servers.

A line is read in one pass and in time that grows with its length, whoever wrote what into the user agent.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import NamedTuple

import orjson

from warehouse.standards.fetchers import LONGEST
from warehouse.standards.http.ranges import begins_at_first_byte

LONGEST_LINE = 64 * 1024  # bytes

_PATH = re.compile(r"(?:^|/)([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{60})/([^/?#]+)(?:[?#].*)?\Z", re.DOTALL)
# remote host, identity, user, [time] "request" status bytes, then "referer" "user agent" and whatever was added
_COMBINED = re.compile(
    r'\S+ \S+ .{0,200}?\[(?P<time>[^\]]{20,30})\] "(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}) (?:\d+|-)'
    r'(?: "(?:[^"\\]|\\.)*" "(?P<agent>(?:[^"\\]|\\.)*)")?(?:\s|\Z)'
)
_ESCAPED = re.compile(r'\\(?:x([0-9A-Fa-f]{2})|(["\\]))')


class LoggedDownload(NamedTuple):
    """On this day (UTC), the file with this BLAKE2b-256 was downloaded by this user agent."""

    day: date
    blake2_256: str
    user_agent: str


class BadLine(ValueError):
    """The line is in none of the formats."""


def read_line(line: bytes) -> LoggedDownload | None:
    """The download that a line tells of; None where it tells of something else. Refuses with :class:`BadLine`."""
    text = line.decode("utf-8", "replace").strip()
    if not text:
        return None
    return _from_json(text) if text.startswith("{") else _from_combined(text)


def _from_json(text: str) -> LoggedDownload | None:
    try:
        said = orjson.loads(text)
        method, path, status = str(said["method"]), str(said["path"]), int(said["status"])
        at = datetime.fromisoformat(str(said["time"]))
    except (orjson.JSONDecodeError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise BadLine("It has no time, method, path and status.") from error
    return _download(method, path, status, at, str(said.get("user_agent") or ""), str(said.get("range") or ""))


def _from_combined(text: str) -> LoggedDownload | None:
    match = _COMBINED.match(text)
    if match is None:
        raise BadLine("It is neither JSON nor in the combined format.")
    method, _, rest = match["request"].partition(" ")
    try:
        at = datetime.strptime(match["time"], "%d/%b/%Y:%H:%M:%S %z")
    except ValueError as error:
        raise BadLine("Its time cannot be read.") from error
    agent = _ESCAPED.sub(_unescaped, match["agent"] or "")
    # Which part of a file a 206 has is not told here, so it cannot be one that begins a download.
    return _download(method, rest.rpartition(" ")[0], int(match["status"]), at, "" if agent == "-" else agent, "")


def _unescaped(match: re.Match[str]) -> str:
    """nginx writes a quotation mark as ``\\x22``, Apache as ``\\"``."""
    return chr(int(match[1], 16)) if match[1] else match[2]


def _download(method: str, path: str, status: int, at: datetime, agent: str, part: str) -> LoggedDownload | None:
    if method != "GET" or not (status == 200 or (status == 206 and begins_at_first_byte(part))):
        return None
    match = _PATH.search(path)
    if match is None or match[4].endswith(".metadata"):
        return None
    day = at.astimezone(UTC).date() if at.tzinfo is not None else at.date()
    return LoggedDownload(day, match[1] + match[2] + match[3], agent[:LONGEST])
