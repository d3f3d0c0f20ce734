"""Gzip-compressed tar archives are read as one stream, within limits, and alike by every reader."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from pathlib import Path
from typing import Literal

import pytest

from tests.builders import sdist
from tests.builders.sdists import tar_gz_of
from tests.builders.wheels import zip_of
from warehouse.standards.archives import tar
from warehouse.standards.archives.refusal import BadArchive
from warehouse.standards.archives.tar import Limits


def entry(
    name: str = "d/a", content: bytes = b"hello", *, format: Literal[0, 1, 2] = tarfile.USTAR_FORMAT, **said: object
) -> bytes:
    """A member with its content; ``said`` are attributes of its header, ``said_size`` an untrue size."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in said.items():
        setattr(info, "size" if key == "said_size" else key, value)
    return info.tobuf(format, errors="surrogateescape") + content + b"\0" * (-len(content) % 512)


def header(**fields: bytes) -> bytes:
    """A header block whose raw fields are replaced, its checksum right."""
    places = {"name": 0, "size": 124, "type": 156, "link": 157, "magic": 257, "prefix": 345}
    block = bytearray(entry(content=b""))
    for name, value in fields.items():
        block[places[name] : places[name] + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def extended(content: bytes, kind: bytes = tarfile.XHDTYPE) -> bytes:
    """An extended header of this content."""
    return entry("pax", content, type=kind)


def pax(**records: str) -> bytes:
    return extended(b"".join(record(key, value) for key, value in records.items()))


def record(key: str, value: str) -> bytes:
    body = f" {key}={value}\n".encode("utf-8", "surrogateescape")
    length = len(body) + 1
    while len(str(length)) + len(body) != length:
        length = len(str(length)) + len(body)
    return str(length).encode() + body


END = b"\0" * 1024
GOOD = entry()
LONG = "d/" + "n" * 300
CUT = "d/" + "n" * 97 + "/file"  # headers have room for a hundred bytes, of which the last one is the slash

ACCEPTED = {
    "a regular file": GOOD + END,
    "a contiguous file": entry(type=tarfile.CONTTYPE) + END,
    "the type of a file before POSIX": entry(type=tarfile.AREGTYPE) + END,
    "a directory": entry("d", b"", type=tarfile.DIRTYPE) + GOOD + END,
    "a directory before POSIX": entry("d/", b"", type=tarfile.AREGTYPE) + GOOD + END,
    "links": entry("d/l", b"", type=tarfile.SYMTYPE, linkname="../../etc")
    + entry("d/h", b"", type=tarfile.LNKTYPE)
    + END,
    "a long name by pax": entry(LONG, format=tarfile.PAX_FORMAT) + END,
    "a long name by pax that is cut at a slash": entry(CUT, format=tarfile.PAX_FORMAT) + END,
    "a long name by GNU that is cut at a slash": entry(CUT, format=tarfile.GNU_FORMAT) + END,
    "a long name by GNU": entry(LONG, format=tarfile.GNU_FORMAT) + END,
    "a long link by GNU": entry("d/l", b"", type=tarfile.SYMTYPE, linkname=LONG, format=tarfile.GNU_FORMAT) + END,
    "a name with a prefix": entry("p" * 90 + "/" + "n" * 90) + END,
    "other pax records": pax(mtime="1.5", comment="hello", path="d/b") + GOOD + END,
    "two pax headers that agree": pax(path="d/b") + pax(path="d/b", mtime="1.5") + GOOD + END,
    "a GNU name and a GNU link": entry(
        "d/" + "l" * 200, b"", type=tarfile.SYMTYPE, linkname=LONG, format=tarfile.GNU_FORMAT
    )
    + END,
    "a global comment": extended(record("comment", "0123abcd"), tarfile.XGLTYPE) + GOOD + END,
    "a pax header of Solaris": extended(record("path", "d/b"), tarfile.SOLARIS_XHDTYPE) + GOOD + END,
    "a pax size that repeats the header": pax(size="5") + GOOD + END,
    "a size in base 256": header(size=b"\x80" + (0).to_bytes(11, "big")) + END,
    "a name that is not UTF-8": entry("d/\udcfc") + END,
    "a name in UTF-8": entry("d/ü", format=tarfile.PAX_FORMAT) + END,
    "no end mark": GOOD,
    "one block as end mark": GOOD + b"\0" * 512,
    "much padding": GOOD + b"\0" * 100_000,
    "an empty file": entry(content=b"") + END,
}

REFUSED = {
    "a damaged header": (GOOD[:20] + b"!" + GOOD[21:] + END, "a header is damaged"),
    "no header": (b"x" * 1024, "a header is damaged"),
    "a damaged second header": (GOOD + b"x" * 512 + END, "a header is damaged"),
    "a GNU sparse member": (entry(type=tarfile.GNUTYPE_SPARSE) + END, "'d/a' is sparse"),
    "a pax sparse member": (pax(**{"GNU.sparse.major": "1"}) + GOOD + END, "has a sparse member"),
    "a global pax sparse record": (
        extended(record("GNU.sparse.size", "9"), tarfile.XGLTYPE) + GOOD + END,
        "has a sparse member",
    ),
    "another sparse member": (pax(**{"SCHILY.realsize": "9"}) + GOOD + END, "has a sparse member"),
    "a device": (entry(content=b"", type=tarfile.CHRTYPE) + END, "is a device or a FIFO"),
    "a block device": (entry(content=b"", type=tarfile.BLKTYPE) + END, "is a device or a FIFO"),
    "a FIFO": (entry(content=b"", type=tarfile.FIFOTYPE) + END, "is a device or a FIFO"),
    "a second volume": (entry(type=b"M") + END, "is of an unknown type"),
    "a link with content": (entry(type=tarfile.SYMTYPE) + END, "is a link or directory with content"),
    "a hard link with content": (entry(type=tarfile.LNKTYPE) + END, "is a link or directory with content"),
    "a file that is named like a directory": (pax(path="d/") + GOOD + END, "is a link or directory with content"),
    "a directory with content": (entry(type=tarfile.DIRTYPE) + END, "is a link or directory with content"),
    "a pax size that differs": (pax(size="512") + GOOD + END, "has two different sizes"),
    "a negative size": (header(size=b"\xff" * 12) + END, "size of member 'd/a' is malformed"),
    "a size of letters": (header(size=b"0000000009a\0") + END, "size of member 'd/a' is malformed"),
    "a prefix in another format": (header(magic=b"ustar  \0", prefix=b"p") + END, "mixes formats"),
    "a malformed pax length": (extended(b"9999 path=x\n") + GOOD + END, "an extended header is malformed"),
    "a pax record without a length": (extended(b"path=x\n") + GOOD + END, "an extended header is malformed"),
    "a pax record without a value": (extended(b"8 path\n\n") + GOOD + END, "an extended header is malformed"),
    "a pax record of no length": (extended(b"2 \n") + GOOD + END, "an extended header is malformed"),
    "a huge pax header": (entry(content=b"", type=tarfile.XHDTYPE, said_size=2**30) + END, "larger than 1048576 bytes"),
    "a huge GNU name": (entry(content=b"", type=tarfile.GNUTYPE_LONGNAME, said_size=2**30) + END, "larger than 4097"),
    "a huge GNU link": (entry(content=b"", type=tarfile.GNUTYPE_LONGLINK, said_size=2**30) + END, "larger than 4097"),
    "a huge pax name": (pax(path="n" * 5000) + GOOD + END, "is empty, too long or malformed"),
    "no name": (header(name=b"\0" * 100) + END, "is empty, too long or malformed"),
    "a NUL in a pax name": (pax(path="d/a\0b") + GOOD + END, "is empty, too long or malformed"),
    "a path to the parent": (entry("d/../../x") + END, "leads outside the archive"),
    "an absolute path": (entry("/etc/passwd") + END, "leads outside the archive"),
    "an absolute path by pax": (pax(path="/etc/passwd") + GOOD + END, "leads outside the archive"),
    "two pax headers": (pax(path="d/b") + pax(path="d/c") + GOOD + END, "contradict each other"),
    "a pax and a GNU name": (
        pax(path="d/b") + extended(b"d/c\0", tarfile.GNUTYPE_LONGNAME) + GOOD + END,
        "contradict each other",
    ),
    "an extended header of nothing": (GOOD + pax(path="x") + END, "ends after an extended header"),
    "data after the end": (GOOD + END + GOOD, "there is data after its end"),
    "half a header": (GOOD + b"x" * 100, "is truncated"),
    "half a member": (entry(content=b"x" * 600)[:1030], "is truncated"),
    "half an extended header": (pax(path="x")[:700], "is truncated"),
    "no members": (END, "has no members"),
    "nothing": (b"", "has no members"),
}


@pytest.fixture
def listed(tmp_path: Path):
    """List the members of these bytes."""

    def _listed(content: bytes, limits: Limits | None = None) -> list[tuple[str, str, int, bytes]]:
        path = tmp_path / "some.tar.gz"
        path.write_bytes(content)
        return [
            (member.name, member.kind, member.size, member.read(limit=10**6) if member.is_file else b"")
            for member in tar.members(path, limits)
        ]

    return _listed


def judged(content: bytes) -> list[tuple[str, str, int, bytes]]:
    """The members as the standard library sees them."""
    kinds = {tarfile.DIRTYPE: "directory", tarfile.SYMTYPE: "symlink", tarfile.LNKTYPE: "hardlink"}
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz", errors="backslashreplace") as archive:
        return [
            (
                member.name,
                kinds.get(member.type, "file"),
                member.size,
                archive.extractfile(member).read() if member.isreg() else b"",  # type: ignore[union-attr]
            )
            for member in archive
        ]


@pytest.mark.parametrize("content", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_good_archives_are_read_like_the_standard_library_does(listed, content):
    content = gzip.compress(content)
    assert listed(content) == judged(content) != []


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_common_format_is_read(listed, format):
    content = tar_gz_of({"d/a": b"1" * 700, "d/b": b"", "d/" + "c" * 97: b"3"}, format=format)
    assert listed(content) == judged(content)


@pytest.mark.parametrize(("content", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_readers_could_see_differently_or_choke_on_is_refused(listed, content, sentence):
    with pytest.raises(BadArchive) as refusal:
        listed(gzip.compress(content))
    assert refusal.value.sentence.startswith("Invalid distribution file. TAR archive not accepted: ")
    assert sentence in refusal.value.sentence
    assert refusal.value.sentence.isascii()


PACKED = gzip.compress(GOOD + END)

PACKED_BADLY = {
    "not gzip": (GOOD + END, "It is not a gzip-compressed tar file"),
    "nothing": (b"", "It is not a gzip-compressed tar file"),
    "bzip2": (b"BZh91AY&SY", "It is not a gzip-compressed tar file"),
    "cut off in its header": (PACKED[:5], "is truncated"),
    "cut off in its data": (PACKED[:-20], "is truncated"),
    "cut off in its checksum": (PACKED[:-3], "is truncated"),
    "another checksum": (PACKED[:-8] + b"\0" * 8, "its compressed data is damaged"),
    "damaged data": (PACKED[:12] + b"\xff" * 4 + PACKED[16:], "its compressed data is damaged"),
    "another gzip stream after it": (PACKED + PACKED, "data after the end of its gzip stream"),
    "junk after it": (PACKED + b"\0" * 100_000 + b"!", "data after the end of its gzip stream"),
    "a ZIP file after it": (PACKED + zip_of({"a": b"b"}), "a tar file and a ZIP file at once"),
}


@pytest.mark.parametrize(("content", "sentence"), PACKED_BADLY.values(), ids=PACKED_BADLY.keys())
def test_what_is_not_one_whole_gzip_stream_is_refused(listed, content, sentence):
    with pytest.raises(BadArchive, match=sentence):
        listed(content)


def test_zeros_after_the_stream_are_padding(listed):
    assert listed(PACKED + b"\0" * 100_000) == listed(PACKED)


def test_a_zip_file_stored_inside_does_not_make_the_archive_one(listed):
    inside = zip_of({"a": b"b"})
    stored = zlib.compressobj(0, zlib.DEFLATED, 31)
    stored_gzip = stored.compress(entry("d/a.zip", inside) + entry("d/last", b"x" * 70_000) + END) + stored.flush()
    assert [name for name, *_ in listed(stored_gzip)] == ["d/a.zip", "d/last"]


def test_a_member_above_the_limit_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "a.tar.gz"
    path.write_bytes(PACKED)
    with pytest.raises(BadArchive, match="'d/a' is larger than 4 bytes"):
        [member.read(limit=4) for member in tar.members(path)]


def test_a_member_is_read_once_and_in_its_turn(tmp_path):
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(entry("d/a") + entry("d/b") + END))
    first, _ = tar.members(path)
    with pytest.raises(ValueError, match="before the next one"):
        first.read(limit=10)


def test_limits_bound_what_reading_costs(listed):
    two = gzip.compress(entry("d/a", b"x" * 10_000) + entry("d/b") + END)
    assert len(listed(two, Limits(headers=2, total=20_000))) == 2
    with pytest.raises(BadArchive, match="more than 1 members"):
        listed(two, Limits(headers=1))
    with pytest.raises(BadArchive, match="expands to more than 9000 bytes"):
        listed(two, Limits(total=9000))
    with pytest.raises(BadArchive, match="takes more than 0 seconds"):
        listed(two, Limits(seconds=0))


def test_a_bomb_is_given_up_early(tmp_path):
    path = tmp_path / "a.tar.gz"
    zeros = entry(content=b"", said_size=2**33 - 1) + b"\0" * 2**26
    path.write_bytes(gzip.compress(zeros, compresslevel=1))
    with pytest.raises(BadArchive, match="expands to more than 33554432 bytes"):
        list(tar.members(path, Limits(total=2**25)))


def test_a_built_sdist_is_read(listed):
    built = sdist("demo", "1.0")
    assert ("demo-1.0/PKG-INFO", "file", len(built.metadata), built.metadata) in listed(built.content)
