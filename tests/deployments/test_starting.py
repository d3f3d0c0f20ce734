"""Starting where something is wrong: one sentence on standard error, a status for scripts, and nobody left behind."""

from __future__ import annotations

import os
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.conftest import CHEAP_PASSWORDS
from tests.deployments.deployed import Deployed, empty_database
from tests.deployments.wsgi_servers import running, wsgiref
from tests.served import without
from warehouse.infra import migrations
from warehouse.infra.db import Database
from warehouse.infra.postgres import EmbeddedPostgres

REFUSED, BAD_SETTINGS = 1, 2


def refused(folder: Path, *command: str, status: int, **environ: str) -> str:
    """The sentence with which the command ends; lines of the log that came before it are left out."""
    index = Deployed(folder, {"WAREHOUSE_LOGS__FORMAT": "json", **environ})
    done = index.run(*command, ok=False)
    *before, sentence = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (status, ""), done
    assert all(line.startswith("{") for line in before), done.stderr
    assert index.processes() == []
    return sentence


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    sentence = refused(tmp_path, "web", status=REFUSED, DATABASE_URL="postgresql://x@/x?host=/nonexistent")
    assert sentence.startswith("The database cannot be used: ")
    assert "/nonexistent" in sentence


def test_a_database_that_does_not_let_us_in(tmp_path: Path, postgres: EmbeddedPostgres) -> None:
    missing = postgres.url.replace("/warehouse?", "/nothing?", 1)
    sentence = refused(tmp_path, "serve", status=REFUSED, DATABASE_URL=missing)
    assert sentence == f"The database cannot be used: {sentence.partition(': ')[2]}"
    assert sentence.endswith('FATAL:  database "nothing" does not exist')


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("DATABASE_URL", "mysql://u:p@h/d", "database_url is ****** in environment DATABASE_URL; expected an address"),
        ("WAREHOUSE_UPLOAD__MAX_FILE_SIZE", "many", "upload.max_file_size is 'many' in environment"),
        ("WAREHOUSE_UPLOAD__NOTHING", "1", "The environment sets WAREHOUSE_UPLOAD__NOTHING, which is no setting"),
        ("WAREHOUSE_LISTEN", "here", "listen is 'here' in environment WAREHOUSE_LISTEN; expected host:port"),
        ("WAREHOUSE_STORAGE__URL", "ftp://files", "storage.url is 'ftp://files' in environment"),
        ("WAREHOUSE_CONFIG", "/nonexistent.yml", "/nonexistent.yml"),
    ],
)
def test_settings_that_are_wrong(tmp_path: Path, setting: str, value: str, said: str) -> None:
    assert said in refused(tmp_path, "serve", status=BAD_SETTINGS, **{setting: value})


def test_an_address_that_somebody_has(tmp_path: Path) -> None:
    """The embedded database, which was there first, ends too."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        sentence = refused(tmp_path, "serve", status=REFUSED, WAREHOUSE_LISTEN=listen)
    assert sentence.startswith("The web server cannot listen: Address already in use")
    assert sentence.endswith("Choose another address with --listen.")


def test_an_address_that_is_not_ours(tmp_path: Path, database: str) -> None:
    sentence = refused(tmp_path, "web", status=REFUSED, DATABASE_URL=database, WAREHOUSE_LISTEN="192.0.2.1:80")
    assert sentence.startswith("The web server cannot listen: Cannot assign requested address")


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """A disk of one megabyte, mounted on the folder."""
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("Only root can mount a small disk.")
    mount = ["mount", "-t", "tmpfs", "-o", f"size=1m,{options}", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"A small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_data_folder_that_is_read_only(tmp_path: Path, database: str) -> None:
    with small_disk(tmp_path / "disk", "ro") as disk:
        for more in ({}, {"DATABASE_URL": database}):
            data = {"WAREHOUSE_DATA": str(disk / "data")}
            sentence = refused(tmp_path / "index", "serve", status=REFUSED, **data, **more)
            assert sentence == f"{disk}/data: Read-only file system."


@pytest.mark.parametrize("role", ["serve", "worker"])
def test_a_data_folder_on_a_full_disk(tmp_path: Path, database: str, role: str) -> None:
    """With the embedded database, which takes more room, and without."""
    more = {} if role == "serve" else {"DATABASE_URL": database}
    with small_disk(tmp_path / "disk", "rw") as disk:
        data = {"WAREHOUSE_DATA": str(disk / "data")}
        assert refused(tmp_path / "index", role, status=REFUSED, **data, **more).endswith(": No space left on device.")


def test_a_data_folder_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sentence = refused(tmp_path / "index", "serve", status=REFUSED, WAREHOUSE_DATA=str(tmp_path / "file" / "data"))
    assert sentence == f"{tmp_path}/file/data: Not a directory."


@pytest.fixture
def newer_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database whose schema a version made that is not written yet."""
    with empty_database(postgres.url) as url:
        database = Database(url)
        migrations.migrate(database)
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'from the future'"))
        database.dispose()
        yield url


@pytest.mark.parametrize("role", ["serve", "worker"])
def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path, newer_database: str, role: str) -> None:
    sentence = refused(tmp_path, role, status=REFUSED, DATABASE_URL=newer_database)
    assert sentence.startswith("The database belongs to a newer version of Warehouse")
    database = Database(newer_database)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "from the future"
    database.dispose()


def test_other_servers_say_so_to_everyone_who_asks(tmp_path: Path, newer_database: str) -> None:
    environ = without(os.environ, "WAREHOUSE_") | CHEAP_PASSWORDS
    environ |= {"DATABASE_URL": newer_database, "WAREHOUSE_DATA": str(tmp_path / "data")}
    with running(wsgiref, environ, tmp_path / "log") as address:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://{address}/simple/")
        with refused.value as answer:
            assert answer.status == 503
            assert answer.read().startswith(b"The database belongs to a newer version of Warehouse")


def test_a_database_of_an_older_version_is_brought_up_to_date(tmp_path: Path, postgres: EmbeddedPostgres) -> None:
    with empty_database(postgres.url) as url:
        index = Deployed(tmp_path, {"DATABASE_URL": url})
        assert (
            index.run("migrate", "--check", ok=False).stderr == "The schema is not up to date. Run: warehouse migrate\n"
        )
        index.start()
        try:
            assert index.get("/_ready/").status == 200
            assert index.run("migrate", "--check").stdout == "The schema is up to date.\n"
            index.stop()
        finally:
            index.kill()
