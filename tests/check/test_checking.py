"""An index that is whole has no findings; each kind of damage is found and said in a sentence."""

from __future__ import annotations

import logging
import os
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.builders import sdist, wheel
from warehouse.follow import FOLLOWERS, rebuild
from warehouse.infra.blobs import BlobDamaged, key_of
from warehouse.infra.jobs import JOBS
from warehouse.operations import checking
from warehouse.operations.checking import check_index
from warehouse.worker.main import perform

WHEEL, SDIST = wheel("demo", "1.0"), sdist("demo", "1.0")


@pytest.fixture
def demo(index):
    """A whole index with a wheel and an sdist, followed to its end."""
    ada = index.user("ada")
    for dist in (WHEEL, SDIST, wheel("other", "2.0rc1")):
        assert index.upload(dist, by=ada).status == 200
    for follower in FOLLOWERS:
        rebuild(index.tools, follower)
    return index


def change(index, statement: str) -> None:
    """Damage the database."""
    with index.work() as work:
        work.db.execute(text(statement))


def damage(index, key: str, data: bytes) -> None:
    """Write other bytes over a blob."""
    path = index.tools.blobs.local_path(key)
    path.chmod(0o600)
    path.write_bytes(data)


def findings(index, **options) -> list[str]:
    return [one.sentence for one in check_index(index.tools, **options).findings]


def test_a_whole_index_has_no_findings(demo):
    report = check_index(demo.tools)
    assert report.is_whole
    assert report.findings == []
    assert (report.files, report.projects, report.releases) == (3, 2, 2)
    assert report.bytes == sum(len(d.content) for d in (WHEEL, SDIST, wheel("other", "2.0rc1")))
    assert report.unreferenced_blobs == 0


def test_an_empty_index_is_whole(tools):
    assert check_index(tools).is_whole


@pytest.mark.parametrize("rehash", [True, False])
def test_bytes_that_are_gone(demo, rehash):
    demo.tools.blobs.delete(SDIST.blake2_256)
    sentence = f"The bytes of {SDIST.filename} are gone: there is no blob {SDIST.blake2_256}."
    assert findings(demo, rehash=rehash) == [sentence]


@pytest.mark.parametrize("rehash", [True, False])
def test_bytes_that_are_too_few(demo, rehash):
    damage(demo, SDIST.blake2_256, SDIST.content[:-1])
    sizes = f"{len(SDIST.content) - 1} instead of {len(SDIST.content)} bytes"
    assert findings(demo, rehash=rehash) == [f"The blob {SDIST.blake2_256} of {SDIST.filename} has {sizes}."]


def test_bytes_that_changed_are_found_by_reading_them(demo):
    damage(demo, SDIST.blake2_256, SDIST.content[:-1] + b"?")
    assert findings(demo, rehash=False) == []
    found = findings(demo)
    assert [sentence.split(" digest ")[0].rpartition(" the ")[2] for sentence in found] == ["BLAKE2b", "SHA-256", "MD5"]
    assert all(sentence.startswith(f"The bytes of {SDIST.filename} have") for sentence in found)


@pytest.mark.parametrize(("column", "name"), [("sha256", "SHA-256"), ("md5", "MD5")])
def test_digests_that_are_not_those_of_the_bytes(demo, column, name):
    wrong = "0" * (64 if column == "sha256" else 32)
    change(demo, f"UPDATE files SET {column} = '{wrong}' WHERE filename = '{WHEEL.filename}'")
    right = getattr(WHEEL, column)
    assert findings(demo) == [f"The bytes of {WHEEL.filename} have the {name} digest {right} instead of {wrong}."]


@pytest.mark.parametrize("rehash", [True, False])
def test_metadata_that_is_gone(demo, rehash):
    key = key_of(WHEEL.metadata)
    demo.tools.blobs.delete(key)
    sentence = f"The metadata of {WHEEL.filename} is gone: there is no blob {key}."
    assert findings(demo, rehash=rehash) == [sentence]


def test_metadata_that_changed(demo):
    damage(demo, key_of(WHEEL.metadata), b"Metadata-Version: 6.6\n")
    assert findings(demo) == [f"The metadata kept for {WHEEL.filename} is not what its digests promise."]


def test_metadata_that_grew_beyond_measure(demo, monkeypatch):
    monkeypatch.setattr(checking, "METADATA_LIMIT", 10)
    assert f"The metadata kept for {WHEEL.filename} is not what its digests promise." in findings(demo)


def test_bytes_that_end_early_while_they_are_read(demo, monkeypatch):
    opened = demo.tools.blobs.open

    def truncated(key: str, *limits: int):
        if key == SDIST.blake2_256:
            damage(demo, key, SDIST.content[: len(SDIST.content) // 2])
            yield from opened(key, *limits)
            raise BlobDamaged("it ends early.")
        yield from opened(key, *limits)

    monkeypatch.setattr(demo.tools.blobs, "open", truncated)
    assert findings(demo) == [f"The bytes of {SDIST.filename} cannot be read to their end: it ends early."]


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            "UPDATE project_serials SET serial = 1 WHERE normalized_name = 'demo'",
            "The newest serial of demo is kept as 1, but the journal says 5.",
        ),
        (
            "DELETE FROM project_serials WHERE normalized_name = 'demo'",
            "The newest serial of demo is kept as 0, but the journal says 5.",
        ),
        (
            "DELETE FROM journal WHERE normalized_name = 'demo'",
            "The newest serial of demo is kept as 5, but the journal says 0.",
        ),
        (
            "UPDATE projects SET total_size = 7 WHERE name = 'demo'",
            f"demo is said to hold 7 bytes, but its files add up to {len(WHEEL.content) + len(SDIST.content)}.",
        ),
        (
            f"DELETE FROM file_names WHERE filename = '{SDIST.filename}'",
            f"The file name {SDIST.filename} is in use but not kept as used,"
            " so it could be given to other contents later.",
        ),
        (
            "UPDATE files SET project_id = (SELECT id FROM projects WHERE name = 'other'), size = size"
            f" WHERE filename = '{SDIST.filename}'",
            f"The file {SDIST.filename} belongs to another project than its release.",
        ),
        (
            "UPDATE follower_cursors SET serial = 99",
            "The follower totals claims to have applied entry 99, but the journal ends at 9. Rebuild it.",
        ),
        (
            "UPDATE index_totals SET size = 7",
            "The index is said to hold 7 bytes, but the totals of its projects add up to {total}. Rebuild the totals.",
        ),
        (
            "INSERT INTO dependent_counts VALUES ('demo', 3)",
            "demo is said to have 3 dependents, but 0 are known. Rebuild the dependents.",
        ),
        (
            r"UPDATE releases SET version_key = '\x0102' WHERE version = '2.0rc1'",
            "Release 2.0rc1 of other would be sorted in the wrong place.",
        ),
    ],
)
def test_what_is_derived_and_wrong(demo, statement, sentence):
    with demo.work() as work:
        total = work.db.scalar(text("SELECT sum(total_size) FROM projects"))
    change(demo, statement)
    assert sentence.format(total=total) in findings(demo)


def test_blobs_that_no_file_has_are_counted_and_found_when_they_were_never_swept(demo):
    tools = demo.tools
    for data, age in ((b"young", timedelta(0)), (b"very old", timedelta(days=9))):
        tools.blobs.put_bytes(key_of(data), data)
        at = (datetime.now(UTC) - age).timestamp()
        os.utime(tools.blobs.local_path(key_of(data)), (at, at))
    report = check_index(tools)
    assert (report.unreferenced_blobs, report.unreferenced_bytes) == (2, 13)
    assert [(one.code, key_of(b"very old") in one.sentence) for one in report.findings] == [("blob_unswept", True)]


def test_a_file_that_is_removed_while_it_is_checked_is_no_damage(demo, monkeypatch):
    stat = demo.tools.blobs.stat

    def removed_meanwhile(key: str):
        if key == SDIST.blake2_256:
            change(demo, f"DELETE FROM files WHERE filename = '{SDIST.filename}'")
            demo.tools.blobs.delete(key)
        return stat(key)

    monkeypatch.setattr(demo.tools.blobs, "stat", removed_meanwhile)
    assert [one for one in findings(demo) if "gone" in one] == []


def test_progress_is_told(demo):
    told = []
    check_index(demo.tools, progress=lambda what, done, total: told.append((what, done, total)))
    assert told[0] == ("files", 3, 3)
    assert ("releases", 2, 2) in told
    assert all(done <= total for _, done, total in told)


def test_only_so_many_findings_are_kept_but_all_are_counted(demo, monkeypatch):
    monkeypatch.setattr(checking, "MOST_FINDINGS", 2)
    for blob in list(demo.tools.blobs.keys(after="")):
        demo.tools.blobs.delete(blob.key)
    report = check_index(demo.tools)
    assert (report.found, len(report.findings), report.is_whole) == (5, 2, False)


def test_memory_stays_flat_for_a_large_file(demo):
    data = os.urandom(1 << 20) * 48
    path = demo.tools.blobs.temporary()
    path.write_bytes(data)
    demo.tools.blobs.put(key_of(data), path, size=len(data))
    change(
        demo,
        f"UPDATE files SET blake2_256 = '{key_of(data)}', size = {len(data)} WHERE filename = '{SDIST.filename}'",
    )
    del data
    tracemalloc.start()
    check_index(demo.tools)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20


def test_everything_is_checked_in_batches(demo, monkeypatch):
    monkeypatch.setattr(checking, "BATCH", 1)
    report = check_index(demo.tools)
    assert (report.files, report.releases, report.is_whole) == (3, 2, True)


def test_the_job_reports_damage_as_errors_without_reading_the_bytes(demo, caplog):
    caplog.set_level(logging.INFO)
    damage(demo, SDIST.blake2_256, SDIST.content[:-1] + b"?")
    demo.tools.blobs.delete(WHEEL.blake2_256)
    perform(demo.tools, JOBS["check"], {})
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert errors == [
        f"the index is damaged: The bytes of {WHEEL.filename} are gone: there is no blob {WHEEL.blake2_256}."
    ]
    assert "checked 3 files: 1 findings" in caplog.text
