"""The command as people run it: a process, an embedded database in the data folder, and a server beside it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from tests.builders import wheel
from tests.cli.conftest import process_environ, warehouse
from tests.index import basic, multipart_body


def announced(server: subprocess.Popen[str]) -> tuple[str, str]:
    """The address, and everything said up to the line that invites to install."""
    said = ""
    assert server.stdout is not None
    for line in server.stdout:
        said += line
        if line.startswith("install:"):
            break
    return said.partition("listening on ")[2].partition("\n")[0], said


def upload(address: str, token: str, dist) -> int:
    body, boundary = multipart_body(dist.form(), [("content", dist.filename, "application/octet-stream", dist.content)])
    headers = {
        "Authorization": basic("__token__", token),
        "Content-Type": f"multipart/form-data; boundary={boundary}",
    }
    request = urllib.request.Request(f"{address}/legacy/", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.status


def test_an_index_is_served_filled_backed_up_and_restored_with_commands_beside_it(tmp_path: Path):
    data, backup, again = tmp_path / "data", tmp_path / "backup", tmp_path / "again"
    server = subprocess.Popen(
        [sys.executable, "-m", "warehouse", "serve", "--listen", "127.0.0.1:0", "--data", str(data)],
        env=process_environ(tmp_path / "not this one", WAREHOUSE_WEB__WORKERS="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address, said = announced(server)
        assert "/setup/" in said
        added = warehouse(data, "user", "add", "ada", "--email", "ada@example.com")
        assert (added.returncode, added.stderr) == (0, "")
        created = warehouse(data, "token", "create", "ada")
        assert (created.stdout.count("\n"), created.stderr) == (1, "")
        assert upload(address, created.stdout.strip(), wheel("demo", "1.0")) == 200
        saved = warehouse(data, "backup", backup)
        assert (saved.returncode, saved.stderr) == (0, "")
        with urllib.request.urlopen(f"{address}/simple/demo/", timeout=20) as answer:
            assert b"demo-1.0-py3-none-any.whl" in answer.read()
    finally:
        server.send_signal(signal.SIGTERM)
        _, log = server.communicate(timeout=30)
    assert server.returncode == 0, log
    restored = warehouse(again, "restore", backup)
    assert (restored.returncode, restored.stderr) == (0, "")
    assert restored.stdout.endswith("Checked 1 projects, 1 releases and 1 files (0.0 MiB): all is well.\n")


def test_an_address_in_use_is_one_sentence(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        done = warehouse(tmp_path / "data", "web", "--listen", listen, WAREHOUSE_LOGS__LEVEL="error")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Address already in use" in done.stderr
    assert done.stderr.endswith("Choose another address with --listen.\n")
    assert "Traceback" not in done.stderr


def test_a_command_that_finds_no_index_says_that_it_made_one(tmp_path):
    folder = tmp_path / "elsewhere"
    said = [warehouse(folder, "user", "list").stderr for _ in range(2)]
    assert said == [f"There was no index in {folder}, so this makes a new one. Name another with --data.\n", ""]
