"""Files that are written whole or not at all."""

import errno
from concurrent.futures import ThreadPoolExecutor

import pytest

from warehouse.infra import disk


def test_of_several_who_write_a_file_once_all_read_what_one_of_them_wrote(tmp_path):
    path = tmp_path / "key"

    def write_and_read(number: int) -> bytes:
        disk.write_once(path, b"%64d" % number)
        return path.read_bytes()

    with ThreadPoolExecutor(8) as pool:
        seen = set(pool.map(write_and_read, range(64)))
    assert len(seen) == 1
    assert [found.name for found in tmp_path.iterdir()] == ["key"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_is_replaced_whole_and_what_a_killed_writer_left_is_no_obstacle(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(b"old")
    (tmp_path / "key.new").write_bytes(b"half of")
    disk.write_durably(path, b"new")
    assert path.read_bytes() == b"new"
    assert [found.name for found in tmp_path.iterdir()] == ["key"]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("number", "said"), [(errno.ENOSPC, "is full"), (errno.EIO, "has failed"), (None, None)])
def test_trouble_of_the_disk_is_told_from_bugs(number, said):
    assert disk.trouble(OSError(number, "some reason") if number else FileNotFoundError(errno.ENOENT, "")) == said
