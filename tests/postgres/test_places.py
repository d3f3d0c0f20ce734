"""Wherever the data folder is and whoever runs Warehouse: it works, or a sentence says what to do."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.infra.postgres import EmbeddedPostgres, NoDatabase

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
NAMELESS = 54321


def owned_by(folder: Path, uid: int) -> Path:
    made = folder / "theirs"
    made.mkdir()
    os.chown(made, uid, uid)
    return made / "data"


@pytest.mark.parametrize(
    "name",
    ["with spaces and ümläute 包", "com,ma", "quo'te", 'double"quote', "per%cent#hash?", "x" * 200],
    ids=["spaces", "comma", "quote", "double quote", "percent", "long"],
)
def test_the_folder_may_have_any_name(folder, made_once, copy, name, ask):
    copy(made_once, folder / name)
    with EmbeddedPostgres(folder / name, durable=False) as server:
        assert ask(server, "SELECT 1") == 1
        outside = (folder / name / "postgres" / "socket").read_text()
        assert stat.S_IMODE(Path(outside).stat().st_mode) == 0o700
    if not outside.startswith(str(folder)):
        assert not Path(outside).exists()


def test_a_new_database_can_be_made_at_a_long_path(folder, ask):
    with EmbeddedPostgres(folder / ("x" * 120) / ("y" * 120), durable=False) as server:
        address = server.url
        assert ask(server, "SELECT 1") == 1
    with EmbeddedPostgres(folder / ("x" * 120) / ("y" * 120), durable=False) as server:
        assert server.url == address


def test_a_relative_folder_is_kept_where_it_was_named(folder, data, ask, monkeypatch):
    monkeypatch.chdir(folder)
    server = EmbeddedPostgres(Path("data"), durable=False)
    monkeypatch.chdir("/")
    with server:
        assert ask(server, "SELECT 1") == 1


@needs_root
def test_the_server_does_not_run_as_root(postgres):
    postgres.start()
    assert Path(f"/proc/{postgres.pid}").stat().st_uid != 0


@needs_root
@pytest.mark.parametrize("made, length", [("new", "x"), ("again", "x"), ("again", "x" * 120)])
def test_a_folder_below_a_private_home_works_and_the_home_stays_private(folder, made_once, copy, made, length, ask):
    home = folder / "home"
    inner = home / "inner"
    inner.mkdir(parents=True)
    if made == "again":
        copy(made_once, inner / length / "data")
    for private in (home, inner):
        private.chmod(0o700)
    (home / "secret").write_text("nobody's business")
    (home / "secret").chmod(0o644)
    with EmbeddedPostgres(inner / length / "data", durable=False) as server:
        assert ask(server, "SELECT 1") == 1
        seen = Path(f"/proc/{server.pid}/root{home}")
        assert [entry.name for entry in seen.iterdir()] == ["inner"]
    for private in (home, inner):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert str(home) not in Path("/proc/mounts").read_text()


@needs_root
def test_without_the_right_to_mount_a_sentence_names_the_private_folder(folder):
    home = folder / "home"
    home.mkdir(mode=0o700)
    program = (
        "import sys; from pathlib import Path; from warehouse.infra.postgres import EmbeddedPostgres, NoDatabase\n"
        "try: EmbeddedPostgres(Path(sys.argv[1])).start()\n"
        "except NoDatabase as refusal: print(refusal)"
    )
    weaker = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]
    done = subprocess.run([*weaker, sys.executable, "-c", program, home / "data"], capture_output=True, text=True)
    assert f"chmod o+x {home}" in done.stdout


@needs_root
def test_an_ordinary_user_runs_everything_as_itself(folder, another):
    uid = pwd.getpwnam("nobody").pw_uid
    one = another(owned_by(folder, uid), uid=uid)
    pid, owner = one.does("start").split()
    assert owner == "True"
    assert one.does("ask SELECT 7") == "7"
    assert Path(f"/proc/{pid}").stat().st_uid == uid
    assert one.does("stop") == "stopped"


@needs_root
def test_a_user_without_a_name_can_have_a_database(folder, another):
    with pytest.raises(KeyError):
        pwd.getpwuid(NAMELESS)
    one = another(owned_by(folder, NAMELESS), uid=NAMELESS)
    said = one.does("start")
    if said.startswith("refused"):  # where the kernel has no user namespaces for users
        assert "/etc/passwd" in said
    else:
        assert one.does("ask SELECT 7") == "7"


@needs_root
def test_a_folder_of_somebody_else_is_refused_by_name(folder, data, another):
    one = another(data, uid=pwd.getpwnam("nobody").pw_uid)
    assert "belongs to the user with id 0" in one.does("start")
    os.chown(data / "postgres", NAMELESS, NAMELESS)
    with pytest.raises(NoDatabase, match=f"belongs to the user with id {NAMELESS}"):
        EmbeddedPostgres(data).start()
