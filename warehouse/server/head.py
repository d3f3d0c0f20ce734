"""Reads the head of a request: llhttp parses it, this module says what is acceptable."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote_to_bytes

import httptools

from warehouse.errors import Refusal
from warehouse.server.limits import Limits

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_ONCE = frozenset(("host", "content-length", "content-type", "authorization", "expect"))
_FORWARDED = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host")
NOTHING = ("", "", "")
"""What is forwarded where a head says nothing of it: always this object."""

_CONDITION = "if-none-match"
_CONDITION_LINE = b"if-none-match:"
_SECRET = frozenset(("authorization", "cookie", "proxy-authorization"))
_VARYING = frozenset(("if-none-match", "if-modified-since", "range", "if-range", "upgrade"))

_PLAIN = re.compile(rb"GET (/[A-Za-z0-9._~!$&'()*+,;=:@/-]*+) HTTP/1\.1\r\n")
_VALIDATORS = re.compile(rb"[ \t]*+([!-~]++(?: [!-~]++)*+)")
_LINE = re.compile(rb"[!-~]+ [!-~]+ HTTP/([0-9]\.[0-9])")
_TARGET = re.compile(rb"[!-~]+")
_ABSOLUTE = re.compile(rb"https?://([^/?]*)([^?]*.*)", re.IGNORECASE)
HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
_BAD_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
_DIGITS = re.compile(r"[0-9]{1,18}")

Line = tuple[str, str, str]
"""Method, decoded path, raw query."""


class Malformed(Refusal):
    """Not a request that can be answered; the connection is closed after saying why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(slots=True, eq=False)
class Frame:
    """What the header fields say, whatever the request line asks; shared between requests, so never changed.

    ``length`` counts unless ``chunked``.
    """

    headers: dict[str, str]
    forwarded: tuple[str, str, str]
    """X-Forwarded-For, -Proto and -Host: kept apart, because only a trusted proxy may say them."""
    minor: int = 1
    keep_alive: bool = True
    length: int = 0
    chunked: bool = False
    awaits_continue: bool = False


class _Memory:
    """Header blocks that were accepted, in two generations.

    When the new one is full it becomes the old one, and what was old is forgotten unless it was asked for meanwhile:
    a stranger whose every request differs displaces only what nobody repeats.
    """

    __slots__ = ("new", "old")

    MOST = 1024

    def __init__(self) -> None:
        self.new: dict[bytes, Frame] = {}
        self.old: dict[bytes, Frame] = {}

    def again(self, fields: bytes) -> Frame | None:
        """A block that is not in the new generation."""
        frame = self.old.get(fields)
        if frame is not None:
            self.keep(fields, frame)
        return frame

    def keep(self, fields: bytes, frame: Frame) -> None:
        if len(self.new) >= self.MOST // 2:
            self.old, self.new = self.new, {}
        self.new[fields] = frame


class Heads:
    """Reads heads for one worker, and remembers header blocks.

    A client repeats its header fields byte for byte while only the path changes, so blocks that were read before
    are looked up instead of parsed again. What is remembered holds no credentials, frames no body, and was accepted
    by the full reading. ``If-None-Match`` differs with the page: it is cut out of a block, so that the rest is found,
    and whole blocks that have one are kept apart, where they displace no other.
    """

    __slots__ = ("_conditional", "_limits", "_plain")

    LONGEST = 1024

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._plain = _Memory()
        self._conditional = _Memory()

    @property
    def remembered(self) -> int:
        """How many blocks; at most twice :data:`_Memory.MOST`."""
        return sum(len(each.new) + len(each.old) for each in (self._plain, self._conditional))

    def recall(self, data: bytes) -> tuple[Line, Frame] | None:
        """Read ``data`` if it is exactly one plain GET whose fields were seen before: then nothing is left to check."""
        if len(data) > self.LONGEST:
            return None
        plain = _PLAIN.match(data)
        if plain is None:
            return None
        fields = data[plain.end() :]
        frame = self._plain.new.get(fields) or self._conditional.new.get(fields) or self._search(fields)
        return None if frame is None else (("GET", plain[1].decode(), ""), frame)

    def read(self, block: bytes) -> tuple[Line, Frame]:
        """Read one head, from the method to the empty line; raises ``Malformed``."""
        known = self.recall(block)
        if known is not None:
            return known
        line, frame = read_head(block, self._limits)
        plain = _PLAIN.match(block) if len(block) <= self.LONGEST else None
        if plain is not None:
            self._remember(block[plain.end() :], frame)
        return line, frame

    def _remember(self, fields: bytes, frame: Frame) -> None:
        """Keep an accepted block if it is likely to come again, without the condition that is not."""
        without, validator = _cut(fields)
        if validator is not None and frame.headers[_CONDITION] == validator:
            # The line that is left out continues no other, and no other continues it: llhttp refuses those.
            headers = {name: value for name, value in frame.headers.items() if name != _CONDITION}
            fields, frame = without, replace(frame, headers=headers)
        if _may_be_remembered(frame):
            self._plain.keep(fields, frame)

    def _search(self, fields: bytes) -> Frame | None:
        """A block of the older generations, or a new one that is known but for its condition."""
        frame = self._plain.again(fields) or self._conditional.again(fields)
        if frame is not None:
            return frame
        without, validator = _cut(fields)
        if validator is None:
            return None
        known = self._plain.new.get(without) or self._plain.again(without)
        if known is None:
            return None
        frame = Frame({**known.headers, _CONDITION: validator}, known.forwarded)
        self._conditional.keep(fields, frame)
        return frame


def _cut(fields: bytes) -> tuple[bytes, str | None]:
    """A header block without its first ``If-None-Match``, and the value of that; None: it has none that is plain."""
    at = fields.lower().find(_CONDITION_LINE)
    if at < 0 or (at and fields[at - 1] != 10):
        return fields, None
    end = fields.find(b"\r\n", at)
    value = _VALIDATORS.fullmatch(fields, at + len(_CONDITION_LINE), end)
    if value is None or end + 2 == len(fields):  # what stands behind the empty line is no field of this head
        return fields, None
    return fields[:at] + fields[end + 2 :], value[1].decode("ascii")


def _may_be_remembered(frame: Frame) -> bool:
    """Only what frames no body, says nothing private, leaves the connection as it is and is likely to come again."""
    framing = frame.chunked or frame.awaits_continue or "content-length" in frame.headers
    usual = frame.minor == 1 and frame.keep_alive and _VARYING.isdisjoint(frame.headers)
    return usual and not framing and _SECRET.isdisjoint(frame.headers)


class _Collector:
    """Takes what llhttp finds."""

    __slots__ = ("body", "ends", "fields", "target")

    def __init__(self) -> None:
        self.target = b""
        self.fields: list[tuple[bytes, bytes]] = []
        self.ends = 0
        self.body = False

    def on_url(self, part: bytes) -> None:
        self.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value))

    def on_headers_complete(self) -> None:
        self.ends += 1

    def on_body(self, _part: bytes) -> None:
        self.body = True


def read_head(block: bytes, limits: Limits) -> tuple[Line, Frame]:
    """Read one whole head, up to and with its empty line; raises ``Malformed`` with the status to answer.

    llhttp refuses what is dangerous inside of fields: control characters, bare CR and LF, lines that continue.
    """
    line = _LINE.fullmatch(block, 0, block.find(b"\r\n"))
    if line is None:
        raise Malformed(400, "This is not a valid HTTP/1.1 request.")
    if line[1] not in (b"1.0", b"1.1"):
        raise Malformed(505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.")
    found = _Collector()
    parser = httptools.HttpRequestParser(found)
    try:
        parser.feed_data(block)
    except httptools.HttpParserUpgrade:
        pass  # We stay with HTTP/1.1, as RFC 9110 7.8 allows: "A server MAY ignore a received Upgrade header field".
    except httptools.HttpParserInvalidMethodError:
        raise Malformed(501, "This method is not known here.") from None
    except httptools.HttpParserError:
        raise Malformed(400, "This is not a valid HTTP/1.1 request.") from None
    if found.ends != 1 or found.body:
        raise Malformed(400, "This is not a valid HTTP/1.1 request.")
    method = parser.get_method().decode("ascii")
    if method in ("CONNECT", "TRACE"):
        raise Malformed(405, "This method is not allowed here.")
    if method not in METHODS:
        raise Malformed(501, "This method is not known here.")
    if len(found.target) > limits.target_size:
        raise Malformed(414, f"The address is longer than {limits.target_size} bytes.")
    if len(found.fields) > limits.head_fields:
        raise Malformed(431, f"There are more than {limits.head_fields} header fields.")
    frame = _frame(found.fields, 0 if line[1] == b"1.0" else 1)
    host, path, query = _target(method, found.target)
    if host is not None:
        frame = replace(frame, headers={**frame.headers, "host": host})
    return (method, path, query), frame


def _frame(fields: list[tuple[bytes, bytes]], minor: int) -> Frame:
    headers: dict[str, str] = {}
    for raw_name, raw_value in fields:
        if b"_" in raw_name:
            continue  # X_Forwarded_For and X-Forwarded-For become one name in WSGI: a way to lie.
        name = raw_name.decode("latin-1").lower()
        value = raw_value.decode("latin-1").strip(" \t")
        if name not in headers:
            headers[name] = value
        elif name in _ONCE:
            raise Malformed(400, f"The header field {name.title()} must appear only once.")
        else:
            headers[name] += ("; " if name == "cookie" else ", ") + value
    forwarded = NOTHING
    if not headers.keys().isdisjoint(_FORWARDED):
        address, proto, other_host = (headers.pop(name, "") for name in _FORWARDED)
        forwarded = (address, proto, other_host)
    host = headers.get("host")
    if host is None and minor == 1:
        raise Malformed(400, "The header field Host is missing.")
    if host and not HOST.fullmatch(host):
        raise Malformed(400, "The header field Host is not a host name.")
    length, chunked = _framing(headers, minor)
    keep_alive = minor == 1
    if "connection" in headers:
        options = {option.strip() for option in headers["connection"].lower().split(",")}
        keep_alive = "close" not in options and (keep_alive or "keep-alive" in options)
    return Frame(headers, forwarded, minor, keep_alive, length, chunked, _awaits_continue(headers, minor))


def _framing(headers: dict[str, str], minor: int) -> tuple[int, bool]:
    """How the body ends. Whatever another server could read differently is refused.

    RFC 9112 6.3: a message with both Transfer-Encoding and Content-Length "might indicate an attempt to perform
    request smuggling [...] and ought to be handled as an error."
    """
    length, coding = headers.get("content-length"), headers.get("transfer-encoding")
    if coding is not None:
        if length is not None:
            raise Malformed(400, "Transfer-Encoding and Content-Length must not both be given.")
        if minor == 0:
            raise Malformed(400, "HTTP/1.0 has no Transfer-Encoding.")
        if coding.lower() != "chunked":
            status = 501 if coding.lower().replace(" ", "").endswith(",chunked") else 400
            raise Malformed(status, "The only Transfer-Encoding taken is chunked.")
        return 0, True
    if length is None:
        return 0, False
    if not _DIGITS.fullmatch(length):
        raise Malformed(400, "Content-Length must be a number of bytes.")
    return int(length), False


def _awaits_continue(headers: dict[str, str], minor: int) -> bool:
    expected = headers.get("expect")
    if expected is None or minor == 0:
        return False
    if expected.lower() != "100-continue":
        raise Malformed(417, "The only expectation that can be met is 100-continue.")
    return True


def _target(method: str, target: bytes) -> tuple[str | None, str, str]:
    """Host (of an absolute target only), decoded path and raw query (RFC 9112 3.2)."""
    host = None
    if target == b"*":
        if method != "OPTIONS":
            raise Malformed(400, "The address * is for OPTIONS only.")
        return None, "*", ""
    if not _TARGET.fullmatch(target) or b"#" in target:
        raise Malformed(400, "The address holds characters that must be percent-encoded.")
    if not target.startswith(b"/"):
        absolute = _ABSOLUTE.fullmatch(target)
        if absolute is None:
            raise Malformed(400, "The address must begin with a slash.")
        host, target = absolute[1].decode("ascii"), absolute[2]
        if not host or not HOST.fullmatch(host):
            raise Malformed(400, "The address does not name a host.")
        target = target if target.startswith(b"/") else b"/" + target
    path, _, query = target.partition(b"?")
    return host, decode_path(path), query.decode("ascii")


def decode_path(raw: bytes) -> str:
    """Undo percent-encoding once; raises ``Malformed`` unless the result is printable UTF-8."""
    if b"%" not in raw:
        return raw.decode("ascii")
    if _BAD_PERCENT.search(raw):
        raise Malformed(400, "A percent sign in an address must be followed by two hexadecimal digits.")
    try:
        path = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(400, "The address is not UTF-8.") from None
    if UNPRINTABLE.search(path):
        raise Malformed(400, "The address holds control characters.")
    return path
