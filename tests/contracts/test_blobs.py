"""What every store of blobs promises, asked of each form, and of an object store behind the S3 protocol."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from uuid import uuid4

import pytest

from tests.contracts.s3_server import BUCKET, S3Server
from warehouse.infra.blobs import (
    CHUNK_BYTES,
    BlobDamaged,
    BlobMissing,
    BlobStat,
    BlobStore,
    BlobTooLarge,
    InvalidBlobKey,
    LocalBlobs,
    MemoryBlobs,
    RemoteBlobs,
    RemoteOptions,
    digest_of,
    digest_of_path,
    key_of,
)

LARGE = bytes(range(256)) * 4096 * 12 + b"the end"  # 12 MiB: more than two parts of a multipart upload
WEIRD_KEYS = [
    "",
    "a",
    "g" * 64,
    "A" * 64,
    "a" * 63,
    "a" * 65,
    "a" * 64 + "\n",
    "../" + "a" * 61,
    "/etc/passwd",
    "a" * 63 + "\0",
    "a" * 63 + "/",
    "aa/bb/" + "c" * 58,
    "a" * 63 + "\N{ARABIC-INDIC DIGIT ONE}",
]


def remote(server: S3Server, spool: Path, bucket: str = BUCKET, limit: timedelta = timedelta(seconds=5)) -> RemoteBlobs:
    """A store in a corner of its own of the server's bucket."""
    options = RemoteOptions(spool=spool, config=server.config, timeout=limit, stall_timeout=limit)
    return RemoteBlobs(f"s3://{bucket}/{uuid4().hex}", options)


@pytest.fixture(params=["memory", "local", "moto", pytest.param("swift", marks=pytest.mark.slow)])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "memory":
        return MemoryBlobs()
    if request.param == "local":
        return LocalBlobs(tmp_path / "blobs")
    return remote(request.getfixturevalue(request.param), tmp_path / "spool")


def spooled(blobs: BlobStore, data: bytes) -> Path:
    path = blobs.temporary()
    path.write_bytes(data)
    return path


def put(blobs: BlobStore, data: bytes) -> str:
    blobs.put(key_of(data), spooled(blobs, data), size=len(data))
    return key_of(data)


def listed(found: Iterator[BlobStat]) -> list[str]:
    return [blob.key for blob in found]


def test_what_is_put_is_what_is_read(blobs: BlobStore) -> None:
    for data in (b"", b"a", LARGE):
        path = spooled(blobs, data)
        blobs.put(key_of(data), path, size=len(data))
        assert not path.exists()
        assert b"".join(blobs.open(key_of(data))) == data
        assert blobs.read(key_of(data), limit=len(data)) == data
        assert digest_of(blobs, key_of(data)) == key_of(data)


def test_a_small_blob_is_put_from_memory(blobs: BlobStore) -> None:
    blobs.put_bytes(key_of(b"Metadata-Version: 2.4\n"), b"Metadata-Version: 2.4\n")
    assert blobs.read(key_of(b"Metadata-Version: 2.4\n"), limit=100) == b"Metadata-Version: 2.4\n"


def test_the_stat_tells_size_and_time(blobs: BlobStore) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)  # an object store tells whole seconds
    found = blobs.stat(put(blobs, b"12345"))
    assert found is not None
    assert (found.key, found.size) == (key_of(b"12345"), 5)
    assert before <= found.modified_at <= datetime.now(UTC) + timedelta(seconds=1)


def test_what_is_missing_is_told_apart_from_a_failure(blobs: BlobStore) -> None:
    assert blobs.stat(key_of(b"never put")) is None
    with pytest.raises(BlobMissing):
        blobs.open(key_of(b"never put"))
    with pytest.raises(BlobMissing):
        blobs.open(key_of(b"never put"), 3, 5)
    with pytest.raises(BlobMissing):
        blobs.read(key_of(b"never put"), limit=10)
    blobs.delete(key_of(b"never put"))


def test_a_deleted_blob_is_missing_and_may_come_back(blobs: BlobStore) -> None:
    key = put(blobs, b"taken down")
    blobs.delete(key)
    assert blobs.stat(key) is None
    assert put(blobs, b"taken down") == key
    assert blobs.read(key, limit=100) == b"taken down"


def test_chunks_are_small_enough_for_many_readers(blobs: BlobStore) -> None:
    sizes = [len(chunk) for chunk in blobs.open(put(blobs, LARGE))]
    assert max(sizes) <= CHUNK_BYTES
    assert sum(sizes) == len(LARGE)


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (0, 0), (3, 7), (5, None), (9, 10), (9, 99), (10, None), (10, 20), (99, None), (99, 100)]
)
def test_a_range_is_what_slicing_would_give(blobs: BlobStore, start: int, end: int | None) -> None:
    key = put(blobs, b"0123456789")
    assert b"".join(blobs.open(key, start, end)) == b"0123456789"[start:end]


def test_a_range_across_chunks_is_exact(blobs: BlobStore) -> None:
    start, end = CHUNK_BYTES - 1, 3 * CHUNK_BYTES + 1
    assert b"".join(blobs.open(put(blobs, LARGE), start, end)) == LARGE[start:end]


@pytest.mark.parametrize(("start", "end"), [(-1, None), (-5, 3), (4, 3)])
def test_a_range_that_is_none_is_refused(blobs: BlobStore, start: int, end: int | None) -> None:
    with pytest.raises(ValueError, match="no range"):
        blobs.open(put(blobs, b"0123456789"), start, end)


def test_a_reader_that_leaves_in_the_middle_leaves_nothing_open(blobs: BlobStore) -> None:
    key = put(blobs, LARGE)
    next(blobs.open(key))  # an object store may keep its connection for the next request
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        chunks = blobs.open(key)
        next(chunks)
        chunks.close()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 5


def test_a_blob_larger_than_the_reader_allows_is_not_read(blobs: BlobStore) -> None:
    key = put(blobs, b"0123456789")
    with pytest.raises(BlobTooLarge):
        blobs.read(key, limit=9)


def test_a_file_of_another_size_is_refused_and_nothing_is_visible(blobs: BlobStore) -> None:
    with pytest.raises(BlobDamaged):
        blobs.put(key_of(b"cut off"), spooled(blobs, b"cut of"), size=7)
    assert blobs.stat(key_of(b"cut off")) is None
    assert listed(blobs.keys()) == []


def test_bytes_under_a_wrong_key_are_refused(blobs: BlobStore) -> None:
    with pytest.raises(BlobDamaged):
        blobs.put_bytes(key_of(b"right"), b"wrong")
    assert blobs.stat(key_of(b"right")) is None


def test_putting_again_succeeds_and_makes_the_blob_young(blobs: BlobStore) -> None:
    key = put(blobs, b"the same")
    first = blobs.stat(key)
    time.sleep(1.1)  # an object store tells whole seconds
    assert put(blobs, b"the same") == key
    again = blobs.stat(key)
    assert first is not None
    assert again is not None
    assert again.modified_at > first.modified_at
    assert blobs.read(key, limit=100) == b"the same"


def test_a_slow_upload_is_as_old_as_its_put(blobs: BlobStore) -> None:
    path = spooled(blobs, b"began long ago")
    os.utime(path, (0, 0))
    blobs.put(key_of(b"began long ago"), path, size=14)
    found = blobs.stat(key_of(b"began long ago"))
    assert found is not None
    assert found.modified_at > datetime.now(UTC) - timedelta(minutes=1)


def test_two_who_put_the_same_blob_at_once_both_succeed(blobs: BlobStore) -> None:
    writers = 8
    paths = [spooled(blobs, LARGE) for _ in range(writers)]
    together, failures = Barrier(writers), []

    def put_one(path: Path) -> None:
        together.wait()
        try:
            blobs.put(key_of(LARGE), path, size=len(LARGE))
        except Exception as failure:
            failures.append(failure)

    threads = [Thread(target=put_one, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert digest_of(blobs, key_of(LARGE)) == key_of(LARGE)
    assert listed(blobs.keys()) == [key_of(LARGE)]
    assert not any(path.exists() for path in paths)


def test_keys_come_in_order_and_can_be_resumed_anywhere(blobs: BlobStore) -> None:
    keys = sorted(put(blobs, f"blob {number}".encode()) for number in range(40))
    assert listed(blobs.keys()) == keys
    for position in (0, 17, 38, 39):
        assert listed(blobs.keys(after=keys[position])) == keys[position + 1 :]
    for length in (1, 2, 3, 4, 5):
        after = keys[20][:length]
        assert listed(blobs.keys(after=after)) == [key for key in keys if key > after]
    everything = blobs.keys()
    assert {blob.size for blob in everything} == {6, 7}


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 5, 63, 64])
def test_keys_with_a_prefix_are_those_and_no_others(blobs: BlobStore, length: int) -> None:
    keys = sorted(put(blobs, f"blob {number}".encode()) for number in range(20))
    prefix = keys[7][:length]
    assert listed(blobs.keys(prefix=prefix)) == [key for key in keys if key.startswith(prefix)]


def test_an_empty_store_has_no_keys(blobs: BlobStore) -> None:
    assert listed(blobs.keys()) == []


@pytest.mark.parametrize("key", WEIRD_KEYS)
def test_a_key_that_is_no_digest_is_refused_everywhere(blobs: BlobStore, key: str) -> None:
    asked: list[Callable[[], object]] = [
        lambda: blobs.put(key, spooled(blobs, b"x"), size=1),
        lambda: blobs.put_bytes(key, b"x"),
        lambda: blobs.open(key),
        lambda: blobs.read(key, limit=1),
        lambda: blobs.stat(key),
        lambda: blobs.delete(key),
        lambda: blobs.local_path(key),
        lambda: blobs.url(key, expires=timedelta(minutes=1), filename="a", content_type="text/plain"),
    ]
    for ask in asked:
        with pytest.raises(InvalidBlobKey):
            ask()


@pytest.mark.parametrize("part", ["../", "G", "aa/", "a" * 65, "AA"])
def test_the_beginning_of_no_key_is_refused(blobs: BlobStore, part: str) -> None:
    with pytest.raises(InvalidBlobKey):
        blobs.keys(prefix=part)
    with pytest.raises(InvalidBlobKey):
        blobs.keys(after=part)


def test_what_interrupted_uploads_left_behind_is_swept_when_it_is_old(blobs: BlobStore) -> None:
    old, young = spooled(blobs, b"old"), spooled(blobs, b"young")
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (two_days_ago, two_days_ago))
    assert blobs.sweep_temporary(timedelta(days=1)) == 1
    assert not old.exists()
    assert young.exists()
    assert listed(blobs.keys()) == []


def test_there_is_one_way_to_hand_a_file_to_a_web_server_or_none(blobs: BlobStore) -> None:
    key = put(blobs, b"for the web")
    path = blobs.local_path(key)
    url = blobs.url(key, expires=timedelta(minutes=5), filename="demo-1.0.tar.gz", content_type="application/x-tar")
    assert path is None or path.read_bytes() == b"for the web"
    assert (path is not None, url is not None) == {
        MemoryBlobs: (False, False),
        LocalBlobs: (True, False),
        RemoteBlobs: (False, True),
    }[type(blobs)]


def test_the_digest_of_a_path_is_the_key(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(LARGE)
    assert digest_of_path(tmp_path / "file") == key_of(LARGE)
    # BLAKE2b-256 of nothing, from b2sum -l 256
    assert key_of(b"") == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"
