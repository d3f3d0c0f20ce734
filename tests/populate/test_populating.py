"""`warehouse dev populate`: an index that is whole but for the bytes, made at once or not at all."""

from __future__ import annotations

import re

import orjson
import pytest
from sqlalchemy import inspect, text

from tests.builders import wheel
from tests.index import JSON
from warehouse.errors import Conflict, NotFound
from warehouse.follow import FOLLOWERS, lag, rebuild
from warehouse.follow.totals import totals_of
from warehouse.infra.db import Base
from warehouse.operations.checking import check_index
from warehouse.operations.populating import populate
from warehouse.server.files import prepare
from warehouse.standards.http import Ask
from warehouse.standards.names import normalize


def filled(index, count: int = 60, **options) -> int:
    return populate(index.tools, count, seed=3, **options)


def rows(index, query: str) -> list[tuple]:
    with index.work() as work:
        return [tuple(row) for row in work.db.execute(text(query))]


def numbers(index) -> dict[str, int]:
    tables = ("users", "projects", "roles", "releases", "descriptions", "files", "file_names", "journal")
    return {table: rows(index, f"SELECT count(*) FROM {table}")[0][0] for table in tables}


def indexes(index) -> list[tuple]:
    return rows(index, "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexdef") + rows(
        index,
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2",
    )


def test_the_index_is_whole_but_for_the_bytes(index):
    filled(index)
    report = check_index(index.tools, files=False)
    assert report.findings == []
    assert (report.projects, report.files) == (60, 0)
    assert report.releases > 60
    with_files = check_index(index.tools)
    assert with_files.found > 0
    assert {finding.code for finding in with_files.findings} == {"blob_missing", "metadata_missing"}


def test_pages_are_answered_and_missing_files_are_not_found(index):
    serial = filled(index)
    listed = orjson.loads(index.get("/simple/", accept=JSON).body)["projects"]
    assert len(listed) == 60
    seen = set()
    for name in [normalize(entry["name"]) for entry in listed]:
        page = index.simple(name)
        assert page["files"] and 0 < page["meta"]["_last-serial"] <= serial
        assert index.get(f"/pypi/{page['name']}/json").status == 200
        for file in page["files"]:
            if (kind := (file["filename"][-3:], file["size"] > 2**17)) not in seen:
                seen.add(kind)
                for path in (file["url"], file["url"] + ".metadata"):
                    with pytest.raises(NotFound):
                        prepare(index.doors.answer, Ask("GET", path, "", {}))
    assert len(seen) == 4, "sdists and wheels, small and large"


def test_what_was_there_before_stays_as_it_was(index):
    before = indexes(index)
    ada = index.user("ada")
    filled(index)
    assert indexes(index) == before
    assert index.upload(wheel("demo", "1.0"), by=ada).status == 200
    assert index.filenames("demo") == ["demo-1.0-py3-none-any.whl"]


def test_the_journal_tells_what_uploads_would_have_told(index):
    filled(index)
    entries = rows(index, "SELECT serial, change, action, version, submitted_at FROM journal ORDER BY serial")
    assert [entry[0] for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry[4] for entry in entries] == sorted(entry[4] for entry in entries)
    counted = numbers(index)
    told = {change: sum(entry[1] == change for entry in entries) for change in {entry[1] for entry in entries}}
    yanked = rows(index, "SELECT count(*) FROM releases WHERE yanked_at IS NOT NULL")[0][0]
    assert told == {
        "project created": 60,
        "people changed": counted["roles"],
        "release created": counted["releases"],
        "file added": counted["files"],
        "release yanked": yanked,
    }
    [(name,)] = rows(index, "SELECT normalized_name FROM projects ORDER BY created_at LIMIT 1")
    first = rows(index, f"SELECT action FROM journal WHERE normalized_name = '{name}' ORDER BY serial LIMIT 4")
    assert [re.sub(r"(Owner|source|py3 file|cp\d+) .*", r"\1", action) for (action,) in first[:3]] == [
        "create", "add Owner", "new release",
    ]  # fmt: skip


def test_the_same_seed_makes_the_same_index(index):
    filled(index, 20)
    query = (
        "SELECT filename, sha256, version, version_key, journal.serial, submitted_by FROM files JOIN releases ON"
        " releases.id = release_id JOIN journal USING (version) WHERE action LIKE '% ' || filename ORDER BY 1"
    )
    first = rows(index, query)
    assert first
    with index.work() as work:
        tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
        work.db.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    filled(index, 20)
    assert rows(index, query) == first


def test_an_index_that_is_not_empty_is_refused_and_left_alone(index):
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    before = numbers(index), indexes(index)
    with pytest.raises(Conflict, match=r"not empty.*--force"):
        filled(index)
    assert (numbers(index), indexes(index)) == before


def test_used_names_of_files_that_are_gone_make_an_index_not_empty(index):
    with index.work() as work:
        work.db.execute(text("INSERT INTO file_names (filename) VALUES ('gone-1.0.tar.gz')"))
    with pytest.raises(Conflict):
        filled(index)
    assert rows(index, "SELECT filename FROM file_names") == [("gone-1.0.tar.gz",)]


def test_an_index_can_be_extended(index):
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    once = filled(index, 20, extend=True)
    before = numbers(index)
    twice = filled(index, 20, extend=True)
    assert twice > once
    assert numbers(index)["projects"] == 41
    assert all(count > before[table] for table, count in numbers(index).items())
    report = check_index(index.tools, files=False)
    assert report.findings == []
    assert index.filenames("demo") == ["demo-1.0-py3-none-any.whl"]


def test_what_breaks_off_leaves_nothing_behind(index):
    before = numbers(index), indexes(index)

    def break_off(what: str, done: int, total: int) -> None:
        if what == "journal":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filled(index, progress=break_off)
    assert (numbers(index), indexes(index)) == before
    filled(index)
    assert numbers(index)["projects"] == 60


def test_the_followers_need_not_chew_what_was_rebuilt(index):
    filled(index)
    for follower in FOLLOWERS:
        rebuild(index.tools, follower)
        assert lag(index.tools, follower) == 0
    [(name, files)] = rows(
        index,
        "SELECT normalized_name, count(*) FROM files JOIN projects ON projects.id = project_id"
        " GROUP BY 1 ORDER BY 2 DESC LIMIT 1",
    )
    with index.work() as work:
        totals = totals_of(work.db, name)
        assert totals is not None and totals.files == files


def test_every_column_that_an_upload_fills_is_filled(index):
    """A column that is new in the schema must be invented, too, or measuring would measure something else."""
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    filled(index, extend=True)
    for table in ("projects", "releases", "files", "journal", "roles"):
        of_demo = f"SELECT * FROM {table} ORDER BY {'created_at DESC' if table == 'projects' else '1'} LIMIT 1"
        with index.work() as work:
            used = {
                name for name, value in work.db.execute(text(of_demo)).mappings().one().items() if value is not None
            }
            names = {column["name"] for column in inspect(work.db.connection()).get_columns(table)}
            filled_in = work.db.execute(
                text(f"SELECT {', '.join(f'count({name}) AS {name}' for name in names)} FROM {table}")
            )
            counts = filled_in.mappings().one()
        assert {name for name in used if counts[name] <= 1} == set(), table


def test_the_command_says_what_it_did(run, index):
    said = run("dev", "populate", "--projects", "5", "--seed", "9")
    assert said.exit_code == 0
    assert re.match(r"Added 5 projects in \d+ seconds; the newest serial is \d+\.", said.stdout)
    again = run("dev", "populate", "--projects", "5")
    assert again.exit_code == 1
    assert "not empty" in again.stderr
    assert run("dev", "populate", "--projects", "5", "--force", "--files-per-project", "2").exit_code == 0
    assert run("check", "--no-files").exit_code == 0
    assert run("check").exit_code == 1
