"""The upload door: a streamed multipart body becomes one call of ``receive``."""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import UTC, datetime
from urllib.parse import parse_qs

import multipart

from warehouse.api.refusals import refused, stock_answer
from warehouse.errors import Gone, Invalid, NotAllowed, NotAuthenticated, Refusal, TooLarge
from warehouse.infra.spool import Spool
from warehouse.operations.tokens import actor_of
from warehouse.operations.upload import Posted, PostedFile, receive
from warehouse.standards import metadata as core_metadata
from warehouse.standards.http import Answer, Ask
from warehouse.work import ANONYMOUS, Actor, Tools, attempt

PATH = "/legacy/"

MAX_FIELDS = 5_000
MAX_PART_HEADERS = 8 * 1024
LARGEST_FILE = 1024**3  # what a project may be granted at most

GONE = {
    "submit": "Projects are no longer registered before an upload. Upload files instead.",
    "submit_pkg_info": "Projects are no longer registered before an upload. Upload files instead.",
    "doc_upload": "Documentation is no longer hosted here. Publish it elsewhere and link to it.",
}


class UploadReceiver:
    """One upload on its way: fields are kept, the file goes to disk while it is hashed.

    The methods are called one after the other from worker threads; whatever was wrong is remembered and said at
    the end, because a client that is still sending does not listen.
    """

    def __init__(self, tools: Tools, ask: Ask) -> None:
        settings = tools.settings.upload
        self.limit = max(settings.max_file_size, LARGEST_FILE) + settings.max_form_size
        self._tools = tools
        self._ask = ask
        self._started = time.monotonic()
        self._actor: Actor = ANONYMOUS
        self._problem: Refusal | None = None
        self._parser: multipart.PushMultipartParser | None = None
        self._segment: multipart.MultipartSegment | None = None
        self._fields: dict[str, list[str]] = defaultdict(list)
        self._text = bytearray()
        self._form_size = 0
        self._field_count = 0
        self._file_parts: list[str] = []
        self._spool: Spool | None = None
        self._file_name: tuple[str, str | None] | None = None

    def begin(self) -> None:
        """Find out who sends, and get ready to read; a stranger's body is thrown away as it comes."""
        try:
            self._actor = self._recognise()
            self._parser = multipart.PushMultipartParser(
                self._boundary(),
                strict=True,
                max_segment_size=self.limit,
                max_header_size=MAX_PART_HEADERS,
                max_segment_count=MAX_FIELDS,
            )
        except Refusal as refusal:
            self._problem = refusal

    def feed(self, block: bytes) -> None:
        """Take the next bytes of the body."""
        if self._problem is not None or self._parser is None:
            return
        try:
            for event in self._parser.parse(block):
                self._take(event)
        except multipart.MultipartError as error:
            self._refuse(Invalid(f"The form could not be read: {error}. Send multipart/form-data.", code="multipart"))
        except Refusal as refusal:
            self._refuse(refusal)

    def finish(self) -> Answer:
        """Judge and store what was sent, and say how it went."""
        accept = self._ask.headers.get("accept")
        try:
            posted = self._posted()
            attempt(self._tools, self._actor, receive, posted)
        except Refusal as refusal:
            self._tools.metrics.refused(refusal.code)
            return refused(refusal, accept)
        finally:
            self.abort()
        self._tools.metrics.uploads_accepted.inc()
        self._tools.metrics.upload_seconds.observe(time.monotonic() - self._started)
        return stock_answer(200, "", accept)

    def abort(self) -> None:
        """Leave nothing behind; harmless after finish."""
        if self._spool is not None:
            self._spool.abandon()
            self._spool = None

    def _recognise(self) -> Actor:
        headers = self._ask.headers
        now = datetime.now(UTC)
        with self._tools.database.session() as db:
            try:
                actor = actor_of(
                    db,
                    self._tools,
                    headers.get("authorization"),
                    now=now,
                    address=self._ask.client,
                    user_agent=headers.get("user-agent"),
                )
            except NotAuthenticated as error:
                raise NotAllowed(error.sentence, code=error.code) from error
            db.commit()
        return actor

    def _boundary(self) -> str:
        kind, options = multipart.parse_options_header(self._ask.headers.get("content-type") or "")
        boundary = options.get("boundary", "")
        if kind != "multipart/form-data" or not boundary:
            raise Invalid("Send the upload as multipart/form-data with a boundary.", code="content_type")
        return boundary

    def _take(self, event: multipart.MultipartSegment | bytearray | None) -> None:
        if isinstance(event, multipart.MultipartSegment):
            self._segment = event
            self._open(event)
        elif event is None:
            self._close()
        elif self._spool is not None and self._is_content():
            self._spool.write(bytes(event))
        elif self._segment is not None and self._segment.filename is None:
            self._form_size += len(event)
            if self._form_size > self._tools.settings.upload.max_form_size:
                raise TooLarge("The form's fields are too large. Shorten the description.", code="form_too_large")
            self._text += event

    def _open(self, segment: multipart.MultipartSegment) -> None:
        self._text = bytearray()
        if segment.name == "content" and segment.filename is not None:
            if self._file_name is not None:
                raise Invalid("The form holds two files. Send one in the field content.", code="two_files")
            self._file_name = (segment.filename, segment.header("Content-Type"))
            self._spool = Spool(self._tools.blobs.temporary())
        elif segment.filename is not None:
            self._file_parts.append(segment.name)

    def _close(self) -> None:
        segment, self._segment = self._segment, None
        if segment is None or segment.filename is not None:
            return
        try:
            self._fields[segment.name].append(self._text.decode())
        except UnicodeDecodeError:
            raise Invalid(
                f"{segment.name[:60]}: The value is not UTF-8. Send text as UTF-8.", code="encoding"
            ) from None

    def _is_content(self) -> bool:
        return self._segment is not None and self._segment.name == "content" and self._segment.filename is not None

    def _posted(self) -> Posted:
        if self._problem is not None:
            raise self._problem
        assert self._parser is not None
        try:
            self._parser.close()
        except multipart.MultipartError as error:
            raise Invalid("The form ends in the middle. Send it again, whole.", code="truncated") from error
        fields = core_metadata.clean(self._fields)
        self._check_action(fields)
        file = None
        if self._spool is not None and self._file_name is not None:
            file = PostedFile(self._file_name[0], self._file_name[1], self._spool.finish())
        return Posted(fields, self._file_parts, file)

    def _check_action(self, fields: dict[str, list[str]]) -> None:
        asked = parse_qs(self._ask.query).get(":action") or fields.get(":action") or [""]
        if asked[0] in GONE:
            raise Gone(GONE[asked[0]], code="action_gone")
        if asked[0] != "file_upload":
            raise Invalid("Say what to do: send the field :action with the value file_upload.", code="action")

    def _refuse(self, refusal: Refusal) -> None:
        self._problem = refusal
        self.abort()
