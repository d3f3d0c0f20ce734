"""The upload door: a streamed multipart body becomes one call of ``receive``."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from urllib.parse import parse_qs

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from warehouse.api.multipart_form import FormReader
from warehouse.api.refusals import refused, stock_answer
from warehouse.errors import Gone, Invalid, NotAllowed, NotAuthenticated, Refusal, Unavailable
from warehouse.infra.db import UNANSWERED, should_try_again, unavailable
from warehouse.operations.tokens import actor_of
from warehouse.operations.upload import NewProject, rate_headers, receive
from warehouse.standards.http import Answer, Ask
from warehouse.standards.names import normalize
from warehouse.work import ANONYMOUS, Actor, Tools, attempt, begin

PATH = "/legacy/"

LARGEST_FILE = 1024**3  # what a project may be granted at most

GONE = {
    "submit": "Projects are no longer registered before an upload. Upload files instead.",
    "submit_pkg_info": "Projects are no longer registered before an upload. Upload files instead.",
    "doc_upload": "Documentation is no longer hosted here. Publish it elsewhere and link to it.",
}


class UnknownAction(Refusal):
    """Something else than an upload was posted: this address can only be read that way (405)."""

    status = 405


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
        self._stranger: NotAllowed | None = None
        self._problem: Refusal | None = None
        self._form: FormReader | None = None

    def begin(self) -> None:
        """Find out who sends, and get ready to read; a stranger's file is thrown away as it comes."""
        try:
            asked = self._asked_in_query()
            if asked is not None:
                _check_action(asked)
            self._recognise()
            self._form = FormReader(
                self._ask.headers.get("content-type") or "",
                max_form_size=self._tools.settings.upload.max_form_size,
                max_file_size=self._tools.settings.upload.max_file_size if self._is_trusted else 0,
                limit_of=self._limit_of,
                temporary=self._tools.blobs.temporary if self._actor is not ANONYMOUS else None,
            )
        except Refusal as refusal:
            self._problem = refusal
        except (DBAPIError, PoolExhausted) as error:
            self._problem = _unavailable(error)

    def feed(self, block: bytes) -> None:
        """Take the next bytes of the body."""
        if self._problem is not None or self._form is None:
            return
        try:
            self._form.feed(block)
        except Refusal as refusal:
            self._problem = refusal
            self.abort()

    def finish(self) -> Answer:
        """Judge and store what was sent, and say how it went."""
        new_project = NewProject()
        try:
            self._receive(new_project)
            answer = stock_answer(200, "", self._ask.headers.get("accept"))
        except Refusal as refusal:
            answer = self._refused(refusal)
        except (DBAPIError, PoolExhausted) as error:
            answer = self._refused(_unavailable(error))
        else:
            self._tools.metrics.uploads_accepted.inc()
            self._tools.metrics.upload_seconds.observe(time.monotonic() - self._started)
        finally:
            self.abort()
        if new_project.is_attempted:
            answer.headers.extend(self._rate_headers())
        answer.headers.append(("vary", "Cookie, Authorization"))
        return answer

    def abort(self) -> None:
        """Leave nothing behind; harmless after finish."""
        if self._form is not None:
            self._form.abort()

    def _receive(self, new_project: NewProject) -> None:
        if self._problem is not None:
            raise self._problem
        assert self._form is not None
        posted = self._form.finish()
        if self._asked_in_query() is None:
            _check_action(posted.first(":action") or "")
        attempt(self._tools, self._actor, receive, posted, stranger=self._stranger, new_project=new_project)

    def _recognise(self) -> None:
        headers = self._ask.headers
        with self._tools.database.session() as db:
            # One query and seldom a second one that stands alone: no transaction, which would cost two round trips.
            db.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            try:
                self._actor = actor_of(
                    db,
                    self._tools,
                    headers.get("authorization"),
                    now=datetime.now(UTC),
                    address=self._ask.client,
                    user_agent=headers.get("user-agent"),
                )
            except NotAuthenticated as error:
                self._stranger = NotAllowed(error.sentence, code=error.code)

    @property
    def _is_trusted(self) -> bool:
        """Whether the sender is who the token says; others may fill no disk."""
        credential = self._actor.credential
        return credential is None or credential.flaw is None

    def _limit_of(self, project: str) -> int:
        if not self._is_trusted:
            return 0
        found = self._tools.database.rows(
            "SELECT file_size_limit FROM projects WHERE normalized_name = %(name)s", {"name": normalize(project)}
        )
        return (found[0][0] or 0) if found else 0

    def _asked_in_query(self) -> str | None:
        try:
            asked = parse_qs(self._ask.query, keep_blank_values=True, errors="strict").get(":action")
        except ValueError as error:
            raise Invalid("The query string is not UTF-8. Write it as UTF-8.", code="query") from error
        return asked[0] if asked else None

    def _refused(self, refusal: Refusal) -> Answer:
        self._tools.metrics.refused(refusal.code)
        answer = refused(refusal, self._ask.headers.get("accept"))
        if isinstance(refusal, UnknownAction):
            answer.headers.append(("allow", "GET, HEAD, OPTIONS"))
        return answer

    def _rate_headers(self) -> list[tuple[str, str]]:
        """Advice, not news: without it the answer is as good."""
        try:
            with begin(self._tools, self._actor) as work:
                return rate_headers(work)
        except UNANSWERED:
            return []


class AnotherAddress:
    """An upload to the address without its slash: read to its end, so that the client reads where to send it."""

    limit = LARGEST_FILE

    def begin(self) -> None:
        """Nothing is kept."""

    def feed(self, block: bytes) -> None:
        """Nothing is kept."""

    def finish(self) -> Answer:
        """308: the same request again, there."""
        return Answer(308, [("location", PATH)], reason="Upload to /legacy/ with the slash at the end")

    def abort(self) -> None:
        """Nothing was kept."""


def _check_action(asked: str) -> None:
    if asked in GONE:
        raise Gone(GONE[asked], code="action_gone")
    if asked != "file_upload":
        raise UnknownAction("Say what to do: send the field :action with the value file_upload.", code="action")


def _unavailable(error: DBAPIError | PoolExhausted) -> Unavailable:
    """A database that is away or too busy (503); anything else it says is a bug of ours, and rises."""
    if isinstance(error, UNANSWERED):
        return unavailable(error)
    if should_try_again(error):
        return Unavailable("Too many uploads of the same project at once. Try again in a moment.", code="contention")
    raise error
