"""An sdist has everything below one directory, with PKG-INFO and the license files it names."""

from __future__ import annotations

import gzip
import io
import tarfile
import time
from pathlib import Path

import pytest

from tests.builders import Dist, sdist
from tests.builders.sdists import tar_gz_of
from tests.builders.wheels import zip_of
from warehouse.standards.archives.refusal import BadArchive
from warehouse.standards.archives.sdist import SdistFacts, inspect_sdist


@pytest.fixture
def inspect(tmp_path: Path):
    def _inspect(content: bytes | Dist, filename: str = "demo-1.0.tar.gz", **options: object) -> SdistFacts:
        path = tmp_path / "blob"
        path.write_bytes(content.content if isinstance(content, Dist) else content)
        return inspect_sdist(path, filename, **options)  # type: ignore[arg-type]

    return _inspect


def tar_of(*members: tuple[str, bytes, str | bytes]) -> bytes:
    """A tar.gz of (name, type, content or link target)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind, content in members:
            info = tarfile.TarInfo(name)
            info.type = kind
            if isinstance(content, str):
                info.linkname = content
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return gzip.compress(buffer.getvalue())


REG, DIR, SYM, LNK = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
def test_the_metadata_is_pkg_info_byte_for_byte(inspect, suffix):
    built = sdist("demo", "1.0", suffix=suffix, summary="Ünïcode", description="Text.\r\n")
    assert inspect(built, built.filename) == SdistFacts(metadata=built.metadata, top="demo-1.0", unscanned=None)


def test_other_pkg_info_files_do_not_matter_wherever_they_come(inspect):
    content = tar_gz_of(
        {
            "demo/src/demo.egg-info/PKG-INFO": b"egg",
            "demo/src/PKG-INFO": b"source",
            "demo/PKG-INFO": b"this one",
            "demo/tests/PKG-INFO": b"test data",
        }
    )
    assert inspect(content).metadata == b"this one"


def test_the_directory_need_not_be_named_after_the_file(inspect):
    facts = inspect(sdist("demo", "1.0", top="whatever"))
    assert facts.top == "whatever"


def test_paths_may_begin_at_the_present_directory(inspect):
    assert inspect(tar_gz_of({"./demo/PKG-INFO": b"x", "./demo/a": b""})).top == "demo"


LAYOUTS = {
    "two directories": {"demo/PKG-INFO": b"x", "other/a": b""},
    "a file beside the directory": {"demo/PKG-INFO": b"x", "a": b""},
    "everything at the top": {"PKG-INFO": b"x", "a": b""},
    "everything at the present directory": {"./PKG-INFO": b"x", "./a": b""},
}


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
@pytest.mark.parametrize("members", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_everything_must_be_in_one_directory(inspect, members, suffix):
    content = zip_of(members) if suffix == ".zip" else tar_gz_of(members)
    with pytest.raises(BadArchive, match=r"^Invalid distribution file\. It must hold one top-level directory"):
        inspect(content, f"demo-1.0{suffix}")


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
def test_pkg_info_must_be_there(inspect, suffix):
    built = sdist("demo", "1.0", suffix=suffix, files={"PKG-INFO": None, "src/PKG-INFO": "no"})
    with pytest.raises(BadArchive, match=r"^Invalid distribution file\. PKG-INFO not found at 'demo-1.0/PKG-INFO'"):
        inspect(built, built.filename)


def test_an_archive_of_one_member_has_no_directory_around_it(inspect):
    with pytest.raises(BadArchive, match="PKG-INFO not found at 'demo/PKG-INFO/PKG-INFO'"):
        inspect(tar_gz_of({"demo/PKG-INFO": b"x"}))


@pytest.mark.parametrize("kind", [SYM, LNK])
def test_a_link_is_no_pkg_info(inspect, kind):
    with pytest.raises(BadArchive, match="PKG-INFO is not a regular file"):
        inspect(tar_of(("demo/a", REG, b"x"), ("demo/PKG-INFO", kind, "demo/a")))


@pytest.mark.parametrize("again", [("demo/PKG-INFO", REG, b"y"), ("demo/./PKG-INFO", SYM, "a")])
def test_pkg_info_is_there_once(inspect, again):
    with pytest.raises(BadArchive, match="PKG-INFO is there twice"):
        inspect(tar_of(("demo/a", REG, b"x"), ("demo/PKG-INFO", REG, b"x"), again))


def test_links_are_tolerated_but_nothing_is_written_through_them(inspect):
    links: list[tuple[str, bytes, str | bytes]] = [
        ("demo/PKG-INFO", REG, b"x"),
        ("demo/here", SYM, "."),
        ("demo/there", SYM, "/etc"),
    ]
    assert inspect(tar_of(*links)).metadata == b"x"
    with pytest.raises(BadArchive, match="Member 'demo/here/PKG-INFO' is below a link"):
        inspect(tar_of(*links, ("demo/here/PKG-INFO", REG, b"y")))


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
def test_license_files_are_below_the_directory(inspect, suffix):
    built = sdist("demo", "1.0", suffix=suffix, licenses={"LICENSE": "Free.", "legal/NOTICE": "Note."})
    assert inspect(built, built.filename, license_files=["LICENSE", "legal/NOTICE"]).top == "demo-1.0"
    for missing in ("NOTICE", "COPYING", "legal", "ICENSE", "PKG-INFO/x"):
        with pytest.raises(BadArchive) as refusal:
            inspect(built, built.filename, license_files=["LICENSE", missing])
        assert refusal.value.sentence == (
            f"License-File '{missing}' does not exist in distribution file {built.filename} "
            f"at 'demo-1.0/{missing}'. Add the file, or remove it from the metadata."
        )


def test_license_files_are_found_before_the_directory_is_known(inspect):
    content = tar_gz_of({"demo/a/LICENSE": b"", "demo/a/b": b"", "demo/LICENSE": b"", "demo/PKG-INFO": b"x"})
    assert inspect(content, license_files=["LICENSE", "a/LICENSE"]).metadata == b"x"


def test_thousands_of_license_files_among_thousands_of_members_cost_no_more_than_their_sum(inspect):
    licenses = {f"demo/{number}": b"" for number in range(4900)}
    others = {f"demo/other{number}": b"" for number in range(7000)}
    content = zip_of({"demo/PKG-INFO": b"x", **others, **licenses})
    began = time.process_time()
    assert inspect(content, "demo-1.0.zip", license_files=[str(number) for number in range(4900)]).metadata == b"x"
    assert time.process_time() - began < 3  # their product takes six


def test_a_link_is_no_license_file(inspect):
    content = tar_of(("demo/PKG-INFO", REG, b"x"), ("demo/a", REG, b""), ("demo/LICENSE", SYM, "/etc/passwd"))
    with pytest.raises(BadArchive, match="License-File 'LICENSE' does not exist"):
        inspect(content, license_files=["LICENSE"])


def test_protected_source_is_refused_unless_the_scan_is_off(inspect):
    built = sdist("demo", "1.0", files={"demo.py": "__pyarmor__(__name__, __file__, b'PY')"})
    with pytest.raises(BadArchive, match=r"Invalid distribution file\. 'demo-1.0/demo.py' is protected by PyArmor"):
        inspect(built)
    assert inspect(built, scan=False).metadata == built.metadata


def test_a_huge_pkg_info_is_refused(inspect):
    with pytest.raises(BadArchive, match=r"'demo-1\.0/PKG-INFO' is larger than 10485760 bytes"):
        inspect(sdist("demo", "1.0", metadata=b"x" * (10 * 2**20 + 1)))
