"""An index as tests speak of it: users, uploads, pages, and what was told."""

from __future__ import annotations

import base64
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson

from tests.builders import Dist
from warehouse.api.site import MachineDoors
from warehouse.domain.accounts import User
from warehouse.domain.journal import JournalEntry
from warehouse.follow.pages import PageFollower
from warehouse.infra.cache import PageCache
from warehouse.operations.projects import find_project
from warehouse.operations.registration import create_user
from warehouse.operations.tokens import create_token
from warehouse.server.later import Later
from warehouse.server.reply import Ready
from warehouse.standards.http import Answer, Ask
from warehouse.work import OPERATOR, Actor, ActorKind, Tools, Work, begin

JSON = "application/vnd.pypi.simple.v1+json"


class Index:
    """Doors and operations of one index on a fresh database."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self.cache = PageCache(tools.settings.pages.cache_size)
        self.follower = PageFollower(tools.database, tools.head, self.cache)
        self.doors = MachineDoors(tools, self.cache, self.follower)
        self._tokens: dict[str, str] = {}
        self._lock = threading.Lock()

    def work(self, actor: Actor = OPERATOR):
        """A piece of work that commits at the end of the block."""
        return begin(self.tools, actor)

    def user(self, name: str, **details: Any) -> User:
        """A new user."""
        with self.work() as work:
            return create_user(work, name, email=f"{name}@example.com", password="correct horse", **details)

    def actor(self, user: User) -> Actor:
        """The user, signed in."""
        return Actor(ActorKind.USER, user_id=user.id, username=user.username, is_administrator=user.is_administrator)

    def token(self, user: User, *projects: str, lifetime: timedelta | None = None, name: str | None = None) -> str:
        """A new API token of the user."""
        with self.work() as work:
            merged = work.db.merge(user)
            description = name or f"token {len(self._tokens)} {'-'.join(projects)}"
            _, text = create_token(work, merged, description=description, projects=projects, lifetime=lifetime)
        return text

    def upload(
        self,
        dist: Dist,
        *,
        by: User | None = None,
        token: str | None = None,
        authorization: str | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = "application/octet-stream",
        filename: str | None = None,
        **changes: str | Sequence[str] | None,
    ) -> Answer:
        """Post the file as a client would, through the real door; the form can be changed field by field."""
        body, boundary = multipart_body(
            dist.form(**changes), [("content", filename or dist.filename, content_type, dist.content)]
        )
        if by is not None:
            with self._lock:
                token = self._tokens.get(by.username) or self._tokens.setdefault(by.username, self.token(by))
        if token is not None:
            authorization = basic("__token__", token)
        return self.post(body, boundary, authorization=authorization, headers=headers)

    def post(
        self,
        body: bytes,
        boundary: str,
        *,
        authorization: str | None = None,
        headers: Mapping[str, str] | None = None,
        block: int = 65536,
        query: str = "",
    ) -> Answer:
        """Post any body to the upload door."""
        sent = {"content-type": f"multipart/form-data; boundary={boundary}", **(headers or {})}
        if authorization is not None:
            sent["authorization"] = authorization
        receiver = self.doors.receive(Ask("POST", "/legacy/", query, sent, client="192.0.2.1"))
        assert receiver is not None
        receiver.begin()
        for start in range(0, len(body), block):
            receiver.feed(body[start : start + block])
        return receiver.finish()

    def get(self, path: str, *, method: str = "GET", query: str = "", **headers: str) -> Answer | Ready:
        """Ask a machine door, from memory if it can, else in the thread's way."""
        ask = Ask(method, path, query, {name.replace("_", "-"): value for name, value in headers.items()})
        found = self.doors.glance(ask) or self.doors.answer(ask)
        assert found is not None and not isinstance(found, Later)
        return found

    def simple(self, name: str, **headers: str) -> dict[str, Any]:
        """The project's page as JSON."""
        found = self.get(f"/simple/{name}/", accept=JSON, **headers)
        assert found.status == 200, found
        assert isinstance(found.body, bytes)
        return orjson.loads(found.body)

    def filenames(self, name: str) -> list[str]:
        """The files on the project's page."""
        return [file["filename"] for file in self.simple(name)["files"]]

    def journal(self) -> list[str]:
        """The action texts of the journal, in order."""
        with self.work() as work:
            return [entry.action for entry in work.db.query(JournalEntry).order_by(JournalEntry.serial)]

    def change_project(self, name: str, **values: Any) -> None:
        """Set columns of a project outright, for what has no operation yet."""
        with self.work() as work:
            project = find_project(work, name)
            for column, value in values.items():
                setattr(project, column, value)


def basic(username: str, password: str) -> str:
    """An ``Authorization: Basic`` header."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def multipart_body(
    fields: Mapping[str, Sequence[str]], files: Sequence[tuple[str, str, str | None, bytes]]
) -> tuple[bytes, str]:
    """A form as clients write it, and its boundary. ``files`` are (field, file name, content type, bytes)."""
    boundary = "warehouse-tests-boundary"
    parts: list[bytes] = []
    for name, values in fields.items():
        for value in values:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            parts.append(head.encode() + value.encode() + b"\r\n")
    for name, filename, content_type, content in files:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        if content_type is not None:
            head += f"Content-Type: {content_type}\r\n"
        parts.append(head.encode() + b"\r\n" + content + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), boundary


__all__ = ["JSON", "Index", "Work", "basic", "multipart_body"]
