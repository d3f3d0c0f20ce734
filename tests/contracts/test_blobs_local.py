"""Blobs on local disk: what survives a kill and a power cut, who may read, and a disk in trouble."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.infra.blobs import BlobDamaged, LocalBlobs, digest_of, key_of, open_blobs


def in_a_process(*arguments: str) -> list[dict[str, object]]:
    told = subprocess.run(
        [sys.executable, "-m", "tests.contracts.blob_process", *arguments], check=True, stdout=subprocess.PIPE
    )
    return [json.loads(line) for line in told.stdout.splitlines()]


def put(blobs: LocalBlobs, data: bytes) -> str:
    path = blobs.temporary()
    path.write_bytes(data)
    blobs.put(key_of(data), path, size=len(data))
    return key_of(data)


def test_a_put_killed_at_any_instruction_leaves_all_or_nothing(tmp_path: Path) -> None:
    *killed, finished = in_a_process("killed-everywhere", str(tmp_path))
    assert len(killed) > 20
    assert all(one["killed"] for one in killed)
    assert all(one["whole"] for one in killed if one["visible"])
    assert {one["visible"] for one in killed} == {False, True}
    assert finished == {"killed": False, "visible": True, "whole": True}


def test_the_file_and_every_name_on_the_way_to_it_are_synced_in_order(tmp_path: Path) -> None:
    key = key_of(b"a file that matters")
    folder = tmp_path / key[:2]
    told = [(one["act"], one["path"]) for one in in_a_process("watched", str(tmp_path), "not-synced")]
    temporary = told[0][1]
    assert Path(str(temporary)).parent == tmp_path / "tmp"
    assert told == [
        ("fsync", temporary),
        ("mkdir", str(folder)),
        ("fsync", str(tmp_path)),
        ("rename", str(folder / key[2:])),
        ("fsync", str(folder)),
        ("done", ""),
    ]


def test_directories_that_another_process_made_are_synced_once_too(tmp_path: Path) -> None:
    key = key_of(b"a file that matters")
    folder = tmp_path / key[:2]
    folder.mkdir()
    told = in_a_process("watched", str(tmp_path), "not-synced")
    synced = [one["path"] for one in told if one["act"] == "fsync"]
    assert synced[1:] == [str(tmp_path), str(folder)]


def test_a_file_that_is_synced_already_is_not_synced_again(tmp_path: Path) -> None:
    synced = [one["path"] for one in in_a_process("watched", str(tmp_path), "synced") if one["act"] == "fsync"]
    assert not [path for path in synced if str(path).startswith(str(tmp_path / "tmp"))]
    assert len(synced) == 2


def test_a_large_file_does_not_grow_the_process(tmp_path: Path) -> None:
    [told] = in_a_process("weighed", str(tmp_path), "null")
    assert told["same"]
    assert int(str(told["grown"])) < 20_000_000


def test_the_group_may_read_a_blob_and_others_may_not_even_look(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    path = blobs.local_path(put(blobs, b"private"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    for directory in (path.parent, blobs.root, blobs.temporary().parent):
        assert not stat.S_IMODE(directory.stat().st_mode) & 0o007


def test_blobs_lie_where_a_copy_to_a_bucket_would_put_them(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    key = put(blobs, b"x")
    assert blobs.local_path(key) == tmp_path / key[:2] / key[2:]


def test_what_is_not_a_blob_is_not_listed(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    key = put(blobs, b"x")
    (tmp_path / "lost+found").mkdir()
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "README").write_text("hello")
    (blobs.local_path(key).parent / "notes.txt").write_text("hello")
    everything = blobs.keys()
    assert [blob.key for blob in everything] == [key]


def test_a_symbolic_link_is_not_taken_for_an_upload(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    link = blobs.temporary()
    link.symlink_to(secret)
    with pytest.raises(OSError, match="symbolic links"):
        blobs.put(key_of(b"secret"), link, size=6)
    assert blobs.stat(key_of(b"secret")) is None
    assert secret.exists()


def test_a_directory_is_not_taken_for_an_upload(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    path = blobs.temporary()
    path.mkdir()
    with pytest.raises(BlobDamaged):
        blobs.put(key_of(b"x"), path, size=path.stat().st_size)


def test_a_file_on_another_file_system_is_copied_and_removed(tmp_path: Path) -> None:
    elsewhere = Path("/dev/shm") / f"{tmp_path.parent.name}-{tmp_path.name}"
    elsewhere.write_bytes(b"from afar")
    try:
        if elsewhere.stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("There is no second file system here.")
        blobs = LocalBlobs(tmp_path)
        blobs.put(key_of(b"from afar"), elsewhere, size=9, synced=True)
        assert digest_of(blobs, key_of(b"from afar")) == key_of(b"from afar")
        assert not elsewhere.exists()
        assert list((tmp_path / "tmp").iterdir()) == []
    finally:
        elsewhere.unlink(missing_ok=True)


def test_damage_on_disk_is_found(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    key = put(blobs, b"sound")
    path = blobs.local_path(key)
    path.write_bytes(b"rotten")
    assert digest_of(blobs, key) != key
    put(blobs, b"sound")
    assert digest_of(blobs, key) == key


def test_a_blob_cut_while_it_is_read_does_not_end_as_if_whole(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    key = put(blobs, b"x" * 1_000_000)
    chunks = blobs.open(key)
    next(chunks)
    with blobs.local_path(key).open("r+b") as file:
        file.truncate(300_000)
    with pytest.raises(BlobDamaged, match="early"):
        list(chunks)


def test_a_full_disk_is_said_to_be_one(tmp_path: Path) -> None:
    mounted = ["unshare", "--mount", "--map-root-user", "sh", "-ec"]
    mount = f"mount -t tmpfs -o size=256k tmpfs {tmp_path}"
    if not shutil.which("unshare") or subprocess.run([*mounted, mount], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("A disk of a few pages cannot be mounted here.")
    fill = f"{sys.executable} -m tests.contracts.blob_process filled {tmp_path}"
    told = json.loads(subprocess.check_output([*mounted, f"{mount}; {fill}"]))
    assert told == {
        "said": "The disk that keeps the files is full. Try again later.",
        "status": 503,
        "visible": False,
        "left": 0,
    }


@pytest.mark.parametrize("place", ["ftp://host/dir", "http://bucket", "memory://"])
def test_a_place_of_an_unknown_kind_is_refused(place: str) -> None:
    with pytest.raises(ValueError, match="Give a directory"):
        open_blobs(place)


def test_a_directory_is_opened_by_path_or_by_address(tmp_path: Path) -> None:
    for place in (tmp_path, str(tmp_path), f"file://{tmp_path}"):
        opened = open_blobs(place)
        assert isinstance(opened, LocalBlobs)
        assert opened.root == tmp_path
