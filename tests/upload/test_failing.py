"""Disks, stores and databases that fail in the middle of an upload: a clear answer, and nothing half done."""

import random
import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy import event, text

from tests.builders import wheel
from tests.index import Index
from tests.upload.attempts import Attempt, accepted, blobs, refused, rows, run, temporary_files, token_of
from warehouse.infra.blobs import BlobStoreUnavailable, LocalBlobs
from warehouse.infra.spool import Spool, spool_path


@pytest.fixture
def token(index):
    return token_of(index, index.user("ada"))


class FailingStore(LocalBlobs):
    """A local store that takes nothing, or no small blobs."""

    refuses = "put"

    def put(self, key, path, *, size, synced=False):
        if self.refuses == "put":
            raise BlobStoreUnavailable("The store of files cannot be reached. Try again later.")
        super().put(key, path, size=size, synced=synced)

    def put_bytes(self, key, data):
        raise BlobStoreUnavailable("The store of files cannot be reached. Try again later.")


@pytest.mark.parametrize("refuses", ["put", "put_bytes"])
def test_a_store_that_fails_is_told_and_nothing_is_written(index, token, refuses):
    store = FailingStore(index.tools.blobs.root)
    store.refuses = refuses
    failing = Index(replace(index.tools, blobs=store))
    before = rows(index)
    answer = Attempt(token=token).send(failing)
    assert (answer.status, answer.reason) == (503, "The store of files cannot be reached. Try again later.")
    assert int(dict(answer.headers)["retry-after"]) > 0
    assert rows(index) == before
    assert temporary_files(index) == []
    accepted(index, Attempt(token=token))


@pytest.mark.parametrize("table", ["files", "audit_events", "journal", "project_serials"])
def test_a_database_that_fails_late_leaves_only_blobs_that_nothing_refers_to(index, token, table):
    dist = wheel("demo", "1.0")
    run(index, "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$")
    run(index, f"CREATE TRIGGER fail BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fail()")
    before = rows(index)
    try:
        with pytest.raises(Exception, match="no"):
            Attempt(dist, token=token).send(index)
        assert rows(index) == before
        assert dist.blake2_256 in blobs(index)
        assert temporary_files(index) == []
    finally:
        run(index, f"DROP TRIGGER fail ON {table}")
        run(index, "DROP FUNCTION fail()")
    accepted(index, Attempt(dist, token=token))
    assert index.filenames("demo") == [dist.filename]


@pytest.mark.parametrize("when", ["SELECT tokens", "SELECT flags", "INSERT INTO files", "pg_notify"])
def test_a_database_that_goes_away_is_told_and_nothing_is_written(index, token, when):
    engine = index.tools.database.engine
    before = rows(index)

    def cut(connection, cursor, statement, *details):
        if when in statement:
            with engine.connect() as other:
                victim = cursor.connection.info.backend_pid
                other.execute(text("SELECT pg_terminate_backend(:victim)"), {"victim": victim})

    event.listen(engine, "before_cursor_execute", cut)
    try:
        answer = Attempt(token=token).send(index)
    finally:
        event.remove(engine, "before_cursor_execute", cut)
    assert (answer.status, answer.reason) == (503, "The index cannot reach its database. Try again in a moment.")
    assert "retry-after" in dict(answer.headers)
    engine.dispose()
    assert rows(index) == before
    assert temporary_files(index) == []
    accepted(index, Attempt(token=token))


def test_a_transaction_that_meets_another_is_done_again_with_the_same_file(index, token):
    met = []

    def collide(connection, cursor, statement, *details):
        if "INSERT INTO files" in statement and len(met) < 2:
            met.append(statement)
            cursor.execute("DO $$ BEGIN RAISE serialization_failure; END $$")

    event.listen(index.tools.database.engine, "before_cursor_execute", collide)
    accepted(index, Attempt(token=token))
    event.remove(index.tools.database.engine, "before_cursor_execute", collide)
    assert len(met) == 2
    assert len(index.journal()) == 4


def test_a_collision_that_does_not_end_is_told(index, token):
    def collide(connection, cursor, statement, *details):
        if "INSERT INTO files" in statement:
            cursor.execute("DO $$ BEGIN RAISE unique_violation; END $$")

    event.listen(index.tools.database.engine, "before_cursor_execute", collide)
    answer = Attempt(token=token).send(index)
    event.remove(index.tools.database.engine, "before_cursor_execute", collide)
    assert (answer.status, answer.reason[:31]) == (503, "Too many uploads of the same pr")
    assert index.journal() == []


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte, where the test may mount one."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_is_told_and_the_rest_of_the_file_is_thrown_away(small_disk, index_with):
    index = index_with(DATA=str(small_disk / "data"))
    token = token_of(index, index.user("ada"))
    attempt = Attempt(wheel("demo", "1.0", files={"demo.bin": noise(3 * 1024**2)}), token=token)
    answer = refused(index, attempt, 503, "The disk that takes uploads is full.")
    assert dict(answer.headers)["retry-after"] == "60"
    accepted(index, Attempt(wheel("demo", "1.0"), token=token))


def noise(size):
    return random.Random(size).randbytes(size)


LIMITED = """
import resource, sys
from pathlib import Path
from warehouse.infra.spool import DiskTrouble, Spool
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
spool = Spool(Path(sys.argv[1]))
try:
    spool.write(bytes(200_000))
except DiskTrouble as trouble:
    print(trouble.status, trouble.sentence)
spool.abandon()
"""


def test_a_file_larger_than_the_system_allows_is_told(tmp_path):
    place = tmp_path / "file"
    ran = subprocess.run([sys.executable, "-c", LIMITED, place], capture_output=True, text=True)
    assert ran.stdout.startswith("503 The disk that takes uploads takes no file of this size."), ran.stderr
    assert not place.exists()


def test_what_is_copied_from_a_missing_file_leaves_nothing(tmp_path):
    with pytest.raises(FileNotFoundError):
        spool_path(tmp_path / "missing", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_a_bug_of_the_disk_is_not_taken_for_a_full_one(tmp_path):
    with pytest.raises(FileNotFoundError):
        Spool(tmp_path / "nowhere" / "file")
    (tmp_path / "there").touch()
    with pytest.raises(FileExistsError):
        Spool(tmp_path / "there")
