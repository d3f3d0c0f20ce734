"""One request, one transaction."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text

from warehouse.domain.accounts import User
from warehouse.errors import TooLarge
from warehouse.web.request import Request, transaction
from warehouse.work import ATTEMPTS, Tools


def asked(tools: Tools, view: Any, method: str = "POST", body: bytes = b"") -> Any:
    request = Request.blank("/", method=method, body=body)
    request.registry = SimpleNamespace(tools=tools)
    return transaction(view, None)(request)


def add(request: Request, name: str) -> None:
    request.work.db.add(User(username=name))
    request.work.db.flush()


def users(tools: Tools) -> int | None:
    with tools.database.session() as db:
        return db.scalar(select(func.count(User.id)))


def test_what_a_view_did_is_kept_when_it_returns(tools: Tools) -> None:
    asked(tools, lambda request: add(request, "ada"))
    assert users(tools) == 1


def test_nothing_is_kept_when_it_raises(tools: Tools) -> None:
    def view(request: Request) -> None:
        add(request, "ada")
        raise LookupError

    with pytest.raises(LookupError):
        asked(tools, view)
    assert users(tools) == 0


def test_nothing_is_kept_when_it_undoes_its_work(tools: Tools) -> None:
    def view(request: Request) -> None:
        add(request, "ada")
        request.undo()

    asked(tools, view)
    assert users(tools) == 0


def test_a_view_that_met_another_one_is_asked_again_with_fresh_work(tools: Tools) -> None:
    works = []

    def view(request: Request) -> str:
        works.append(request.work)
        if len(works) == 1:
            with tools.database.session() as db:
                db.add(User(username="ada"))
                db.commit()
        if request.work.db.scalar(select(User.id).where(User.username == "ada")) and len(works) > 1:
            return "taken"
        add(request, "ada")
        return "made"

    assert asked(tools, view) == "taken"
    assert works[0] is not works[1]
    assert users(tools) == 1


def test_a_view_whose_row_somebody_deleted_is_asked_again(tools: Tools) -> None:
    def view(request: Request) -> str:
        ada = request.work.db.scalar(select(User).where(User.username == "ada"))
        if ada is None:
            return "gone"
        with tools.database.session() as db:
            db.execute(delete(User))
            db.commit()
        ada.name = "Ada"
        request.work.db.flush()
        return "renamed"

    asked(tools, lambda request: add(request, "ada"))
    assert asked(tools, view) == "gone"


def test_a_view_that_is_asked_again_finds_what_was_sent(tools: Tools) -> None:
    found = []

    def view(request: Request) -> None:
        found.append(request.whole_body(largest=4))
        if len(found) == 1:
            request.work.db.execute(text("DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40001'; END $$"))

    asked(tools, view, body=b"sent")
    assert found == [b"sent", b"sent"]
    with pytest.raises(TooLarge):
        asked(tools, view, body=b"longer")


def test_it_is_not_asked_forever(tools: Tools) -> None:
    calls = []

    def view(request: Request) -> None:
        calls.append(1)
        request.work.db.execute(text("DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40001'; END $$"))

    with pytest.raises(Exception, match="SerializationFailure"):
        asked(tools, view)
    assert len(calls) == ATTEMPTS


def test_a_change_is_not_made_again_after_its_connection_was_lost(tools: Tools) -> None:
    def view(request: Request) -> None:
        calls.append(1)
        request.work.db.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    for method, times in (("POST", 1), ("GET", ATTEMPTS)):
        calls: list[int] = []
        with pytest.raises(Exception, match="terminating connection"):
            asked(tools, view, method)
        assert len(calls) == times


def test_a_view_that_asks_for_no_work_opens_no_connection(tools: Tools) -> None:
    before = tools.database.engine.pool.checkedin()  # type: ignore[attr-defined]
    asked(tools, lambda request: None)
    assert tools.database.engine.pool.checkedin() == before  # type: ignore[attr-defined]


def test_there_is_no_work_outside_a_view(tools: Tools) -> None:
    kept: list[Request] = []
    asked(tools, kept.append)
    with pytest.raises(RuntimeError, match="only views"):
        _ = kept[0].work
