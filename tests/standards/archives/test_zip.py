"""ZIP files are accepted when a central-directory reader and a streaming reader see the same files."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.standards.archives.zip_writer import (
    MARK,
    UTF8,
    End64Says,
    EndSays,
    Header,
    Part,
    field,
    unicode_path,
    write_zip,
    zip64,
)
from warehouse.standards.archives import zip as zips
from warehouse.standards.archives.refusal import BadArchive
from warehouse.standards.archives.zip import ZipArchive

A, B = Part(b"a.txt"), Part(b"b.txt", b"world" * 9, method=8)
MARKED = EndSays(count=0xFFFF, directory_size=MARK, directory_offset=MARK)


def marked(extra: bytes, *, method: int = 0, **central: object) -> Part:
    """A member whose local header leaves its sizes to this extra field."""
    said = Header(size=MARK, compressed_size=MARK, extra=extra)
    return Part(b"big", b"x" * 7, method=method, local=said, central=replace(Header(), **central))  # type: ignore[arg-type]


def extra_in_directory(extra: bytes, **said: object) -> Part:
    return Part(b"big", b"x" * 7, central=replace(Header(extra=extra), **said))  # type: ignore[arg-type]


def flagged(name: bytes) -> Part:
    return Part(name).both(flags=UTF8)


COMPRESSED_X = len(Part(content=b"x" * 7, method=8).data)

ACCEPTED = {
    "members": write_zip([A, B]),
    "nothing at all": write_zip([]),
    "a directory": write_zip([Part(b"d/", b""), A]),
    "a name in UTF-8": write_zip([flagged("ünï.txt".encode())]),
    "the latest version": write_zip([A.both(version=63)]),
    "an archive comment": write_zip([A], end=EndSays(comment=b"made on a Tuesday")),
    "an unknown extra field": write_zip([A.both(extra=field(0x5455, b"\1\2\3"))]),
    "the same unknown extra field twice": write_zip([A.both(extra=field(0x5455, b"") * 2)]),
    "a Unicode path that is the name": write_zip([A.both(extra=unicode_path(b"a.txt"))]),
    "ZIP64 end records": write_zip([A], end64=End64Says()),
    "ZIP64 end records that the end record refers to": write_zip([A], end64=End64Says(), end=MARKED),
    "an empty ZIP64 archive": write_zip([], end64=End64Says(), end=MARKED),
    "ZIP64 sizes": write_zip([marked(zip64(7, 7))]),
    "ZIP64 sizes of a compressed member": write_zip([marked(zip64(7, COMPRESSED_X), method=8)]),
    "one ZIP64 size of a stored member": write_zip([marked(zip64(7))]),
    "an empty ZIP64 field without need": write_zip([A.both(extra=zip64())]),
    "ZIP64 sizes that repeat the header": write_zip([A.both(extra=zip64(5, 5))]),
    "ZIP64 sizes in the directory": write_zip([extra_in_directory(zip64(7, 7), size=MARK, compressed_size=MARK)]),
    "a ZIP64 offset": write_zip([extra_in_directory(zip64(0), offset=MARK)]),
    "ZIP64 sizes and offset": write_zip(
        [extra_in_directory(zip64(7, 7, 0), size=MARK, compressed_size=MARK, offset=MARK)]
    ),
    "ZIP64 sizes, offset and disk": write_zip([extra_in_directory(zip64(7, 7, 0, disk=0), size=MARK)]),
    "no compression of nothing": write_zip([Part(b"empty", b"")]),
}

FAKE_LOCATOR = b"PK\6\7" + b"\0" * 16

REFUSED = {
    "an unknown record first": (write_zip([A], prefix=b"#!/bin/sh\n"), "does not begin with a ZIP record"),
    "an unknown record between": (write_zip([A], before_directory=b"PK\6\x08junk"), "unknown or misplaced record"),
    "local records after the directory": (write_zip([A], end=None) + write_zip([B]), "unknown or misplaced record"),
    "a second archive after the first": (write_zip([A]) + write_zip([B]), "has data after its end"),
    "trailing bytes": (write_zip([A], trailing=b"\0"), "has data after its end"),
    "a data descriptor": (write_zip([A.both(flags=8)]), "has a data descriptor"),
    "a data descriptor by the directory": (write_zip([replace(A, central=Header(flags=8))]), "has a data descriptor"),
    "encryption": (write_zip([A.both(flags=1)]), "is encrypted"),
    "a patch": (write_zip([A.both(flags=1 << 5)]), "needs a reader newer than there are"),
    "a later version": (write_zip([A.both(version=64)]), "needs a reader newer than there are"),
    "a later version by the directory": (write_zip([replace(A, central=Header(version=64))]), "needs a reader newer"),
    "control characters": (write_zip([Part(b"a\n.txt")]), "'a\\n.txt' holds control characters"),
    "a NUL": (write_zip([Part(b"a\0.txt")]), "holds control characters"),
    "a DEL": (write_zip([Part(b"a\x7f.txt")]), "holds control characters"),
    "control characters in the directory": (
        write_zip([replace(A, central=Header(name=b"a\x1f.txt"))]),
        "holds control characters",
    ),
    "control characters in a Unicode path": (write_zip([A.both(extra=unicode_path(b"a\r"))]), "Unicode path of member"),
    "a name in Latin-1": (write_zip([flagged(b"\xfc.txt")]), "is not UTF-8"),
    "a name in Latin-1 in the directory": (
        write_zip([replace(A, central=Header(name=b"\xfc.txt", flags=UTF8))]),
        "is not UTF-8",
    ),
    "a Unicode path in Latin-1": (write_zip([A.both(extra=unicode_path(b"\xfc"))]), "is not UTF-8"),
    "a name in UTF-8 that does not say so": (write_zip([Part("ü.txt".encode())]), "is not marked as UTF-8"),
    "another name in a Unicode path": (write_zip([A.both(extra=unicode_path(b"b.txt"))]), "is another name"),
    "a Unicode path of another version": (write_zip([A.both(extra=unicode_path(b"a.txt", version=2))]), "malformed"),
    "a short Unicode path": (write_zip([A.both(extra=field(0x7075, b"\1\0"))]), "malformed"),
    "no name": (write_zip([Part(b"")]), "has no name"),
    "a name no file system takes": (write_zip([Part(b"n" * 4097)]), "is longer than 4096 bytes"),
    "a path to the parent": (write_zip([Part(b"x/../../y")]), "leads outside the archive"),
    "an absolute path": (write_zip([Part(b"/etc/passwd")]), "leads outside the archive"),
    "a path of Windows": (write_zip([Part(b"C:\\x")]), "leads outside the archive"),
    "a member the directory lacks": (write_zip([A, replace(B, central=None)]), "is not in the central directory"),
    "a member only the directory has": (write_zip([A, replace(B, local=None)]), "is not in the archive"),
    "two local members of one name": (write_zip([A, replace(A, central=None)]), "is there twice"),
    "one name twice in the directory": (write_zip([A, replace(A, local=None)]), "is twice in the central directory"),
    "another size": (write_zip([replace(B, central=Header(size=44))]), "has another size"),
    "another compressed size": (write_zip([replace(B, central=Header(compressed_size=1))]), "has another size"),
    "another offset": (write_zip([A, replace(B, central=Header(offset=0))]), "is not where the central directory says"),
    "another checksum": (write_zip([replace(A, central=Header(crc=1))]), "differs from its central directory entry"),
    "another method": (write_zip([replace(A, central=Header(method=8))]), "differs from its central directory entry"),
    "stored data of two sizes": (write_zip([A.both(size=9)]), "the sizes of stored member 'a.txt' differ"),
    "a comment on a member": (write_zip([replace(A, central=Header(comment=b"!"))]), "has a comment"),
    "a member on another disk": (write_zip([replace(A, central=Header(disk=1))]), "on another disk"),
    "half an extra field": (write_zip([A.both(extra=b"\1\0\5")]), "extra fields of member 'a.txt' are malformed"),
    "an extra field beyond its end": (write_zip([A.both(extra=struct.pack("<HH", 9, 9))]), "malformed"),
    "two ZIP64 fields": (write_zip([A.both(extra=zip64() * 2)]), "more than one ZIP64 field"),
    "two Unicode paths": (write_zip([A.both(extra=unicode_path(b"a.txt") * 2)]), "more than one Unicode path field"),
    "a ZIP64 field of twelve bytes": (write_zip([A.both(extra=field(1, b"\0" * 12))]), "has a length of 12"),
    "a ZIP64 field of 32 bytes": (write_zip([A.both(extra=zip64(5, 5, 0, 0))]), "has a length of 32"),
    "an empty ZIP64 field in need": (write_zip([marked(zip64())]), "is empty, but its sizes refer to it"),
    "no ZIP64 field in need": (write_zip([marked(b"")]), "lacks the ZIP64 field"),
    "one ZIP64 size of a compressed member": (write_zip([marked(zip64(7), method=8)]), "but the member is compressed"),
    "a ZIP64 field too short for the directory": (
        write_zip([extra_in_directory(zip64(7, 7), size=MARK, compressed_size=MARK, offset=MARK)]),
        "is too short",
    ),
    "ZIP64 sizes that contradict the header": (write_zip([A.both(extra=zip64(5, 6))]), "contradicts its header"),
    "a ZIP64 disk": (write_zip([extra_in_directory(zip64(7, 7, 0, disk=1))]), "on another disk"),
    "a ZIP64 size beyond the file": (write_zip([marked(zip64(2**62))]), "truncated in member 'big'"),
    "fewer members by the end record": (write_zip([A, B], end=EndSays(count=1)), "number of members in its end record"),
    "members on this disk": (write_zip([A, B], end=EndSays(here=1)), "counts members on other disks"),
    "another disk": (write_zip([A], end=EndSays(disk=1)), "tells of other disks"),
    "another directory size": (write_zip([A], end=EndSays(directory_size=1)), "directory size in its end record"),
    "another directory offset": (write_zip([A], end=EndSays(directory_offset=1)), "directory offset in its end record"),
    "a reference to missing ZIP64 records": (write_zip([A], end=MARKED), "number of members in its end record"),
    "fewer members by the ZIP64 record": (
        write_zip([A, B], end64=End64Says(count=1)),
        "number of members in its ZIP64 end record",
    ),
    "ZIP64 members on this disk": (write_zip([A], end64=End64Says(here=0)), "counts members on other disks"),
    "a ZIP64 disk of the directory": (write_zip([A], end64=End64Says(disk=1)), "tells of other disks"),
    "another ZIP64 directory size": (write_zip([A], end64=End64Says(directory_size=1)), "directory size in its ZIP64"),
    "another ZIP64 directory offset": (write_zip([A], end64=End64Says(directory_offset=1)), "directory offset in its"),
    "an end record that contradicts ZIP64": (
        write_zip([A], end64=End64Says(), end=EndSays(count=0)),
        "number of members in its end record",
    ),
    "extensible data": (write_zip([A], end64=End64Says(size=60)), "holds extensible data"),
    "no locator": (write_zip([A], end64=End64Says(locator=False)), "is not followed by a locator"),
    "a locator elsewhere": (write_zip([A], end64=End64Says(locator_offset=1)), "does not lead to"),
    "a locator to other disks": (write_zip([A], end64=End64Says(disks=2)), "tells of other disks"),
    "a locator hidden in the directory": (
        write_zip([replace(A, central=Header(extra=field(0x9999, FAKE_LOCATOR)))]),
        "looks like a ZIP64 locator",
    ),
    "an end record hidden in the comment": (
        write_zip([A], end=EndSays(comment=write_zip([]))),
        "its comment holds another end record",
    ),
    "no end record": (write_zip([A], end=None), "truncated"),
    "a comment cut off": (write_zip([A], end=EndSays(comment_length=9)), "is truncated"),
    "a member cut off": (write_zip([A])[:36], "truncated"),
    "nothing": (b"", "truncated"),
}


@pytest.fixture
def opened(tmp_path: Path):
    """Open these bytes as a ZIP archive."""
    archives = []

    def _open(content: bytes) -> ZipArchive:
        path = tmp_path / "some.zip"
        path.write_bytes(content)
        archives.append(ZipArchive(path))
        return archives[-1]

    yield _open
    for archive in archives:
        archive.close()


@pytest.mark.parametrize("content", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_consistent_archives_are_accepted_and_read_like_the_standard_library_does(opened, content):
    archive = opened(content)
    with zipfile.ZipFile(io.BytesIO(content)) as judge:
        assert list(archive.members) == judge.namelist()
        for name in archive.members:
            assert archive.read(name, limit=100) == judge.read(name)


@pytest.mark.parametrize(("content", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_readers_could_see_differently_is_refused(opened, content, sentence):
    with pytest.raises(BadArchive) as refusal:
        opened(content)
    assert refusal.value.sentence.startswith("Invalid distribution file. ZIP archive not accepted: ")
    assert sentence in refusal.value.sentence
    assert refusal.value.sentence.isascii()


@pytest.mark.parametrize("method", [1, 9, 12, 14, 93, 99])
def test_only_stored_and_deflated_members_are_accepted(opened, method):
    with pytest.raises(BadArchive, match=f"compression method {method}; use only stored or deflate"):
        opened(write_zip([Part(b"a", method=method)]))


def test_a_decompression_bomb_is_refused_by_its_declared_sizes(opened):
    bomb = Part(b"bomb", b"\0" * (zips.BOMB_SIZE + 1), method=8)
    with pytest.raises(BadArchive, match="decompression bomb"):
        opened(write_zip([bomb]))


def test_high_ratios_of_small_archives_and_large_archives_of_low_ratio_are_accepted(opened):
    assert opened(write_zip([Part(b"zeros", b"\0" * zips.BOMB_SIZE, method=8)])).members["zeros"].size == zips.BOMB_SIZE
    padding = Part(b"noise", b"n" * (2 * 2**20))
    assert len(opened(write_zip([Part(b"zeros", b"\0" * (zips.BOMB_SIZE + 1), method=8), padding])).members) == 2


def test_a_file_that_is_a_tar_archive_as_well_is_refused(opened):
    header = tarfile.TarInfo("PK\x03\x04")
    block = bytearray(header.tobuf(tarfile.USTAR_FORMAT))
    assert block[:4] == b"PK\3\4"
    with pytest.raises(BadArchive, match="a ZIP file and a tar file at once"):
        opened(bytes(block) + b"\0" * 1024)


def test_too_many_members_are_refused(opened, monkeypatch):
    monkeypatch.setattr(zips, "MAX_MEMBERS", 2)
    assert len(opened(write_zip([Part(b"1"), Part(b"2")])).members) == 2
    with pytest.raises(BadArchive, match="more than 2 members"):
        opened(write_zip([Part(b"1"), Part(b"2"), Part(b"3")]))


LYING = {
    "more than it declares": (Part(b"m", b"x" * 9000, method=8).both(size=9), "larger than it declares"),
    "less than it declares": (Part(b"m", b"x" * 90, method=8).both(size=91), "is damaged"),
    "another checksum": (Part(b"m", b"x" * 90, method=8).both(crc=7), "is damaged"),
    "another checksum of a stored one": (Part(b"m", b"x" * 90).both(crc=7), "is damaged"),
    "not deflate": (Part(b"m", b"x" * 4, method=8, raw=b"\xff\xff\xff\xff"), "is damaged"),
    "cut off": (Part(b"m", b"x" * 90, method=8, raw=Part(content=b"x" * 90, method=8).data[:-1]), "is damaged"),
    "followed by more": (
        Part(b"m", b"x" * 9, method=8, raw=Part(content=b"x" * 9, method=8).data + b"!"),
        "is damaged",
    ),
    "no data at all": (Part(b"m", b"", method=8, raw=b""), "is damaged"),
}


@pytest.mark.parametrize(("part", "sentence"), LYING.values(), ids=LYING.keys())
def test_reading_a_member_that_lies_is_refused(opened, part, sentence):
    archive = opened(write_zip([part]))
    with pytest.raises(BadArchive, match=sentence):
        archive.read("m", limit=10**6)


def test_a_member_above_the_limit_is_refused_before_it_is_read(opened):
    archive = opened(write_zip([Part(b"m", b"x" * 11)]))
    assert archive.read("m", limit=11) == b"x" * 11
    with pytest.raises(BadArchive, match="'m' is larger than 10 bytes"):
        archive.read("m", limit=10)


def test_large_members_come_in_pieces_and_two_may_be_read_in_turn(opened):
    content = zlib.compress(b"seed") * 100_000
    archive = opened(write_zip([Part(b"one", content), Part(b"two", content, method=8)]))
    pairs = list(zip(archive.chunks("one"), archive.chunks("two"), strict=False))
    assert len(pairs) > 3
    assert b"".join(archive.chunks("one")) == b"".join(archive.chunks("two")) == content
    assert max(len(piece) for pair in pairs for piece in pair) <= 256 * 1024


def test_members_are_listed_without_reading_them(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(write_zip([Part(b"d/", b""), A, B.both(crc=1)]))
    listed = [(member.name, member.size, member.is_directory) for member in zips.members(path)]
    assert listed == [("d/", 0, True), ("a.txt", 5, False), ("b.txt", 45, False)]
