"""Files in an object store: the same answers as from a disk, and what happens while the store is away."""

from __future__ import annotations

import email
import os
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.builders import wheel
from tests.contracts.s3_server import BUCKET
from tests.deployments.deployed import Deployed, deployed, empty_database
from tests.deployments.stores import Store
from tests.index import basic
from tests.served import Response
from warehouse.infra.blobs import BlobStat, key_of
from warehouse.infra.postgres import EmbeddedPostgres

LARGE = wheel("large", "1.0", files={"large/noise": os.urandom(6_000_000)})
SMALL = wheel("small", "1.0")


@pytest.fixture(scope="module")
def index(store: Store, database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """An index with a large and a small file, one worker, and its files in the store."""
    settings = {"DATABASE_URL": database, "WAREHOUSE_WEB__WORKERS": "1", **store.environ}
    with deployed(tmp_path_factory.mktemp("index"), **settings) as index:
        index.publish(LARGE, SMALL)
        yield index


def url_of(index: Deployed, project: str) -> str:
    return str(index.files(project)[0]["url"])


def blobs(index: Deployed) -> list[BlobStat]:
    with index.tools() as tools:
        return list(tools.blobs.keys())


def asked(index: Deployed, method: str, path: str, **headers: str) -> Response:
    return index._exchange(method, path, None, headers, None)


@pytest.mark.parametrize("dist", [LARGE, SMALL], ids=["large", "small"])
def test_a_file_is_passed_on_whole_and_its_head_says_the_same(index: Deployed, dist) -> None:
    url = url_of(index, dist.filename.split("-")[0])
    whole, head = index.get(url), asked(index, "HEAD", url)
    assert (whole.status, whole.reason, whole.body == dist.content) == (200, "OK", True)
    assert whole.headers["Content-Length"] == head.headers["Content-Length"] == str(len(dist.content))
    assert "Transfer-Encoding" not in whole.headers
    assert (head.status, head.body) == (200, b"")
    passing = {"Date", "X-Request-ID"}
    assert {name: whole.headers[name] for name in whole.headers.keys() - passing} == {
        name: head.headers[name] for name in head.headers.keys() - passing
    }


def test_the_metadata_of_a_wheel_is_passed_on(index: Deployed) -> None:
    answer = index.get(f"{url_of(index, 'small')}.metadata")
    assert (answer.status, answer.body) == (200, SMALL.metadata)


@pytest.mark.parametrize(
    ("asked_for", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=5000000-", 5_000_000, None), ("bytes=-7", -7, None), ("bytes=3-3", 3, 3)],
)
def test_a_range_is_fetched_as_a_range(index: Deployed, asked_for: str, first: int, last: int | None) -> None:
    answer = index.get(url_of(index, "large"), range=asked_for)
    expected = LARGE.content[first : None if last is None else last + 1]
    begin = first if first >= 0 else len(LARGE.content) + first
    assert (answer.status, answer.reason, answer.body == expected) == (206, "Partial Content", True)
    assert answer.headers["Content-Length"] == str(len(expected))
    assert answer.headers["content-range"] == f"bytes {begin}-{begin + len(expected) - 1}/{len(LARGE.content)}"


def test_several_ranges_come_in_one_answer(index: Deployed) -> None:
    answer = index.get(url_of(index, "large"), range="bytes=0-3,1000000-1000009,-2")
    assert answer.headers["Content-Length"] == str(len(answer.body))
    message = email.message_from_bytes(f"Content-Type: {answer.headers['content-type']}\n\n".encode() + answer.body)
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    assert parts == [LARGE.content[:4], LARGE.content[1_000_000:1_000_010], LARGE.content[-2:]]


def test_conditions_are_judged_without_asking_the_store(index: Deployed, store: Store) -> None:
    url = url_of(index, "large")
    tag = index.get(url, range="bytes=0-0").headers["etag"]
    store.close()
    try:
        unchanged = index.get(url, if_none_match=tag)
        changed = index.get(url, if_match='"another"')
        beyond = index.get(url, range="bytes=99999999-")
        head = asked(index, "HEAD", url)
    finally:
        store.open()
    assert (unchanged.status, unchanged.reason, unchanged.body) == (304, "Not Modified", b"")
    assert unchanged.headers["etag"] == tag
    assert (changed.status, beyond.status, head.status) == (412, 416, 200)
    assert beyond.headers["content-range"] == f"bytes */{len(LARGE.content)}"
    assert index.get(url, range="bytes=0-1", if_range='"another"').status == 200


def test_what_is_not_there_is_not_found(index: Deployed) -> None:
    assert index.get(f"/packages/aa/bb/{'0' * 60}/small-1.0-py3-none-any.whl").status == 404


def test_readers_who_take_nothing_keep_nobody_waiting(index: Deployed) -> None:
    url, address = url_of(index, "large"), urlsplit(index.url)
    readers = []
    try:
        for _ in range(20):  # more than the worker has threads for such answers
            reader = socket.socket()
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect((address.hostname, address.port))
            reader.sendall(f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            readers.append(reader)
        time.sleep(0.5)
        started = time.monotonic()
        assert index.get(url, range="bytes=0-99").body == LARGE.content[:100]
        assert index.upload(SMALL).status == 200
        assert time.monotonic() - started < 3
    finally:
        for reader in readers:
            reader.close()


def test_files_are_redirected_to_addresses_that_work(index: Deployed, store: Store, database: str, tmp_path) -> None:
    """A second web server on the same index, which shows the store to its clients."""
    settings = {"DATABASE_URL": database, "WAREHOUSE_WEB__WORKERS": "1", "WAREHOUSE_STORAGE__REDIRECT": "true"}
    with deployed(tmp_path, "web", **settings, **store.environ) as other:
        url = url_of(other, "large")
        answer, companion = other.get(url), other.get(f"{url_of(other, 'small')}.metadata")
    assert (answer.status, answer.headers["cache-control"]) == (302, "no-store")
    with urllib.request.urlopen(answer.headers["location"]) as file:
        assert file.read() == LARGE.content
    with urllib.request.urlopen(companion.headers["location"]) as metadata:
        assert metadata.read() == SMALL.metadata


def test_files_that_are_passed_on_are_for_token_holders_only(
    index: Deployed, store: Store, database: str, tmp_path: Path
) -> None:
    """A second web server on the same index, for readers whom it knows."""
    secret = (index.data / "secret.key").read_text()
    settings = {"DATABASE_URL": database, "WAREHOUSE_ACCESS__READ": "signed_in", "WAREHOUSE_SITE__SECRET": secret}
    url = url_of(index, "large")
    with deployed(tmp_path, "web", WAREHOUSE_WEB__WORKERS="1", **settings, **store.environ) as private:
        for _ in range(2):
            for path in (url, f"{url}.metadata"):
                strangers = [asked(private, method, path) for method in ("GET", "HEAD")]
                assert [stranger.status for stranger in strangers] == [401, 401]
                known = private.get(path, Authorization=basic("__token__", index.token()))
                assert (known.status, "private" in known.headers["cache-control"]) == (200, True)


def test_an_index_whose_files_are_elsewhere_is_checked_and_swept(index: Deployed) -> None:
    assert "all is well" in index.run("check").stdout
    left_over = b"what an upload left behind"
    kept = {blob.key for blob in blobs(index)}
    with index.tools() as tools:
        tools.blobs.put_bytes(key_of(left_over), left_over)
    assert "Removed 0 stored files" in index.run("sweep").stdout
    time.sleep(2.1)  # the store tells the age of a blob in whole seconds
    with index.with_settings(WAREHOUSE_STORAGE__SWEEP_AFTER="1 s"):
        assert "Removed 1 stored files" in index.run("sweep").stdout
    assert {blob.key for blob in blobs(index)} == kept


def test_an_index_whose_files_are_elsewhere_is_backed_up_and_restored(
    index: Deployed, store: Store, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    programs = {"PATH": f"{postgres.tool('pg_dump').parent}:{os.environ['PATH']}"}
    with index.with_settings(**programs):
        assert "2 files" in index.run("backup", str(tmp_path / "backup")).stdout
    with empty_database(postgres.url) as database:
        elsewhere = store.environ | {"WAREHOUSE_STORAGE__URL": f"s3://{BUCKET}/restored"}
        restored = Deployed(tmp_path / "restored", {"DATABASE_URL": database, **elsewhere, **programs})
        assert "2 files" in restored.run("restore", str(tmp_path / "backup"), "--rehash").stdout
        assert {blob.key for blob in blobs(restored)} == {blob.key for blob in blobs(index)}


def test_without_the_store_nothing_is_accepted_and_pages_are_served(index: Deployed, store: Store) -> None:
    url, before = url_of(index, "large"), blobs(index)
    store.close()
    try:
        refused = index.upload(wheel("other", "1.0"))
        file, page, unbuilt = index.get(url), index.get("/simple/large/"), index.get("/simple/small/")
        ready = index.get("/_ready/")
    finally:
        store.open()
    assert (refused.status, refused.reason) == (
        503,
        "The store that keeps the files does not answer as it should. Try again later.",
    )
    assert "retry-after" in {name.lower() for name in refused.headers}
    assert (file.status, page.status, unbuilt.status) == (503, 200, 200)
    assert b"The store that keeps the files does not answer" in file.body
    assert [problem["part"] for problem in ready.json()] == ["files"]
    assert index.get("/simple/other/").status == 404
    assert not list((index.data / "spool").iterdir())
    assert blobs(index) == before
    assert index.get(url).body == LARGE.content
    assert index.upload(wheel("other", "1.0")).status == 200
