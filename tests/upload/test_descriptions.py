"""Rendering what strangers write, within limits."""

import os
import signal
import threading
import time

import pytest
from sqlalchemy import text

from tests.builders import wheel
from warehouse.domain.packaging import Description
from warehouse.operations import rendering
from warehouse.operations.descriptions import render_description
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
