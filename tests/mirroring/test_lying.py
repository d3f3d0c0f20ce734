"""An origin that lies cannot damage the copy: the project is passed over with a sentence, and tried again."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import orjson
import pytest
from sqlalchemy import delete, select, update

from tests.builders import Dist, wheel
from tests.index import JSON, Index
from tests.mirroring.liar import Liar, Lie, lying
from tests.served import Served, eventually, served
from warehouse.domain.packaging import Project
from warehouse.domain.site import MirroredProject
from warehouse.errors import Conflict, Unavailable
from warehouse.infra.fetching import Fetcher
from warehouse.operations.checking import check_index
from warehouse.operations.mirroring import Origin, begin_mirroring, follow, following

GOOD = ("alpha", "beta")


@pytest.fixture(scope="module")
def origin(tmp_path_factory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("origin")) as index:
        index.publish(*VICTIMS.values(), *(wheel(name, "1.0") for name in GOOD))
        yield index


@pytest.fixture
def liar(origin: Served, monkeypatch) -> Iterator[Liar]:
    monkeypatch.setattr(following, "ATTEMPTS", (0.01,))
    with lying(origin.url) as liar:
        yield liar


def copy(index: Index, liar: Liar) -> int:
    with index.work() as work:
        begin_mirroring(work, liar.url)
    return follow(index.tools, Origin(Fetcher(liar.url)), once=True)


def problem(index: Index, name: str) -> str:
    with index.work() as work:
        query = select(MirroredProject.problem).where(MirroredProject.normalized_name == name)
        return work.db.scalar(query) or ""


def address(dist: Dist) -> str:
    digest = dist.blake2_256
    return f"/packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{dist.filename}"


def changed(**values: object) -> Lie:
    """The document with other values; a key in parts leads inside, ``file`` into the only file of the only release."""

    def lie(status: int, body: bytes) -> tuple[int, bytes]:
        document = orjson.loads(body)
        for key, value in values.items():
            *path, last = key.split("__")
            place = document
            for step in path:
                place = document["releases"]["1.0"][0] if step == "file" else place[step]
            place[last] = value
        return status, orjson.dumps(document)

    return lie


def instead(body: bytes, status: int = 200) -> Lie:
    return lambda _status, _body: (status, body)


PAGE, RELEASE, SIMPLE = "/pypi/{0}/json", "/pypi/{0}/1.0/json", "/simple/{0}/"
FILE, METADATA = "{1}", "{1}.metadata"
NONSENSE = "makes no sense"

# What is said instead of the truth, where ("{0}": the project, "{1}": its file), and what the copy makes of it.
LIES: dict[str, tuple[str, Lie, str]] = {
    "other bytes of the same length": (FILE, lambda status, body: (status, body[:-1] + b"!"), "has other bytes"),
    "more bytes": (FILE, lambda status, body: (status, body + b"!"), "more than the"),
    "fewer bytes": (FILE, lambda status, body: (status, body[:-1]), "ended after"),
    "no bytes": (FILE, instead(b"", 404), "was answered with 404"),
    "other metadata": (METADATA, instead(b"Name: evil"), "The metadata file of"),
    "no metadata": (METADATA, instead(b"", 404), "The metadata file of"),
    "another MD5": (PAGE, changed(file__digests__md5="0" * 32), "has other bytes"),
    "another SHA-256": (PAGE, changed(file__digests__sha256="0" * 64), "has other bytes"),
    "a digest that is a path": (PAGE, changed(file__digests__blake2b_256="../" * 21 + "x"), NONSENSE),
    "a file name that is a path": (PAGE, changed(file__filename="../../x-1.0-py3-none-any.whl"), NONSENSE),
    "a file name with a line break": (PAGE, changed(file__filename="x-1.0-\n-none-any.whl"), NONSENSE),
    "a file name that is too long": (PAGE, changed(file__filename=f"x-1.0-{'a' * 300}-none-any.whl"), NONSENSE),
    "a file that is no distribution": (PAGE, changed(file__filename="x.exe"), NONSENSE),
    "a file of another project": (PAGE, changed(file__filename="alpha-9.0-py3-none-any.whl"), "a file of alpha under"),
    "a negative size": (PAGE, changed(file__size=-1), NONSENSE),
    "a size beyond all limits": (PAGE, changed(file__size=2**40), NONSENSE),
    "a size that is no number": (PAGE, changed(file__size="12"), NONSENSE),
    "a time without a zone": (PAGE, changed(file__upload_time_iso_8601="2026-01-01T00:00:00"), NONSENSE),
    "an address that is none": (PAGE, changed(file__url="file:///etc/passwd"), "not an address on the web"),
    "an address inside our network": (PAGE, changed(file__url="http://127.0.0.2:1/x.whl"), "127.0.0.2"),
    "another project": (PAGE, changed(info__name="alpha"), "is about alpha"),
    "no JSON": (PAGE, instead(b"<html>"), NONSENSE),
    "endless nesting": (PAGE, instead(b"[" * 1_000_000), NONSENSE),
    "a broken page": (PAGE, instead(b"oh no", 500), "was answered with 500"),
    "a NUL": (RELEASE, changed(info__summary="a\0b"), NONSENSE),
    "a list for a text": (RELEASE, changed(info__summary=["a"]), NONSENSE),
    "another version": (RELEASE, changed(info__version="2.0"), "is about 2.0"),
    "an unknown status": (SIMPLE, changed(**{"project-status": {"status": "sold"}}), NONSENSE),
    "another name": (SIMPLE, changed(name="alpha"), "is about alpha"),
    "a page that is behind": (SIMPLE, changed(meta={"_last-serial": 1}), "do not fit together"),
}
VICTIMS: dict[str, Dist] = {kind: wheel(f"victim-{number}", "1.0") for number, kind in enumerate(LIES)}
ONE = VICTIMS[next(iter(LIES))]


def victim(kind: str) -> str:
    return f"victim-{list(LIES).index(kind)}"


def test_a_lie_about_one_project_leaves_the_others_alone(index, liar, monkeypatch):
    monkeypatch.setattr("warehouse.operations.mirroring.origin.PATIENCE", (0.01,))
    for kind, (path, lie, _) in LIES.items():
        liar.lies[path.format(victim(kind), address(VICTIMS[kind]))] = lie
    assert copy(index, liar) == len(LIES)
    told = {kind: problem(index, victim(kind)) for kind in LIES}
    assert [(kind, told[kind]) for kind, (_, _, sentence) in LIES.items() if sentence not in told[kind]] == []
    assert [kind for kind in LIES if index.get(f"/simple/{victim(kind)}/").status != 404] == []
    assert [index.filenames(name) for name in GOOD] == [[f"{name}-1.0-py3-none-any.whl"] for name in GOOD]
    liar.lies.clear()
    assert copy(index, liar) == 0
    index.cache.clear()
    assert {kind: index.filenames(victim(kind)) for kind in LIES} == {kind: [VICTIMS[kind].filename] for kind in LIES}
    assert {problem(index, victim(kind)) for kind in LIES} == {""}
    assert check_index(index.tools).findings == []


def test_what_is_copied_at_last_is_seen_by_servers_that_run(index, liar):
    """No entry of the journal is new then, and pages are kept until one comes."""
    liar.lies[address(ONE)] = instead(b"", 404)
    copy(index, liar)
    index.follower.catch_up()
    assert index.get("/simple/victim-0/").status == 404
    assert b'"victim-0"' not in index.get("/simple/", accept=JSON).body
    stop = threading.Event()
    thread = index.follower.start(stop)
    try:
        liar.lies.clear()
        eventually(lambda: thread.is_alive())
        copy(index, liar)
        eventually(lambda: index.get("/simple/victim-0/", accept=JSON).status == 200)
        eventually(lambda: b'"victim-0"' in index.get("/simple/", accept=JSON).body)
    finally:
        stop.set()
        thread.join()


def test_what_was_there_stays_when_a_change_makes_no_sense(index, liar):
    copy(index, liar)
    with index.work() as work:
        again = update(MirroredProject).where(MirroredProject.normalized_name == "victim-0")
        work.db.execute(again.values(serial=0, try_again_at=work.now))
    liar.lies[PAGE.format("victim-0")] = changed(file__size=-1)
    assert copy(index, liar) == 1
    assert index.filenames("victim-0") == [ONE.filename]


def test_a_file_that_was_fetched_before_an_interruption_is_not_fetched_again(index, liar):
    copy(index, liar)
    with index.work() as work:
        work.db.execute(delete(Project))
        work.db.execute(update(MirroredProject).values(serial=0, try_again_at=work.now))
    liar.asked.clear()
    copy(index, liar)
    assert address(ONE) not in liar.asked


@pytest.mark.parametrize(
    ("path", "lie"),
    [
        ("/api/journal/", changed(next=0)),
        ("/api/journal/", changed(meta={"api-version": "2.0"})),
        ("/api/journal/", instead(b"no", 404)),
        ("/api/journal/", instead(b"{}")),
        ("/api/journal/", instead(b"", 500)),
        ("/simple/", instead(b"{}")),
        ("/simple/", instead(b"", 404)),
    ],
)
def test_without_a_list_and_a_feed_that_make_sense_nothing_is_copied(index, liar, path, lie):
    liar.lies[path] = lie
    with pytest.raises(Unavailable):
        copy(index, liar)
    assert index.journal() == []
    liar.lies.clear()
    assert copy(index, liar) == 0


def test_an_origin_that_was_restored_is_not_followed(index, liar):
    copy(index, liar)
    before = index.journal()

    def another_story(status: int, body: bytes) -> tuple[int, bytes]:
        document = orjson.loads(body)
        for entry in document["entries"]:
            entry["action"] = "something else"
        return status, orjson.dumps(document)

    for lie in (another_story, instead(b"The journal ends at serial 1.", 409)):
        liar.lies["/api/journal/"] = lie
        with pytest.raises(Conflict, match="was restored from an older backup"):
            copy(index, liar)
    assert index.journal() == before
