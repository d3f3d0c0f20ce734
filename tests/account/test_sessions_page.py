"""Where one is signed in, and signing out there."""

from __future__ import annotations

import pytest

from tests.upload.attempts import run
from tests.web.browser import browser

PAGE = "/manage/account/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


def signed_in(index, name="ada", **details):
    visitor = browser(index.tools, **details)
    visitor.sign_in(name)
    return visitor


@pytest.fixture
def here(index):
    index.user("ada", verified=True)
    return signed_in(index, user_agent=FIREFOX)


def test_each_browser_is_shown_with_place_and_device(index, here):
    signed_in(index, address="198.51.100.4", user_agent="curl/8.9.1")
    text = here.open(PAGE).text
    assert text.index("Firefox 130 on Linux") < text.index("curl 8.9.1")
    assert "From 198.51.100.4." in text
    assert text.count("this browser") == 1


def test_one_of_them_is_signed_out(index, here):
    other = signed_in(index)
    here.open(PAGE)
    ((session_id,),) = run(index, "SELECT id::text FROM user_sessions ORDER BY created_at DESC LIMIT 1")
    assert "That browser is signed out." in here.submit(action=f"{PAGE}{session_id}/end/").text
    assert other.get(PAGE).status == 303
    assert here.get(PAGE).status == 200


def test_all_others_are_signed_out(index, here):
    others = [signed_in(index) for _ in range(2)]
    here.open(PAGE)
    assert "All other browsers are signed out." in here.submit(action=f"{PAGE}end-others/").text
    assert [other.get(PAGE).status for other in (*others, here)] == [303, 303, 200]


def test_ones_own_is_signed_out_too(index, here):
    here.open(PAGE)
    ((session_id,),) = run(index, "SELECT id::text FROM user_sessions")
    got = here.submit(action=f"{PAGE}{session_id}/end/")
    assert here.path.startswith("/account/login/"), got
    assert run(index, "SELECT count(*) FROM user_sessions") == [(0,)]


@pytest.mark.parametrize("session_id", ["00000000-0000-0000-0000-000000000001", "nothing"])
def test_sessions_of_others_are_left_alone(index, here, session_id):
    index.user("eve", verified=True)
    hers = signed_in(index, "eve")
    ((found,),) = run(
        index,
        "SELECT s.id::text FROM user_sessions s JOIN users u ON u.id = s.user_id WHERE u.username = 'eve'",
    )
    here.open(PAGE)
    for strange in (session_id, found):
        assert "That browser is not signed in any more." in here.post(f"{PAGE}{strange}/end/").text
    assert hers.get(PAGE).status == 200


def test_nobody_sees_it_without_signing_in(index):
    assert browser(index.tools).get(PAGE).status == 303
