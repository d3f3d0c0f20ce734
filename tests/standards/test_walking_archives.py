"""What is packed in wheels and sdists."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from tests.builders import sdist, wheel
from warehouse.standards.archives.refusal import BadArchive
from warehouse.standards.archives.walking import files_in, tidy


def packed(path: Path, name: str) -> dict[str, bytes]:
    return {one.path: b"".join(one.chunks()) for one in files_in(path, name)}


def test_the_files_of_a_wheel_and_of_an_sdist(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for dist, expected in (
        (wheel("demo", "1.0"), "demo-1.0.dist-info/METADATA"),
        (sdist("demo", "1.0"), "demo-1.0/PKG-INFO"),
    ):
        path.write_bytes(dist.content)
        assert packed(path, dist.filename)[expected].startswith(b"Metadata-Version")


def test_links_say_where_they_lead_and_directories_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with tarfile.open(path, "w:gz") as archive:
        for name, kind, link in (("./d", tarfile.DIRTYPE, ""), ("./d//link", tarfile.SYMTYPE, "../../etc/passwd")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, link
            archive.addfile(info)
        info = tarfile.TarInfo("./d/file")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"abc"))
    assert [(one.path, one.link, b"".join(one.chunks())) for one in files_in(path, "d.tar.gz")] == [
        ("d/link", "../../etc/passwd", b""),
        ("d/file", None, b"abc"),
    ]


def test_other_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match="neither a ZIP file nor"):
        files_in(tmp_path / "x", "demo-1.0.tar.bz2")


def test_a_path_has_one_form() -> None:
    assert [tidy(path) for path in ("./a//b", "a/./b/", "a", ".", "")] == ["a/b", "a/b", "a", "", ""]
