"""What a small upload costs, so that it does not creep up unnoticed."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import pytest
from sqlalchemy import event

from tests.builders import Dist, wheel
from tests.index import Index
from tests.upload.attempts import token_of
from warehouse.infra.spool import Spool
from warehouse.operations.upload import Posted, PostedFile, receive
from warehouse.standards.metadata import clean
from warehouse.work import attempt

README = "# Demo\n\nA paragraph with *emphasis*, `code` and a [link](https://example.com/).\n\n* one\n* two\n\n" * 20


def built(number: int, version: str = "1.0") -> Dist:
    """A wheel of 20 KB with all that most wheels say about themselves."""
    return wheel(
        "demo",
        version,
        tag="py3-none-win_amd64",
        build=str(number),
        files={"demo.py": random.Random(number).randbytes(18_000)},
        description=README,
        description_content_type="text/markdown",
        author_email="Ada <ada@example.com>",
        project_urls=["Home, https://example.com/"],
        requires_dist=["idna>=3", "six", "attrs>=22"],
    )


@contextmanager
def statements(index: Index) -> Iterator[list[str]]:
    """The statements that are sent to the database in the block, without BEGIN and COMMIT."""
    seen: list[str] = []

    def note(connection, cursor, statement, *details):
        seen.append(statement)

    event.listen(index.tools.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(index.tools.database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("dist", "most"),
    [
        pytest.param(built(1), 10, id="one more file"),
        pytest.param(built(1, "2.0"), 14, id="a new release"),
        pytest.param(built(0), 4, id="the same file again"),
    ],
)
def test_an_upload_to_an_existing_project_takes_few_statements(index, dist, most):
    ada = index.user("ada")
    token = token_of(index, ada)
    assert index.upload(built(0), token=token).status == 200
    with statements(index) as seen:
        assert index.upload(dist, token=token).status == 200
    assert len(seen) <= most, "\n".join(seen)


@pytest.mark.slow
def test_an_upload_takes_little_processor_time(index):
    """Twice as much as a quiet machine takes, for the busy ones."""
    ada = index.user("ada")
    index.upload(built(0), by=ada)
    times = []
    for number in range(1, 41):
        dist = built(number)
        spool = Spool(index.tools.blobs.temporary())
        spool.write(dist.content)
        posted = Posted(clean(dist.form()), [], PostedFile(dist.filename, "text/plain", spool.finish()))
        started = time.thread_time()
        attempt(index.tools, index.actor(ada), receive, posted)
        times.append(time.thread_time() - started)
        spool.abandon()
    assert median(times) < 0.012
