"""A backup made while the index works is the index of one moment, and comes back as that; nothing less passes."""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import threading
from pathlib import Path

import psycopg
import pytest

from tests.builders import sdist, wheel
from tests.index import Index
from warehouse.domain.packaging import File
from warehouse.infra.blobs import MemoryBlobs
from warehouse.infra.db import libpq_url
from warehouse.operations.backup import make_backup, restore_backup
from warehouse.operations.checking import check_index
from warehouse.settings import load_settings
from warehouse.toolbox import open_tools


@pytest.fixture
def elsewhere(tmp_path: Path, empty_url: str) -> dict[str, str]:
    """Where to restore to."""
    return {"WAREHOUSE_DATA": str(tmp_path / "elsewhere"), "DATABASE_URL": empty_url}


@pytest.fixture
def opened(environ, elsewhere):
    """The index that was restored."""
    tools = []

    def open_it() -> Index:
        tools.append(open_tools(load_settings({**environ, **elsewhere}), elsewhere["DATABASE_URL"]))
        return Index(tools[0])

    yield open_it
    for one in tools:
        one.database.dispose()
        one.head.close()


def manifest_in(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def test_a_restored_index_serves_the_same_and_knows_the_same_tokens(run, index, tmp_path, elsewhere, opened):
    ada = index.user("ada")
    token = index.token(ada)
    index.upload(wheel("demo", "1.0"), token=token)
    index.upload(sdist("demo", "1.0"), token=token)
    result = run("backup", tmp_path / "backup")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Saved 1 users, 1 projects, 2 files")
    result = run("restore", tmp_path / "backup", "--rehash", **elsewhere)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Checked 1 projects, 1 releases and 2 files" in result.stdout
    assert "all is well" in result.stdout
    restored = opened()
    assert restored.simple("demo") == index.simple("demo")
    assert restored.tools.head.serial == index.tools.head.serial > 0
    assert restored.upload(wheel("demo", "2.0"), token=token).status == 200
    assert restored.journal()[:-2] == index.journal()


def test_a_backup_made_while_uploads_run_is_whole(run, index, tmp_path, elsewhere, opened):
    ada = index.user("ada")
    token = index.token(ada)
    stop = threading.Event()
    accepted: list[str] = []

    def upload(name: str) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            dist = wheel(name, f"1.{number}")
            assert index.upload(dist, token=token).status == 200
            accepted.append(dist.filename)

    threads = [threading.Thread(target=upload, args=(f"project-{number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    try:
        while len(accepted) < 10:
            stop.wait(0.01)
        before = set(accepted)
        assert run("backup", tmp_path / "backup").exit_code == 0
        after = len(accepted)
        while len(accepted) < after + 4:
            stop.wait(0.01)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert run("restore", tmp_path / "backup", "--rehash", **elsewhere).exit_code == 0
    with opened().work() as work:
        names = {name for (name,) in work.db.query(File.filename)}
        assert len(names) == manifest_in(tmp_path / "backup")["files"]
    assert before <= names < set(accepted)


def test_backups_into_one_folder_share_their_blobs_with_it_and_the_index(run, index, tmp_path):
    ada = index.user("ada")
    index.upload(wheel("demo", "1.0"), by=ada)
    assert run("backup", tmp_path / "backup").exit_code == 0
    first = manifest_in(tmp_path / "backup")
    index.upload(wheel("demo", "2.0"), by=ada)
    assert run("backup", tmp_path / "backup").exit_code == 0
    second = manifest_in(tmp_path / "backup")
    assert (first["blobs"], second["blobs"]) == (2, 4)
    assert not (tmp_path / "backup" / first["dump"]).exists()
    blobs = [path for path in (tmp_path / "backup" / "blobs").rglob("*") if path.is_file()]
    assert [path.stat().st_nlink for path in blobs] == [2, 2, 2, 2]


def test_a_backup_is_for_its_owner_only(run, index, tmp_path):
    assert run("backup", tmp_path / "backup").exit_code == 0
    folder = tmp_path / "backup"
    assert folder.stat().st_mode & 0o077 == 0
    for name in ("secret.key", "manifest.json", manifest_in(folder)["dump"]):
        assert (folder / name).stat().st_mode & 0o077 == 0


def test_a_failed_backup_leaves_the_one_before_as_it_was(run, index, tmp_path, elsewhere):
    ada = index.user("ada")
    index.upload(wheel("demo", "1.0"), by=ada)
    assert run("backup", tmp_path / "backup").exit_code == 0
    index.upload(wheel("demo", "2.0"), by=ada)
    with index.work() as work:
        key = work.db.query(File.blake2_256).filter(File.filename.like("demo-2.0%")).scalar()
    index.tools.blobs.delete(key)
    result = run("backup", tmp_path / "backup")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"1 stored files that the database refers to are gone, {key} for one.")
    assert run("restore", tmp_path / "backup", **elsewhere).exit_code == 0


def test_a_backup_that_never_finished_is_not_restored(run, index, tmp_path, elsewhere):
    (tmp_path / "none").mkdir()
    result = run("restore", tmp_path / "none", **elsewhere)
    assert (result.exit_code, "holds no backup: there is no manifest.json." in result.stderr) == (1, True)
    run("backup", tmp_path / "backup")
    (tmp_path / "backup" / "manifest.json").unlink()
    result = run("restore", tmp_path / "backup", **elsewhere)
    assert (result.exit_code, "holds an unfinished backup: run it again." in result.stderr) == (1, True)


def test_a_folder_with_other_things_in_it_is_left_alone(run, index, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").write_text("x")
    result = run("backup", tmp_path / "home")
    assert result.exit_code == 1
    assert "holds 'thesis.tex', which is no part of a backup. Choose an empty folder." in result.stderr
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["thesis.tex"]


def test_blobs_are_copied_where_links_do_not_reach_and_damage_is_not_passed_on(
    run, index, tmp_path, monkeypatch, elsewhere
):
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))

    def another_disk(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    with monkeypatch.context() as patched:
        patched.setattr("warehouse.operations.backup.making.os.link", another_disk)
        assert run("backup", tmp_path / "backup").exit_code == 0
        blob = next(iter(index.tools.blobs.keys(after="")))
        index.tools.blobs.local_path(blob.key).write_bytes(b"damage")
        result = run("backup", tmp_path / "another")
        assert result.exit_code == 1
        assert result.stderr == f"The stored file {blob.key} is damaged. 'warehouse check' tells which files are.\n"
    assert manifest_in(tmp_path / "backup")["blobs"] == 2
    blobs = [path for path in (tmp_path / "backup" / "blobs").rglob("*") if path.is_file()]
    assert [path.stat().st_nlink for path in blobs] == [1, 1]
    assert run("restore", tmp_path / "backup", "--rehash", **elsewhere).exit_code == 0


def test_a_store_without_files_on_this_machine_is_copied(index, tmp_path, elsewhere, postgres, environ):
    remote = Index(dataclasses.replace(index.tools, blobs=MemoryBlobs()))
    remote.upload(wheel("demo", "1.0"), by=remote.user("ada"))
    pg_dump, pg_restore = postgres.tool("pg_dump"), postgres.tool("pg_restore")
    heard: list[tuple[str, int, int]] = []
    manifest = make_backup(
        remote.tools, tmp_path / "backup", pg_dump=pg_dump, progress=lambda *step: heard.append(step)
    )
    assert (manifest.blobs, manifest.files) == (2, 1)
    assert heard == [("database", 0, 1), ("database", 1, 1), ("files", 1, 2), ("files", 2, 2)]
    settings = load_settings({**environ, **elsewhere})
    restored = restore_backup(settings, elsewhere["DATABASE_URL"], tmp_path / "backup", pg_restore=pg_restore)
    assert restored == manifest


def test_files_may_be_left_to_the_object_stores_own_backup(run, index, tmp_path, elsewhere, opened):
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    assert run("backup", tmp_path / "backup", "--without-blobs").exit_code == 0
    assert not (tmp_path / "backup" / "blobs").exists()
    result = run("restore", tmp_path / "backup", **elsewhere)
    assert result.exit_code == 1
    assert "The bytes of demo-1.0-py3-none-any.whl are gone" in result.stdout
    restored = opened()
    for blob in index.tools.blobs.keys(after=""):
        restored.tools.blobs.put_bytes(blob.key, index.tools.blobs.read(blob.key, 10**6))
    assert check_index(restored.tools).is_whole


def test_an_index_in_use_is_never_restored_over(run, index, tmp_path):
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    run("backup", tmp_path / "backup")
    result = run("restore", tmp_path / "backup")
    assert result.exit_code == 1
    assert "The database is not empty. Restore into a new data folder" in result.stderr
    assert index.filenames("demo") == ["demo-1.0-py3-none-any.whl"]


def test_a_secret_of_another_index_is_refused(run, index, tmp_path, elsewhere):
    run("backup", tmp_path / "backup")
    Path(elsewhere["WAREHOUSE_DATA"]).mkdir()
    (Path(elsewhere["WAREHOUSE_DATA"]) / "secret.key").write_text("f" * 64)
    result = run("restore", tmp_path / "backup", **elsewhere)
    assert result.exit_code == 1
    assert "all of its API tokens would be void" in result.stderr
    result = run("restore", tmp_path / "backup", **elsewhere, WAREHOUSE_SITE__SECRET="another one, of some length")
    assert "had another secret than the setting site.secret" in result.stderr


def test_a_secret_from_the_settings_stays_there(run, index, tmp_path, elsewhere):
    secret = {"WAREHOUSE_SITE__SECRET": "from the vault, and quite long"}
    assert run("backup", tmp_path / "backup", **secret).exit_code == 0
    assert not (tmp_path / "backup" / "secret.key").exists()
    result = run("restore", tmp_path / "backup", **elsewhere)
    assert (result.exit_code, "had its secret from the setting site.secret" in result.stderr) == (1, True)
    assert run("restore", tmp_path / "backup", **elsewhere, **secret).exit_code == 0


@pytest.mark.parametrize("what", ["dump", "blob", "missing blob", "secret", "version"])
def test_a_damaged_backup_is_refused_and_the_database_stays_empty(run, index, tmp_path, elsewhere, what):
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    folder = tmp_path / "backup"
    run("backup", folder)
    manifest = manifest_in(folder)
    blob = next(path for path in sorted((folder / "blobs").rglob("*")) if path.is_file())
    match what:
        case "dump":
            (folder / manifest["dump"]).write_bytes(b"PGDMP")
        case "blob":
            content = blob.read_bytes()
            blob.unlink()  # a link to the index's own
            blob.write_bytes(content[::-1])
        case "missing blob":
            blob.unlink()
        case "secret":
            (folder / "secret.key").unlink()
        case "version":
            (folder / "manifest.json").write_text(json.dumps(manifest | {"version": "9999.1"}))
    result = run("restore", folder, **elsewhere)
    assert result.exit_code == 1
    assert ("Warehouse 9999.1" if what == "version" else "damaged") in result.stderr
    with psycopg.connect(libpq_url(elsewhere["DATABASE_URL"])) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_an_interrupted_restore_is_run_again(run, index, tmp_path, elsewhere, opened, monkeypatch):
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    run("backup", tmp_path / "backup")

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("warehouse.operations.backup.restoring.load", power_cut)
        assert run("restore", tmp_path / "backup", **elsewhere).exit_code == 1
    assert run("restore", tmp_path / "backup", **elsewhere).exit_code == 0
    assert opened().filenames("demo") == ["demo-1.0-py3-none-any.whl"]


def test_programs_that_are_missing_or_too_old_are_named(run, index, tmp_path, monkeypatch):
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    result = run("backup", tmp_path / "backup")
    assert result.exit_code == 1
    assert "pg_dump is not on the PATH. Install the client programs of PostgreSQL" in result.stderr
    (programs / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.2'\n")
    (programs / "pg_dump").chmod(0o755)
    result = run("backup", tmp_path / "backup")
    assert result.exit_code == 1
    assert "pg_dump is of PostgreSQL 9, older than the server." in result.stderr


def test_two_backups_at_a_time_into_one_folder_are_refused(run, index, tmp_path):
    (tmp_path / "backup").mkdir()
    descriptor = os.open(tmp_path / "backup", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        result = run("backup", tmp_path / "backup")
    finally:
        os.close(descriptor)
    assert (result.exit_code, "is running. Wait until it is done." in result.stderr) == (1, True)
