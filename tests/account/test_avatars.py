"""The pictures of people: drawn here, or at a service that an operator chose."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from tests.web.client import site
from tests.web.test_appearance import contrast
from warehouse.domain.accounts import Email, User
from warehouse.settings import load_settings
from warehouse.web.avatars import avatar_of, avatar_origin, drawn_from
from warehouse.web.pages.avatar.drawing import NEUTRAL, draw

GRAVATAR_LIKE = "https://avatars.example.org/{hash}?s={size}&d=mp"


def person(username="Ada", address=" Ada@Example.com ", **details):
    return User(username=username, emails=[Email(address=address, is_primary=True)], **details)


def settings(avatar_url=None):
    return load_settings({"WAREHOUSE_SITE__AVATAR_URL": avatar_url} if avatar_url else {})


def test_without_a_service_nothing_but_the_name_goes_into_the_address_of_a_picture():
    found = avatar_of(settings(), person(), 225)
    assert re.fullmatch(r"/avatar/[0-9a-f]{16}\.svg", found)
    assert found == avatar_of(settings(), person("ADA", "other@example.com"), 22)
    assert found != avatar_of(settings(), person("eve"), 225)
    assert avatar_origin(settings()) is None


def test_a_service_is_asked_by_the_md5_of_the_trimmed_address_in_lower_case():
    found = avatar_of(settings(GRAVATAR_LIKE), person(), 225)
    assert found == "https://avatars.example.org/3e3417d7ef77d5932a6734b916515ed5?s=225&d=mp"
    assert avatar_origin(settings(GRAVATAR_LIKE)) == "https://avatars.example.org"


def test_somebody_without_an_address_is_drawn_here_all_the_same():
    assert avatar_of(settings(GRAVATAR_LIKE), User(username="bot", emails=[]), 22) == f"/avatar/{drawn_from('bot')}.svg"


@pytest.mark.parametrize("service", [None, GRAVATAR_LIKE])
def test_a_hidden_picture_is_the_same_for_everybody(service):
    assert avatar_of(settings(service), person(hide_avatar=True), 225) == "/avatar/neutral.svg"


@pytest.mark.parametrize("first", range(0, 256, 5))
def test_what_is_drawn_is_symmetrical_and_can_be_seen(first):
    drawing = draw(bytes([first, 0b0101_0101, 0b1100_1010]))
    root = ElementTree.fromstring(drawing)
    ground, squares = (path.attrib for path in root)
    places = {tuple(map(int, place)) for place in re.findall(r"M(\d) (\d)h1v1h-1z", squares["d"])}
    assert places == {(6 - column, row) for column, row in places}
    assert contrast(ground["fill"], squares["fill"]) >= 3


def test_a_drawing_holds_nothing_that_a_policy_would_have_to_allow():
    for drawing in (NEUTRAL, draw(b"abc"), draw(b"\0\0\0")):
        ElementTree.fromstring(drawing)
        assert not re.search(r"style|script|href|<text", drawing.replace("http://www.w3.org/2000/svg", ""))


def test_a_picture_is_kept_for_ever_and_looks_nothing_up(tools):
    web = site(tools)
    for path in (f"/avatar/{drawn_from('ada')}.svg", "/avatar/neutral.svg"):
        got = web.get(path)
        assert (got.status, got.headers["content-type"]) == (200, "image/svg+xml; charset=UTF-8")
        assert got.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "default-src 'none'" in got.headers["content-security-policy"]


@pytest.mark.parametrize("name", ["ada", "0" * 15, "0" * 17, "G" * 16, "Neutral"])
def test_there_is_no_picture_of_anything_else(tools, name):
    assert site(tools).get(f"/avatar/{name}.svg").status == 404
