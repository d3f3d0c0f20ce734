"""Rendering what strangers write, within limits."""

import os
import signal
import threading
import time

import psycopg
import pytest
from sqlalchemy import text

from tests.builders import wheel
from warehouse.domain.journal.writing import CHANNEL
from warehouse.domain.packaging import Description
from warehouse.infra.db import libpq_url
from warehouse.operations import descriptions, rendering
from warehouse.operations.descriptions import render_description, render_old_descriptions
from warehouse.operations.rendering import check, render
from warehouse.standards import readme
from warehouse.standards.readme import BadDescription

# Finding the cells of a grid table takes time that grows with the square of its size.
SLOW = "\n".join(["+--" * 80 + "+", "|a " * 80 + "|"] * 80 + ["+--" * 80 + "+"])


@pytest.fixture(autouse=True)
def _end_the_child():
    yield
    rendering._child._end()


def test_a_description_is_rendered_as_it_would_be_here():
    for raw, kind in (("*Hello* `world`", "text/markdown"), ("Hello\n=====\n\n**you**", None), ("<b>", "text/plain")):
        assert render(raw, kind) == readme.render(raw, kind)


def test_what_does_not_render_is_refused_with_the_same_sentence():
    with pytest.raises(BadDescription) as here:
        readme.render(":nonsense:`x`", "text/x-rst")
    with pytest.raises(BadDescription) as there:
        check(":nonsense:`x`", "text/x-rst")
    assert str(there.value) == str(here.value)


def test_the_child_is_kept_and_replaced_when_it_dies():
    render("one", "text/markdown")
    first = rendering._child._process.pid
    render("two", "text/markdown")
    assert rendering._child._process.pid == first
    os.kill(first, signal.SIGKILL)
    time.sleep(0.1)
    assert "three" in render("three", "text/markdown")


def test_a_description_that_takes_too_long_is_refused_and_the_next_one_is_not(monkeypatch):
    monkeypatch.setattr(rendering, "TIME_LIMIT", 0.3)
    with pytest.raises(BadDescription, match="takes too long"):
        render(SLOW, "text/x-rst")
    monkeypatch.setattr(rendering, "TIME_LIMIT", 10.0)
    assert "fine" in render("fine", "text/markdown")


def test_many_at_once_all_get_their_own_answer():
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        answers[number] = render(f"number {number}", "text/markdown")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f"number {number}" in answers[number] for number in range(8))


def test_the_child_ends_with_its_parent():
    render("one", "text/markdown")
    process = rendering._child._process
    process.stdin.close()
    assert process.wait(5) == 0


@pytest.mark.parametrize("raw", ["", "[only]: https://example.com"])
def test_a_check_refuses_what_renders_to_nothing(raw):
    with pytest.raises(BadDescription, match="failed to render"):
        check(raw, "text/markdown")


def test_what_people_read_is_made_by_a_job(index):
    dist = wheel(
        "demo", "1.0", description="# Hello\n\n```python\nx = 1\n```", description_content_type="text/markdown"
    )
    assert index.upload(dist, by=index.user("ada")).status == 200
    with index.work() as work:
        found = work.db.query(Description).one()
        assert (found.raw, found.html) == (dist.form()["description"][0], "")
        queued = work.db.execute(text("SELECT task_name, args FROM procrastinate_jobs WHERE queue_name = 'text'")).one()
        assert tuple(queued) == ("render_description", {"release_id": found.release_id})
        render_description(work, found.release_id)
        assert found.html == readme.render(found.raw, "text/markdown")
        assert found.rendered_by == readme.RENDERER
        render_description(work, found.release_id + 1)  # a release that is gone


def test_a_description_that_no_longer_renders_is_shown_as_text(index):
    index.upload(wheel("demo", "1.0", description="fine"), by=index.user("ada"))
    with index.work() as work:
        found = work.db.query(Description).one()
        found.raw = ":nonsense:`<x>`"
        render_description(work, found.release_id)
        assert found.html == '<pre tabindex="0">:nonsense:`&lt;x&gt;`</pre>'
        assert found.problem.startswith("The description failed to render as reStructuredText, the default")


def test_what_an_older_renderer_made_is_rendered_again_some_at_a_time(index, monkeypatch):
    monkeypatch.setattr(descriptions, "AT_ONCE", 2)
    ada = index.user("ada")
    for version in ("1", "2", "3", "4"):
        index.upload(wheel("demo", version, description=version), by=ada)
    with index.work() as work:
        work.db.execute(text("DELETE FROM procrastinate_jobs"))
        first, *others = work.db.query(Description).order_by(Description.release_id)
        render_description(work, first.release_id)
        for found in others:
            found.rendered_by = "0.1"
    with index.work() as work:
        render_old_descriptions(work)
        render_old_descriptions(work)
        queued = work.db.scalars(text("SELECT (args->>'release_id')::int FROM procrastinate_jobs")).all()
        assert len(queued) == 2 and first.release_id not in queued
        for release_id in queued:
            render_description(work, release_id)
    with index.work() as work:
        assert work.db.query(Description).filter(Description.rendered_by == readme.RENDERER).count() == 3


def test_pages_hear_of_a_description_that_was_rendered_and_of_no_other(index):
    index.upload(wheel("Demo.X", "1.0", description="fine"), by=index.user("ada"))
    url = libpq_url(index.tools.database.url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        for _ in range(2):
            with index.work() as work:
                render_description(work, work.db.query(Description).one().release_id)
        heard = [notice.payload for notice in connection.notifies(timeout=0.2)]
    assert heard == ["again demo-x"]
