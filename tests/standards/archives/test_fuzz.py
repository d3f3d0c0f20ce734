"""Whatever the bytes, an archive is accepted or refused: quickly, in little memory, and in no other way."""

from __future__ import annotations

import gzip
import os
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import sdist, wheel
from tests.builders.wheels import zip_of
from tests.standards.archives.zip_writer import (
    MARK,
    End64Says,
    EndSays,
    Header,
    Part,
    field,
    unicode_path,
    write_zip,
    zip64,
)
from warehouse.standards.archives import tar
from warehouse.standards.archives import zip as zips
from warehouse.standards.archives.refusal import BadArchive
from warehouse.standards.archives.sdist import inspect_sdist
from warehouse.standards.archives.tar import Limits
from warehouse.standards.archives.wheel import inspect_wheel

SMALL = Limits(headers=5000, total=8 * 2**20, seconds=5)
MOST_MEMORY = 24 * 2**20
MOST_SECONDS = 5.0


@dataclass(frozen=True)
class Name:
    filename: str


WHEEL = wheel(
    "demo",
    "1.0",
    licenses={"LICENSE": "Free."},
    dist_info={"entry_points.txt": "[console_scripts]\ndemo = demo:main\n"},
)
SDIST = sdist("demo", "1.0", licenses={"LICENSE": "Free."}, files={"n" * 120: "long", "ü": "not ASCII"})
ODD_ZIP = write_zip(
    [
        Part(b"a.py", b"x = 1\n" * 99, method=8).both(extra=unicode_path(b"a.py")),
        Part(b"b", b"x" * 7, local=Header(size=2**32 - 1, compressed_size=2**32 - 1, extra=zip64(7, 7))),
    ],
    end64=End64Says(),
    end=EndSays(comment=b"hello"),
)
TAR = gzip.decompress(SDIST.content)


def as_wheel(path: Path) -> None:
    inspect_wheel(path, Name(WHEEL.filename), license_files=["LICENSE"])


def as_sdist(path: Path) -> None:
    inspect_sdist(path, SDIST.filename, license_files=["LICENSE"], limits=SMALL)


def as_zip_sdist(path: Path) -> None:
    inspect_sdist(path, "demo-1.0.zip", license_files=["LICENSE"])


def as_any_zip(path: Path) -> None:
    with zips.ZipArchive(path) as archive:
        for member in archive.members.values():
            if member.size < 2**20:
                archive.read(member.name, limit=2**20)


def as_any_tar(path: Path) -> None:
    for member in tar.members(path, SMALL):
        if member.is_file and member.size < 2**20:
            member.read(limit=2**20)


KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.CONTTYPE: "file",
    tarfile.DIRTYPE: "directory",
    tarfile.SYMTYPE: "symlink",
    tarfile.LNKTYPE: "hardlink",
}
READERS = [as_wheel, as_sdist, as_zip_sdist, as_any_zip, as_any_tar]


@contextmanager
def stored(content: bytes) -> Iterator[Path]:
    """A file of these bytes."""
    handle, name = mkstemp()
    try:
        os.write(handle, content)
        os.close(handle)
        yield Path(name)
    finally:
        Path(name).unlink()


def survives(content: bytes) -> None:
    """Every reader accepts these bytes or raises BadArchive, within time and memory."""
    with stored(content) as path:
        for reader in READERS:
            survives_reader(reader, path)


def survives_reader(reader: Callable[[Path], None], path: Path) -> None:
    tracemalloc.reset_peak()
    before, began = tracemalloc.get_traced_memory()[0], time.process_time()
    try:
        reader(path)
    except BadArchive as refusal:
        assert refusal.sentence.isascii()
        assert len(refusal.sentence) < 1000
    assert tracemalloc.get_traced_memory()[1] - before < MOST_MEMORY
    assert time.process_time() - began < MOST_SECONDS


@pytest.fixture(autouse=True, scope="module")
def _traced():
    tracemalloc.start(1)
    yield
    tracemalloc.stop()


@st.composite
def mutated(draw: st.DrawFn, originals: tuple[bytes, ...]) -> bytes:
    """One of these with bits flipped, spans cut, doubled or overwritten, numbers made extreme, or its end cut off."""
    content = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        span = draw(st.sampled_from([1, 2, 4, 8, 30, 46, 512, 1024]))
        change = draw(st.sampled_from(["flip", "cut", "double", "overwrite", "extreme", "truncate", "insert", "copy"]))
        if change == "flip" and content:
            content[at] ^= 1 << draw(st.integers(0, 7))
        elif change == "cut":
            del content[at : at + span]
        elif change == "double":
            content[at:at] = content[at : at + span]
        elif change == "overwrite":
            content[at : at + span] = draw(st.binary(max_size=span))
        elif change == "extreme":
            content[at : at + span] = draw(st.sampled_from([b"\0", b"\xff", b"\x7f", b"7", b" "])) * span
        elif change == "truncate":
            del content[at:]
        elif change == "insert":
            content[at:at] = draw(st.sampled_from([b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\7\x08"]))
        elif change == "copy":
            source = draw(st.integers(0, max(0, len(content) - 1)))
            content[at : at + span] = content[source : source + span]
    return bytes(content)


ZIPS = (WHEEL.content, ODD_ZIP, zip_of({"demo/PKG-INFO": b"x", "demo/LICENSE": b""}, method=zipfile.ZIP_STORED))


def mostly(usual: object, *odd: object) -> st.SearchStrategy:
    return st.sampled_from([usual] * 3 + list(odd))


NUMBERS = mostly(None, 0, 1, 5, 7, 35, MARK, 0xFFFF)
EXTRAS = st.lists(
    st.one_of(
        st.builds(lambda numbers: zip64(*numbers), st.lists(st.sampled_from([0, 5, 7, 35]), max_size=3)),
        st.builds(unicode_path, st.sampled_from([b"a.py", b"b.py"])),
        st.builds(field, st.just(0x9999), st.just(b"PK\6\7" + b"\0" * 16)),
        st.binary(max_size=5),
    ),
    max_size=2,
).map(b"".join)
HEADERS = st.one_of(
    st.just(Header()),
    st.builds(
        Header,
        name=mostly(None, b"a.py", b"b.py"),
        flags=mostly(0, 1, 8, 1 << 5, 1 << 11),
        version=mostly(20, 64),
        method=mostly(None, 0, 8),
        crc=mostly(None, 0),
        compressed_size=NUMBERS,
        size=NUMBERS,
        extra=EXTRAS,
        comment=mostly(b"", b"x"),
        disk=mostly(0, 1),
        offset=NUMBERS,
    ),
)
PARTS = st.builds(
    Part,
    name=st.sampled_from([b"a.py", b"b.py", b"d/"]),
    content=st.sampled_from([b"", b"hello", b"x" * 7, b"PK\1\2"]),
    method=st.sampled_from([0, 8]),
    local=st.one_of(HEADERS, HEADERS, st.none()),
    central=st.one_of(HEADERS, HEADERS, st.none()),
)
ENDS = st.builds(
    EndSays,
    count=mostly(None, 0, 1, 0xFFFF),
    directory_size=mostly(None, 0, MARK),
    directory_offset=mostly(None, 0, MARK),
    comment=mostly(b"", b"hello", write_zip([])),
)
ENDS64 = st.builds(End64Says, count=mostly(None, 0, 1), directory_size=mostly(None, 0), locator_offset=mostly(None, 0))
WRITTEN = st.builds(
    lambda parts, end, end64: write_zip(parts, end=end, end64=end64),
    st.lists(PARTS, max_size=3),
    ENDS,
    st.one_of(st.none(), ENDS64),
)

QUICK = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))


def test_the_originals_are_accepted(tmp_path):
    for reader, content in [(as_wheel, WHEEL.content), (as_sdist, SDIST.content), (as_any_zip, ODD_ZIP)]:
        path = tmp_path / "blob"
        path.write_bytes(content)
        reader(path)


@QUICK
@given(st.one_of(st.binary(), st.binary().map(lambda tail: b"PK\3\4" + tail), st.binary().map(gzip.compress)))
def test_random_bytes(content):
    survives(content)


@QUICK
@given(mutated(ZIPS))
def test_damaged_zip_files(content):
    survives(content)


@QUICK
@given(mutated((TAR,)).map(lambda content: gzip.compress(content, 1)))
def test_damaged_tar_archives(content):
    survives(content)


@QUICK
@given(mutated((SDIST.content,)))
def test_damaged_gzip_streams(content):
    survives(content)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@LONG
@given(mutated(ZIPS))
def test_damaged_zip_files_for_minutes(content):
    survives(content)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@LONG
@given(
    st.one_of(mutated((TAR,)).map(lambda content: gzip.compress(content, 1)), mutated((SDIST.content,)), st.binary())
)
def test_damaged_tar_archives_for_minutes(content):
    survives(content)


def zip_like_the_standard_library(content: bytes) -> None:
    """What is accepted is what another reader sees, names and contents."""
    with stored(content) as path:
        try:
            with zips.ZipArchive(path) as archive:
                ours = {name: archive.read(name, limit=2**20) for name in archive.members}
        except BadArchive:
            return
        with zipfile.ZipFile(path) as judge:
            assert {name: judge.read(name) for name in judge.namelist()} == ours


def tar_like_the_standard_library(content: bytes) -> None:
    """What is accepted is what another reader sees, names, kinds and contents."""
    with stored(content) as path:
        try:
            ours = [
                (member.name, member.kind, member.read(limit=2**20) if member.is_file else b"")
                for member in tar.members(path, SMALL)
            ]
        except BadArchive:
            return
        with tarfile.open(path, errors="backslashreplace") as judge:
            assert [(m.name, KINDS[m.type], judge.extractfile(m).read() if m.isreg() else b"") for m in judge] == ours  # type: ignore[union-attr]


@QUICK
@given(st.one_of(mutated(ZIPS), WRITTEN))
def test_other_readers_see_the_same_in_an_accepted_zip_file(content):
    zip_like_the_standard_library(content)


@QUICK
@given(mutated((TAR,)))
def test_other_readers_see_the_same_in_an_accepted_tar_archive(content):
    tar_like_the_standard_library(gzip.compress(content, 1))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@LONG
@given(st.one_of(mutated(ZIPS), WRITTEN))
def test_other_readers_see_the_same_in_an_accepted_zip_file_for_minutes(content):
    zip_like_the_standard_library(content)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@LONG
@given(mutated((TAR,)))
def test_other_readers_see_the_same_in_an_accepted_tar_archive_for_minutes(content):
    tar_like_the_standard_library(gzip.compress(content, 1))


def test_extreme_archives_cost_little():
    many = write_zip([Part(b"%d" % number, b"") for number in range(5000)])
    survives(many)
    survives(gzip.compress(b"\0" * 2**23))
    survives(zip_of({"demo/PKG-INFO": b"\0" * 2**23, "demo/a": b""}))
    survives(zip_of({"demo-1.0.dist-info/WHEEL": b"", "demo-1.0.dist-info/RECORD": b"\n" * 2**22}))
