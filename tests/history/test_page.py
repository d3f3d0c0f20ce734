"""The history of one's own account on the site, and as files."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import warehouse.events
from tests.upload.attempts import run
from tests.web.browser import browser
from warehouse.operations import history
from warehouse.operations.history import Happened
from warehouse.web.pages.manage.history.labels import LABELS, facts_of
from warehouse.web.pages.manage.history.page import ON_A_PAGE

PAGE = "/manage/account/history/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


@pytest.fixture
def ada(index):
    return index.user("ada", verified=True)


@pytest.fixture
def page(index, ada):
    visitor = browser(index.tools, user_agent=FIREFOX)
    visitor.sign_in("ada")
    return visitor


def happened(index, ada, tag="account:login:success", *, actor="ada", days=0, count=1, agent="'x'", **details):
    run(
        index,
        "INSERT INTO audit_events (at, subject, tag, actor, address, user_agent, details) "
        f"SELECT now() - make_interval(days => :days), :subject, :tag, :actor, '203.0.113.9', {agent}, '{{}}' "
        "FROM generate_series(1, :count)",
        subject=f"account:{ada.id}",
        tag=tag,
        actor=actor,
        days=days,
        count=count,
    )


def test_what_happened_is_told_in_words(page):
    text = page.open(PAGE).text
    assert "Signed in" in text
    assert "with the password" in text
    assert "From 192.0.2.1, with Firefox 130 on Linux." in " ".join(text.split())


@pytest.mark.parametrize(
    ("tag", "details", "facts"),
    [
        ("account:two_factor:method_added", {"method": "totp"}, ["authentication app"]),
        ("account:two_factor:method_added", {"method": "webauthn", "label": "blue"}, ["security key", "blue"]),
        ("account:login:success", {"two_factor_method": "totp"}, ["with a code"]),
        ("account:password:disabled", {"reason": "compromised"}, ["it is in lists of stolen passwords"]),
        ("account:api_token:added", {"description": "password"}, ["password"]),
        ("account:email:unverified", {"email": "a@b.c", "reason": "hard bounce"}, ["a@b.c", "mail to it came back"]),
    ],
)
def test_facts_are_told_in_words_where_they_are_ours(tag, details, facts):
    assert list(facts_of(Happened(1, datetime.now(UTC), tag, "ada", None, None, details))) == facts


def test_times_are_those_of_the_readers_zone(index, ada, page):
    run(index, "UPDATE users SET time_zone = 'Asia/Tokyo'")
    assert re.search(r"\d\d:\d\d JST", page.open(PAGE).text)


def test_where_somebody_else_was_is_not_told(index, ada, page):
    happened(index, ada, "account:password:set", actor="root")
    text = page.open(PAGE).text
    assert "By root." in text
    assert "From where is not told" in text
    assert "203.0.113.9" not in text
    for form in ("json", "csv"):
        assert "203.0.113.9" not in page.get(f"{PAGE}export.{form}").text


def test_those_who_have_no_account_here_are_told_of_in_words(page):
    text = page.open(PAGE).text
    assert "By those who run the index." in text
    assert "From where is not told" not in text
    assert "anonymous" not in text


def test_what_is_older_than_ninety_days_is_not_shown(index, ada, page):
    happened(index, ada, "account:freeze", days=91)
    happened(index, ada, "account:unfreeze", days=89)
    text = page.open(PAGE).text
    assert "Account no longer frozen" in text
    assert "Account frozen" not in text


def test_one_page_leads_to_the_next_and_a_kind_is_kept(index, ada, page):
    happened(index, ada, "account:api_token:added", count=ON_A_PAGE + 1)
    first = page.open(f"{PAGE}?kind=tokens")
    assert first.text.count("API token made") == ON_A_PAGE
    assert "Signed in" not in first.text
    (older,) = re.findall(r'href="(/manage/account/history/\?before=[^"]+)"', first.text)
    second = page.open(older.replace("&amp;", "&"))
    assert second.text.count("API token made") == 1
    assert "Older events" not in second.text


@pytest.mark.parametrize(
    "query", ["kind=x", "before=x", "before=-1", "before=" + "9" * 19, "before=%C2%B2", "before=1e3"]
)
def test_what_cannot_be_asked_for_is_refused(page, query):
    assert page.get(f"{PAGE}?{query}").status == 400


def test_all_of_it_is_saved_in_batches(index, ada, page, monkeypatch):
    monkeypatch.setattr(history, "BATCH", 7)
    happened(index, ada, count=20)
    got = page.get(f"{PAGE}export.json")
    assert (got.status, got.headers["content-type"]) == (200, "application/json")
    assert got.headers["content-disposition"] == 'attachment; filename="security-history.json"'
    assert got.headers["cache-control"] == "private, no-store"
    assert len(got.json) == 22
    assert set(got.json[0]) == {"at", "tag", "actor", "address", "device", "details"}
    rows = list(csv.reader(io.StringIO(page.get(f"{PAGE}export.csv").text)))
    assert len(rows) == 23
    assert page.get(f"{PAGE}export.json?kind=password").json == []


def test_no_cell_is_a_formula(index, ada, page):
    happened(index, ada, agent="'=cmd|x'")
    text = page.get(f"{PAGE}export.csv").text
    assert ",'=cmd|x," in text


def test_what_somebody_smuggled_in_stays_text(index, ada, page):
    happened(index, ada, "<b>", agent="'<script>alert(1)</script>'")
    text = page.open(PAGE).text
    assert "&lt;script&gt;" in text
    assert "<script>" not in text


@pytest.mark.parametrize("path", ["", "export.json", "export.csv", "export.xml"])
def test_nobody_sees_it_without_signing_in(index, path):
    assert browser(index.tools).get(PAGE + path).status in (303, 404)


def test_every_tag_of_an_account_has_words():
    folder = Path(warehouse.events.__file__).parent
    found = {tag for path in folder.rglob("*.py") for tag in re.findall(r'"(account:[a-z_:]+[a-z])"', path.read_text())}
    assert found - set(LABELS) == set()
