"""Parts of files (RFC 9110 section 14): parse ``Range`` and answer with a file, parts of it, or a refusal."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from typing import NamedTuple

from warehouse.standards.http.conditions import Verdict, is_same_range_base, judge
from warehouse.standards.http.message import Answer, Ask, FileSlice

#: More parts than this are answered with the whole file: each costs a read and a header, and no installer asks for so
#: many. RFC 9110 section 14.2 allows ignoring "more than two overlapping ranges" and "many small ranges".
MOST_RANGES = 16

# Nineteen digits are more bytes than any file has; longer numbers are not worth the conversion.
_RANGE = re.compile(r"[ \t]*(?P<first>[0-9]{0,19})-(?P<last>[0-9]{0,19})[ \t]*")


class Span(NamedTuple):
    """Bytes ``start`` (inclusive) to ``end`` (exclusive)."""

    start: int
    end: int


def parse_range(text: str, size: int) -> tuple[Span, ...] | None:
    """The parts of ``size`` bytes that a ``Range`` header asks for, in its order.

    Empty when no part of the file is asked for (416). None when the header is to be ignored: another unit than bytes,
    malformed, too many parts, or parts that overlap, which would let a short request cause a long answer.
    """
    unit, _, listed = text.partition("=")
    if unit.strip().lower() != "bytes" or listed.count(",") >= 2 * MOST_RANGES:
        return None
    spans = []
    asked = 0
    for element in listed.split(","):
        if not element.strip():
            continue  # "A recipient MUST parse and ignore a reasonable number of empty list elements"
        found = _RANGE.fullmatch(element)
        if found is None:
            return None
        first, last = found["first"], found["last"]
        if not (first or last) or (first and last and int(last) < int(first)):
            return None
        if not first and size == 0 and int(last):
            return None  # satisfiable, but no Content-Range can say so: the whole of nothing it is
        asked += 1
        span = _span(first, last, size)
        if span.start < span.end:
            spans.append(span)
    if not 1 <= asked <= MOST_RANGES or _overlap(spans):
        return None
    return tuple(spans)


def begins_at_first_byte(text: str | None) -> bool:
    """Whether the first part that a ``Range`` header asks for begins with the first byte of the file."""
    return text is not None and text.replace(" ", "").lower().startswith("bytes=0-")


def file_answer(
    path: str, size: int, etag: str, headers: list[tuple[str, str]], ask: Ask, *, modified_at: int | None = None
) -> Answer:
    """Answer a GET or HEAD for a local file of ``size`` bytes: 200, 206, 304, 412 or 416.

    ``etag`` stands quoted as in the header; ``headers`` are the file's own (content-type, cache-control...). The
    answer to HEAD has the body that GET would have, so that whoever sends it knows the length, and leaves it out.
    """
    verdict = judge(ask.headers, method=ask.method, etag=etag, modified_at=modified_at)
    if verdict is Verdict.NOT_MODIFIED:
        kept = [(name, value) for name, value in headers if name not in ("content-type", "content-encoding")]
        return Answer(304, [*kept, ("etag", etag)])
    if verdict is Verdict.PRECONDITION_FAILED:
        return _sentence(412, [], "The file is not the one that the request is about. Ask again without a condition.")
    described = [*headers, ("etag", etag), ("accept-ranges", "bytes")]
    asked = ask.headers.get("range")
    # "A server MUST ignore a Range header field received with a request method that is unrecognized or for which range
    # handling is not defined. For this specification, GET is the only method for which range handling is defined."
    if asked is None or ask.method != "GET" or not is_same_range_base(ask.headers, etag, modified_at):
        return Answer(200, described, FileSlice(path, 0, size))
    spans = parse_range(asked, size)
    if spans is None:
        return Answer(200, described, FileSlice(path, 0, size))
    if not spans:
        unsatisfied = [("content-range", f"bytes */{size}"), ("accept-ranges", "bytes")]
        return _sentence(416, unsatisfied, f"The file has {size} bytes, and the range asks for none of them.")
    if len(spans) == 1:
        (span,) = spans
        return Answer(206, [*described, ("content-range", _content_range(span, size))], FileSlice(path, *span))
    return _several(path, size, described, spans)


def _span(first: str, last: str, size: int) -> Span:
    if not first:
        return Span(max(size - int(last), 0), size)
    return Span(int(first), min(int(last) + 1, size) if last else size)


def _overlap(spans: list[Span]) -> bool:
    ordered = sorted(spans)
    return any(one.end > following.start for one, following in pairwise(ordered))


def _content_range(span: Span, size: int) -> str:
    return f"bytes {span.start}-{span.end - 1}/{size}"


def _several(path: str, size: int, headers: list[tuple[str, str]], spans: tuple[Span, ...]) -> Answer:
    content_type = next((value for name, value in headers if name == "content-type"), "application/octet-stream")
    others = [(name, value) for name, value in headers if name != "content-type"]
    # Follows from what is sent, so that equal requests get equal answers; no file can hold a hash of its own hash.
    boundary = hashlib.sha256(f"{headers}{spans}".encode()).hexdigest()[:32]
    pieces: list[bytes | FileSlice] = []
    for span in spans:
        part = f"--{boundary}\r\nContent-Type: {content_type}\r\nContent-Range: {_content_range(span, size)}\r\n\r\n"
        pieces += ((("\r\n" if pieces else "") + part).encode("latin-1"), FileSlice(path, *span))
    pieces.append(f"\r\n--{boundary}--\r\n".encode())
    return Answer(206, [*others, ("content-type", f"multipart/byteranges; boundary={boundary}")], tuple(pieces))


def _sentence(status: int, headers: list[tuple[str, str]], text: str) -> Answer:
    return Answer(status, [*headers, ("content-type", "text/plain; charset=UTF-8")], text.encode())
