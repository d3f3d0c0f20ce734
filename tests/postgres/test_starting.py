"""The embedded database comes up complete, again and again, and goes down without a trace."""

from __future__ import annotations

import stat
import subprocess
import threading
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from warehouse.infra.postgres import EmbeddedPostgres, NoDatabase


def test_the_first_start_makes_a_database_with_what_the_index_needs(folder, ask):
    with EmbeddedPostgres(folder / "data") as server:
        assert ask(server, "SELECT current_database() || ' ' || current_user") == "warehouse warehouse"
        assert ask(server, "SELECT similarity('requests', 'request') > 0.6")
        assert ask(server, "SELECT 'A'::citext = 'a'")
        assert ask(server, "SELECT unaccent('Ünïcödé')") == "Unicode"
        assert ask(server, "SELECT lower('ÄÖÜ')") == "äöü"
        assert ask(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert ask(server, f"SHOW {name}") == "on", name
        assert ask(server, "SHOW listen_addresses") == ""
        assert ask(server, "SHOW jit") == "off"
    assert not server.is_running()


def test_rows_are_there_at_the_next_start_and_the_address_is_the_same(postgres, ask):
    postgres.start()
    address = postgres.url
    ask(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.stop()
    postgres.start()
    assert ask(postgres, "SELECT answer FROM kept") == 42
    assert postgres.url == address


def test_sqlalchemy_takes_the_address(postgres):
    postgres.start()
    engine = create_engine(make_url(postgres.url).set(drivername="postgresql+psycopg"))
    with engine.connect() as db:
        assert db.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()


def test_nobody_gets_in_without_the_password(postgres):
    postgres.start()
    secret = postgres.url.partition("passfile=")[2]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres.url.replace(secret, "%2Fdev%2Fnull"))


def test_the_password_is_in_a_private_file_and_not_in_the_address(postgres, data):
    postgres.start()
    kept = data / "postgres" / "password"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    for line in kept.read_text().splitlines():
        assert line.split(":")[4] not in postgres.url


def test_a_lost_password_file_is_made_anew(postgres, data, ask):
    (data / "postgres" / "password").unlink()
    postgres.start()
    assert ask(postgres, "SELECT 1") == 1


def test_the_server_listens_on_no_port(postgres):
    postgres.start()
    links = [str(fd.readlink()) for fd in Path(f"/proc/{postgres.pid}/fd").iterdir()]
    mine = {link[8:-1] for link in links if link.startswith("socket:[")}
    tcp = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    unix = Path("/proc/net/unix").read_text()
    assert not mine & {line.split()[9] for line in tcp.splitlines() if ":" in line}
    assert mine & {line.split()[6] for line in unix.splitlines()[1:]}


def test_stopping_leaves_no_process_behind_and_may_be_repeated(postgres, data, workers):
    postgres.start()
    assert workers(data)
    postgres.stop()
    postgres.stop()
    assert workers(data) == []
    assert postgres.pid is None


def test_stopping_does_not_wait_for_open_connections(postgres):
    postgres.start()
    with psycopg.connect(postgres.url) as db:
        db.execute("CREATE TABLE unfinished ()")
        began = time.monotonic()
        postgres.stop()
        assert time.monotonic() - began < 5
        with pytest.raises(psycopg.OperationalError):
            db.execute("SELECT 1")


def test_starting_beside_the_main_thread_is_a_mistake(postgres):
    raised = []

    def start() -> None:
        try:
            postgres.start()
        except RuntimeError as error:
            raised.append(str(error))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in raised[0]


def test_an_operators_settings_win_and_a_broken_one_is_named(postgres, data, ask):
    local = data / "postgres" / "local.conf"
    local.write_text("work_mem = '7MB'\n")
    local.chmod(0o644)
    postgres.start()
    assert ask(postgres, "SHOW work_mem") == "7MB"
    postgres.stop()
    local.write_text("wrok_mem = '7MB'\n")
    with pytest.raises(NoDatabase, match="wrok_mem"):
        postgres.start()
    assert not postgres.is_running()


def test_the_environment_of_another_server_does_not_disturb(postgres, ask, monkeypatch):
    for name, value in {"PGDATA": "/nowhere", "PGPORT": "1", "LC_ALL": "xx_XX.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    postgres.start()
    monkeypatch.delenv("PGPORT")
    assert ask(postgres, "SELECT 1") == 1


def test_its_own_tools_dump_and_restore(postgres, folder, ask):
    postgres.start()
    ask(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
    dump = folder / "dump"
    subprocess.run([postgres.tool("pg_dump"), "-Fc", "-f", dump, postgres.url], check=True)
    ask(postgres, "DROP TABLE kept")
    subprocess.run([postgres.tool("pg_restore"), "--clean", "--if-exists", "-d", postgres.url, dump], check=True)
    assert ask(postgres, "SELECT answer FROM kept") == 42
    with pytest.raises(NoDatabase, match="pg_nothing"):
        postgres.tool("pg_nothing")


def test_a_refused_start_says_so_in_a_sentence(folder):
    (folder / "data").write_text("a file where a folder should be")
    with pytest.raises(NoDatabase, match="WAREHOUSE_DATA"):
        EmbeddedPostgres(folder / "data").start()
