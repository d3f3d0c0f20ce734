"""An index that only token holders read: nobody else learns what is in it, by page, file, header or status."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.builders import wheel
from tests.deployments.deployed import Deployed, deployed
from tests.index import JSON, basic
from tests.served import Response
from warehouse.api.access import REMEMBERED_FOR
from warehouse.domain.tokens import Token
from warehouse.operations.accounts import find_user
from warehouse.operations.tokens import create_token, revoke_token
from warehouse.work import OPERATOR, begin

LARGE = wheel("demo", "1.0", files={"demo/noise": os.urandom(400_000)})
SMALL = wheel("demo", "2.0")


@pytest.fixture(scope="module")
def index(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """A private index with two files."""
    settings = {"DATABASE_URL": database, "WAREHOUSE_WEB__WORKERS": "1", "WAREHOUSE_ACCESS__READ": "signed_in"}
    with deployed(tmp_path_factory.mktemp("private"), **settings) as index:
        index.publish(LARGE, SMALL)
        yield index


@pytest.fixture(scope="module")
def places(index: Deployed) -> list[str]:
    """The addresses of everything in the index, each asked for once, so that it is in memory."""
    project = ask(index, "/simple/demo/", with_token(index), accept=JSON)
    urls = [file["url"] for file in project.json()["files"]]
    places = ["/simple/", "/simple/demo/", *urls, f"{urls[0]}.metadata"]
    for place in places:
        for _ in range(2):
            assert ask(index, place, with_token(index)).status == 200
    return places


def ask(
    index: Deployed, path: str, authorization: str | None = None, *, method: str = "GET", **headers: str
) -> Response:
    if authorization is not None:
        headers["Authorization"] = authorization
    return index._exchange(method, path, None, {name.replace("_", "-"): text for name, text in headers.items()}, None)


def with_token(index: Deployed, token: str | None = None) -> str:
    return basic("__token__", token or index.token())


def new_token(index: Deployed, *projects: str, lifetime: timedelta | None = None) -> tuple[Token, str]:
    with index.tools() as tools, begin(tools, OPERATOR) as work:
        owner, name = find_user(work, "ada"), f"token {time.monotonic_ns()}"
        return create_token(work, owner, description=name, projects=projects, lifetime=lifetime)


def facts(answer: Response) -> tuple[object, ...]:
    """All that a stranger is told."""
    passing = {"date", "x-request-id"}
    fields = sorted((name, value) for name, value in answer.headers.items() if name.lower() not in passing)
    return answer.status, answer.reason, tuple(fields), answer.body


def test_a_stranger_is_challenged_everywhere_and_always_in_the_same_words(index: Deployed, places: list[str]) -> None:
    """What is there, in memory or not, and what is not."""
    unknown = ["/simple/nothing/", "/simple/Demo/", "/simple/?format=odd", f"/packages/aa/bb/{'0' * 60}/x-1.0.tar.gz"]
    forms = [{}, {"accept": JSON}, {"accept_encoding": "gzip"}, {"if_none_match": "*"}, {"range": "bytes=0-9"}]
    answers = {facts(ask(index, place, **form)) for place in [*places, *unknown] for form in forms}
    assert len(answers) == 1
    challenged = ask(index, "/simple/demo/")
    assert (challenged.status, challenged.reason) == (401, "Unauthorized")
    assert challenged.headers["www-authenticate"] == 'Basic realm="Warehouse", charset="UTF-8"'
    assert challenged.headers["cache-control"] == "no-store"
    heads = {facts(ask(index, place, method="HEAD")) for place in [*places, *unknown]}
    assert [(status, body) for status, _, _, body in heads] == [(401, b"")]


@pytest.mark.parametrize(
    "authorization",
    [
        basic("ada", "correct horse battery staple"),
        basic("__token__", "pypi-nonsense"),
        "Bearer x",
        "Digest y",
        "Basic",
    ],
)
def test_what_names_nobody_lets_nobody_in(index: Deployed, places: list[str], authorization: str) -> None:
    answers = [ask(index, place, authorization) for place in [*places, "/simple/nothing/"]]
    assert {(answer.status, answer.headers["www-authenticate"][:5]) for answer in answers} == {(401, "Basic")}
    assert len({facts(answer) for answer in answers}) == 1


def test_a_forged_and_an_expired_token_are_asked_for_another(index: Deployed) -> None:
    expiring, (_, sound) = new_token(index, lifetime=timedelta(seconds=1))[1], new_token(index)
    forged = sound[:-8] + ("A" if sound[-8] != "A" else "B") + sound[-7:]
    time.sleep(2)
    for token in (forged, expiring):
        refused = ask(index, "/simple/demo/", with_token(index, token))
        assert (refused.status, refused.headers["www-authenticate"][:5]) == (401, "Basic"), refused
        assert refused.body.startswith(b"Invalid API Token: ")


def test_a_revoked_token_reads_for_a_few_seconds_at_most(index: Deployed) -> None:
    made, token = new_token(index)
    assert ask(index, "/simple/demo/", with_token(index, token)).status == 200
    with index.tools() as tools, begin(tools, OPERATOR) as work:
        revoke_token(work, find_user(work, "ada"), made.id)
    time.sleep(REMEMBERED_FOR + 0.1)
    assert ask(index, "/simple/demo/", with_token(index, token)).status == 401


def test_a_token_for_one_project_reads_all_that_its_builds_depend_on(index: Deployed, places: list[str]) -> None:
    index.publish(wheel("mine", "1.0"))
    token = new_token(index, "mine")[1]
    assert [ask(index, place, with_token(index, token)).status for place in places] == [200] * len(places)


@pytest.mark.parametrize("scheme", ["Bearer", "token"])
def test_a_token_may_come_as_a_bearers(index: Deployed, scheme: str) -> None:
    assert ask(index, "/simple/demo/", f"{scheme} {index.token()}").status == 200


def test_no_shared_cache_may_keep_what_a_token_opened(index: Deployed, places: list[str]) -> None:
    """RFC 9111 3.5: a shared cache must not answer with a response to a request with Authorization, unless that says
    must-revalidate, public or s-maxage; ours say private besides."""
    for place in places:
        tag = ask(index, place, with_token(index)).headers["etag"]
        for form in ({}, {"if_none_match": tag}, {"range": "bytes=0-1"}):
            answer = ask(index, place, with_token(index), **form)
            assert answer.status in (200, 206, 304)
            assert "private" in answer.headers["cache-control"], (place, form)
    for place in ("/simple/nothing/", "/simple/Demo/"):
        control = ask(index, place, with_token(index)).headers.get("cache-control", "")
        assert not {"public", "must-revalidate"} & set(control.replace(",", " ").split()) and "s-maxage" not in control


def test_strangers_may_ask_how_the_index_is(index: Deployed) -> None:
    assert [index.get(path).status for path in ("/_health/", "/_ready/", "/robots.txt", "/")] == [200] * 4
    assert b"demo-2.0" not in index.get("/").body
