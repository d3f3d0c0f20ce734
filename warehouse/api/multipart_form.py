"""A multipart form taken apart while it arrives: text is kept in memory, the file goes to disk and is hashed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote_to_bytes

import multipart

from warehouse.errors import Invalid, TooLarge
from warehouse.infra.spool import Spool
from warehouse.operations.upload import Posted, PostedFile
from warehouse.standards import metadata as core_metadata

MAX_FIELDS = 5_000
MAX_PART_HEADER = 8 * 1024  # bytes of one line

CONTENT = "content"
DISCARDED = "gpg_signature"  # once the file's detached signature; clients may send anything in it

# RFC 5987: ext-value = charset "'" [ language ] "'" value-chars
_EXTENDED_FILENAME = re.compile(r";\s*filename\*\s*=\s*([A-Za-z0-9-]+)'[^';]*'([^\s;\"]*)", re.IGNORECASE)


class FormReader:
    """Reads one form. Whatever it refuses ends it: after a refusal only :meth:`abort` may follow.

    ``content_type`` is the request's header; ``max_form_size`` bounds all text together, in bytes, and names count
    too. The file is written to ``temporary()``; without it, its bytes are thrown away as they come. So are those past
    ``max_file_size``, unless ``limit_of`` says that the project of this name may have larger files.
    """

    def __init__(
        self,
        content_type: str,
        *,
        max_form_size: int,
        max_file_size: int,
        limit_of: Callable[[str], int],
        temporary: Callable[[], Path] | None,
    ) -> None:
        self._max_form_size = max_form_size
        self._max_file_size = max_file_size
        self._limit_of = limit_of
        self._temporary = temporary
        self._parser = _parser(content_type)
        self._segment: multipart.MultipartSegment | None = None
        self._segments = 0
        self._form_size = 0
        self._text = bytearray()
        self._fields: dict[str, list[str]] = defaultdict(list)
        self._file_parts: list[str] = []
        self._spool: Spool | None = None
        self._file_name: tuple[str, str | None] | None = None
        self._is_complete = False

    def feed(self, block: bytes) -> None:
        """Take the next bytes; refuses what is no form, or too much of one."""
        # RFC 2046: "implementations must ignore anything that appears [...] after the last one" of the boundaries.
        if self._is_complete:
            return
        try:
            for event in self._parser.parse(block):
                self._take(event)
        except multipart.MultipartError as error:
            if not self._has_ended():
                raise Invalid(
                    f"The form could not be read: {error.args[0]}. Send well-formed multipart/form-data.",
                    code="multipart",
                ) from error
            self._is_complete = True

    def finish(self) -> Posted:
        """The whole form, cleaned; refuses one that ends in the middle."""
        if not self._has_ended():
            raise Invalid("The form ends in the middle. Send it again, whole.", code="truncated")
        file = None
        if self._spool is not None and self._file_name is not None:
            file = PostedFile(self._file_name[0], self._file_name[1], self._spool.finish())
        return Posted(core_metadata.clean(self._fields), self._file_parts, file)

    def abort(self) -> None:
        """Leave nothing behind; harmless at any time, and more than once."""
        if self._spool is not None:
            self._spool.abandon()
            self._spool = None

    def _has_ended(self) -> bool:
        """Whether the last boundary was read; the parser takes no more after this question."""
        try:
            self._parser.close()
        except multipart.MultipartError:
            return False
        return True

    def _take(self, event: multipart.MultipartSegment | bytes | None) -> None:
        if isinstance(event, multipart.MultipartSegment):
            self._open(event)
        elif event is None:
            self._close()
        elif self._segment is not None:
            self._read(self._segment, event)

    def _open(self, segment: multipart.MultipartSegment) -> None:
        self._segments += 1
        if self._segments > MAX_FIELDS:
            raise Invalid(f"The form has more than {MAX_FIELDS} fields. Send fewer.", code="too_many_fields")
        self._segment = segment
        self._text = bytearray()
        self._weigh(len(segment.name))
        segment.filename = segment.filename or _extended_filename(segment.header("Content-Disposition") or "")
        if not segment.filename:
            return
        if segment.name != CONTENT:
            self._file_parts.append(segment.name)
            return
        if self._file_name is not None:
            raise Invalid("The form holds two files. Send one in the field content.", code="two_files")
        self._file_name = (segment.filename, segment.header("Content-Type"))
        if self._temporary is not None:
            self._spool = Spool(self._temporary(), most=self._max_file_size)

    def _read(self, segment: multipart.MultipartSegment, data: bytes) -> None:
        if segment.filename:
            if segment.name == CONTENT and self._spool is not None:
                if self._spool.size <= self._max_file_size < self._spool.size + len(data):
                    self._spool.most = max(self._max_file_size, self._limit_of((self._fields.get("name") or [""])[0]))
                self._spool.write(data)
        elif segment.name != DISCARDED:
            self._weigh(len(data))
            self._text += data

    def _close(self) -> None:
        segment, self._segment = self._segment, None
        if segment is None or segment.filename or segment.name == DISCARDED:
            return
        try:
            self._fields[segment.name].append(self._text.decode())
        except UnicodeDecodeError:
            raise Invalid(
                f"{segment.name[:60]}: The value is not UTF-8. Send text as UTF-8.", code="encoding"
            ) from None

    def _weigh(self, size: int) -> None:
        self._form_size += size
        if self._form_size > self._max_form_size:
            raise TooLarge("The form's fields are too large. Shorten the description.", code="form_too_large")


def _parser(content_type: str) -> multipart.PushMultipartParser:
    kind, options = multipart.parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        raise Invalid("Send the upload as multipart/form-data with a boundary.", code="content_type")
    try:
        return multipart.PushMultipartParser(boundary, strict=True, max_header_size=MAX_PART_HEADER)
    except multipart.MultipartError as error:
        raise Invalid(f"The boundary of the form cannot be used: {error.args[0]}.", code="content_type") from error


def _extended_filename(disposition: str) -> str | None:
    """The name in ``filename*``, which some clients send for names beyond ASCII although RFC 7578 says not to."""
    found = _EXTENDED_FILENAME.search(disposition)
    if found is None:
        return None
    charset = found[1].lower()
    try:
        if charset not in ("utf-8", "iso-8859-1"):
            raise Invalid("Write filename* in UTF-8, or use filename.", code="encoding")
        return unquote_to_bytes(found[2]).decode(charset)
    except UnicodeDecodeError:
        raise Invalid("The file name is not UTF-8. Send it as UTF-8.", code="encoding") from None
