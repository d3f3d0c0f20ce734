"""Each project has a picture that stands for it where somebody links to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from tests.builders import wheel
from tests.index import Index
from tests.web.client import site
from warehouse.domain.packaging import ProjectStatus
from warehouse.infra import cards
from warehouse.infra.cards import SIZE, Card, drawn
from warehouse.operations.projects import find_project, set_project_status

PLAIN = Card("demo", "1.0", "A kit.", "Index", "packages.example.org")


def test_a_picture_is_of_the_size_that_sites_ask_for():
    image = Image.open(BytesIO(drawn(PLAIN)))
    assert (image.format, image.size) == ("PNG", SIZE)
    assert drawn(PLAIN) == drawn(PLAIN)
    assert len(drawn(PLAIN)) < 30_000


@pytest.mark.parametrize(
    "text",
    ["", "x" * 5000, "word " * 1000, "Grüße — Привет", "中文的摘要", "a\n\t\x00\u202e\ud800b", "\U0001f600" * 50],
)
def test_any_words_can_be_drawn(text):
    drawn(Card("x" * 100, text[:200], text, text, text))


def test_what_the_font_lacks_is_left_out_and_no_text_is_made_of_the_rest():
    same = Card("demo", "1.0", "A kit for everybody who needs one. \U0001f600", "Index", "packages.example.org")
    without = Card("demo", "1.0", "A kit for everybody who needs one.", "Index", "packages.example.org")
    assert drawn(same) == drawn(without)
    assert cards._without_missing("中文的摘要 demo") == ""


@pytest.fixture
def demo(index: Index) -> Index:
    assert index.upload(wheel("Demo.Kit", "1.0", summary="A kit."), by=index.user("ada")).status == 200
    return index


def test_the_index_answers_with_the_picture_of_the_latest_release(demo):
    answer = demo.get("/project/demo-kit/card.png", accept="image/*")
    assert answer.status == 200
    assert b"content-type: image/png" in answer.head
    assert answer.body == drawn(Card("Demo.Kit", "1.0", "A kit.", "Warehouse"))
    assert demo.get("/project/demo-kit/card.png") is answer
    moved = demo.get("/project/Demo.Kit/card.png")
    assert moved.status == 301 and b"location: /project/demo-kit/card.png" in moved.head


def test_a_change_has_it_drawn_anew(demo):
    first = demo.get("/project/demo-kit/card.png")
    with demo.work() as work:
        set_project_status(work, find_project(work, "demo-kit"), ProjectStatus.ARCHIVED)
    demo.follower.catch_up()
    assert demo.get("/project/demo-kit/card.png") is not first
    with demo.work() as work:
        project = find_project(work, "demo-kit")
        project.status = ProjectStatus.QUARANTINED
    demo.cache.drop("demo-kit")
    assert demo.get("/project/demo-kit/card.png").status == 404


@pytest.mark.parametrize("name", ["nobody", "no%20name", "-"])
def test_what_is_no_project_has_none(demo, name):
    assert demo.get(f"/project/{name}/card.png").status == 404


def test_pages_beside_it_are_left_to_others(demo):
    assert not demo.doors._doors["project"].owns("/project/demo-kit/")


@pytest.mark.parametrize(("age", "has_one"), [(31, True), (29, False)])
def test_the_page_of_a_project_that_is_not_new_names_its_picture(demo, age, has_one):
    demo.change_project("demo-kit", created_at=datetime.now(UTC) - timedelta(days=age))
    page = site(demo.tools).ask("GET", "/project/Demo.Kit/").text
    named = '/project/demo-kit/card.png">'
    assert (named in page) is has_one
    assert ('content="summary_large_image"' in page) is has_one
