"""What installers download: files, their metadata, and parts of them."""

import os
from pathlib import Path

import pytest

from tests.builders import sdist, wheel
from tests.install.test_simple_pages import header
from warehouse.domain.packaging import ProjectStatus
from warehouse.errors import NotFound
from warehouse.operations.projects import find_project, set_project_status
from warehouse.server.reply import Ready
from warehouse.standards.http import FileSlice

SMALL = wheel("demo", "1.0")
LARGE = wheel("demo", "2.0", files={"demo/data.bin": os.urandom(200_000)})


@pytest.fixture
def demo(index):
    ada = index.user("ada")
    for dist in (SMALL, LARGE, sdist("demo", "1.0")):
        assert index.upload(dist, by=ada).status == 200
    return index


@pytest.mark.parametrize("dist", [SMALL, LARGE], ids=["small", "large"])
def test_a_file_is_sent_whole_the_first_time_and_from_memory(demo, dist):
    url = address(demo, dist)
    first, again = demo.get(url), demo.get(url)
    assert body(first) == body(again) == dist.content
    assert isinstance(again, Ready) is (dist is SMALL)
    for answer in (first, again):
        assert header(answer, "cache-control") == "max-age=365000000, immutable, public"
        assert header(answer, "etag") == f'"{dist.blake2_256}"'
        assert header(answer, "accept-ranges") == "bytes"
        assert header(answer, "content-type") == "application/octet-stream"


@pytest.mark.parametrize("dist", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=100-", slice(100, None)),
        ("bytes=5-5", slice(5, 6)),
    ],
)
def test_parts_of_a_file_can_be_asked_for(demo, dist, asked, part):
    url = address(demo, dist)
    demo.get(url)  # known from here on
    answer = demo.get(url, range=asked)
    assert answer.status == 206
    assert body(answer) == dist.content[part]
    start = part.indices(len(dist.content))[0]
    assert header(answer, "content-range") == f"bytes {start}-{start + len(body(answer)) - 1}/{len(dist.content)}"


def test_several_parts_come_as_multipart(demo):
    answer = demo.get(address(demo, LARGE), range="bytes=0-3,10-13")
    assert answer.status == 206
    assert header(answer, "content-type").startswith("multipart/byteranges; boundary=")
    assert LARGE.content[:4] in body(answer)
    assert LARGE.content[10:14] in body(answer)


def test_a_range_beyond_the_end_is_refused_with_the_size(demo):
    answer = demo.get(address(demo, SMALL), range="bytes=9999999-")
    assert (answer.status, header(answer, "content-range")) == (416, f"bytes */{len(SMALL.content)}")


@pytest.mark.parametrize("dist", [SMALL, LARGE], ids=["small", "large"])
def test_a_file_that_the_client_has_is_not_sent_again(demo, dist):
    url = address(demo, dist)
    for _ in range(2):
        answer = demo.get(url, if_none_match=f'"{dist.blake2_256}"')
        assert answer.status == 304
        assert body(answer) == b""


def test_head_is_answered_like_get(demo):
    assert demo.get(address(demo, LARGE), method="HEAD").status == 200


def test_the_metadata_file_is_the_archives_own_bytes(demo):
    url = address(demo, SMALL) + ".metadata"
    assert body(demo.get(url)) == body(demo.get(url)) == SMALL.metadata


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url + ".asc",
        lambda url: url.replace("demo-1.0", "demo-9.9"),
        lambda url: url.replace("/packages/", "/packages/00"),
        lambda url: url.rsplit("/", 1)[0] + "/../../secret.key",
        lambda url: "/packages/",
        lambda url: "/packages/" + url.removeprefix("/packages/").upper(),
    ],
)
def test_no_other_path_leads_to_a_file(demo, change):
    with pytest.raises(NotFound):
        demo.get(change(address(demo, SMALL)))


def test_an_sdist_has_no_metadata_file(demo):
    with pytest.raises(NotFound, match="Only wheels"):
        demo.get(address(demo, sdist("demo", "1.0")) + ".metadata")


def test_a_lost_blob_is_not_found_rather_than_an_error(demo):
    url = address(demo, SMALL)
    Path(demo.tools.blobs.local_path(SMALL.blake2_256)).unlink()
    with pytest.raises(NotFound):
        demo.get(url)


def address(index, dist) -> str:
    return next(file["url"] for file in index.simple("demo")["files"] if file["filename"] == dist.filename)


def body(answer) -> bytes:
    """The bytes an answer stands for, files read."""
    parts = answer.body if isinstance(answer.body, tuple) else (answer.body,)
    return b"".join(_read(part) if isinstance(part, FileSlice) else part for part in parts)


def _read(part: FileSlice) -> bytes:
    return Path(part.path).read_bytes()[part.start : part.end]


def test_nothing_is_asked_of_the_database_for_a_file_that_is_known(demo, monkeypatch):
    url = address(demo, LARGE)
    found = demo.doors.files.find(url)
    asked = []
    monkeypatch.setattr(demo.tools.database, "rows", lambda *parameters: asked.append(parameters))
    assert demo.doors.files.find(url) is found
    assert asked == []


def test_what_is_not_there_takes_no_room(demo):
    address(demo, SMALL)
    before = len(demo.cache)
    for number in range(300):
        with pytest.raises(NotFound):
            demo.get(f"/packages/aa/bb/{number:060x}/demo-1.0.tar.gz")
    assert len(demo.cache) == before


def test_files_in_quarantine_are_gone_at_once_and_come_back_when_they_are_cleared(demo):
    url = address(demo, SMALL)
    predictable = f"/packages/py3/d/demo/{SMALL.filename}"
    for _ in range(2):
        assert demo.get(url).status == 200
        assert demo.get(predictable).status == 302
        set_status(demo, ProjectStatus.QUARANTINED)
        for path in (url, f"{url}.metadata"):
            with pytest.raises(NotFound):
                demo.get(path)
        assert demo.get(predictable).status == 404
        set_status(demo, ProjectStatus.ACTIVE)


def test_a_file_that_is_looked_up_while_its_project_changes_is_not_kept(demo, monkeypatch):
    url = address(demo, SMALL)
    look_up = demo.doors.files._source.file

    def file(digest):
        found = look_up(digest)
        set_status(demo, ProjectStatus.QUARANTINED)
        demo.follower.catch_up()
        return found

    monkeypatch.setattr(demo.doors.files._source, "file", file)
    assert demo.get(url).status == 200  # asked for before the change
    monkeypatch.undo()
    with pytest.raises(NotFound):
        demo.get(url)


def set_status(index, status: ProjectStatus) -> None:
    with index.work() as work:
        set_project_status(work, find_project(work, "demo"), status)
