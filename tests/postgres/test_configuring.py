"""The configuration fits the machine it is written on."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from warehouse.infra.postgres.configuration import Wishes, configuration

PRINT = (
    "import sys; from pathlib import Path; from warehouse.infra.postgres.configuration import *\n"
    "print(configuration(Wishes(), sockets=Path('/s'), access=Path('/a'), disk=Path('/'), major=18))"
)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_container_with_little_shared_memory_uses_files_instead():
    little = 'mount -t tmpfs -o size=64m tmpfs /dev/shm && exec "$@"'
    command = ["unshare", "-m", "sh", "-c", little, "-", sys.executable, "-c", PRINT]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "dynamic_shared_memory_type = 'mmap'" in done.stdout


@pytest.mark.parametrize("major, said", [(15, []), (16, ["scram_iterations"]), (18, ["scram_iterations", "io_method"])])
def test_only_settings_that_a_version_knows_are_written(folder, major, said):
    text = configuration(Wishes(), sockets=folder, access=folder / "pg_hba.conf", disk=folder, major=major)
    assert [name for name in ("scram_iterations", "io_method") if name in text] == said


def test_quotes_in_a_path_stay_inside_of_the_value(folder):
    awkward = folder / "it's"
    text = configuration(Wishes(), sockets=folder, access=awkward, disk=folder, major=18)
    assert f"hba_file = '{folder}/it''s'" in text
