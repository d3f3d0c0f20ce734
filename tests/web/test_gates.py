"""Who gets to a page, and what a form has to bring along."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from pyramid.config import Configurator
from pyramid.response import Response

from tests.index import Index
from tests.web.browser import Browser
from tests.web.client import Client
from warehouse.domain.accounts import User, UserSession
from warehouse.operations.sessions import admit
from warehouse.settings import load_settings
from warehouse.web.app import configured, finished
from warehouse.web.pages.account.reauthenticate.page import ReauthenticationPage
from warehouse.web.rendering import render
from warehouse.web.security.gates import Needs
from warehouse.web.signing_in import admit_visitor, dismiss_visitor
from warehouse.work import Tools

SECURED = {"WAREHOUSE_ACCESS__REQUIRE_VERIFIED_EMAIL": "true", "WAREHOUSE_ACCESS__REQUIRE_SECOND_FACTOR": "true"}


def page(request):
    """Any page with a form."""
    return render(request, "pages/account/reauthenticate/page.html", ReauthenticationPage("ada", "home", "{}", "{}"))


@pytest.fixture
def made(tools: Tools):
    """A site with pages that need ever more, and a way in without a password."""

    def add(config: Configurator) -> None:
        def enter(request) -> Response:
            user = request.work.db.query(User).filter_by(username=request.GET["as"]).one()
            response = Response("in")
            admit_visitor(request, response, admit(request.work, user, method="password"), user)
            return response

        def leave(request) -> Response:
            response = Response("out")
            dismiss_visitor(request, response)
            return response

        def change(request) -> Response:
            request.flash("Changed <it>.")
            return Response("changed")

        views = {
            "enter": (enter, {}),
            "leave": (leave, {"needs": Needs.SIGNED_IN}),
            "signed_in": (page, {"needs": Needs.SIGNED_IN}),
            "verified": (page, {"needs": Needs.VERIFIED}),
            "secured": (page, {"needs": Needs.SECURED}),
            "sensitive": (page, {"needs": Needs.SIGNED_IN, "recent": True}),
            "very_sensitive": (page, {"needs": Needs.SIGNED_IN, "recent": timedelta(seconds=10)}),
        }
        for name, (view, options) in views.items():
            config.add_route(f"t.{name}", f"/t/{name}/")
            config.add_view(view, route_name=f"t.{name}", request_method="GET", **options)
        config.add_route("t.sensitive.change", "/t/sensitive/change/")
        options = {"needs": Needs.SIGNED_IN, "recent": True}
        config.add_view(change, route_name="t.sensitive.change", request_method="POST", **options)
        config.add_route("t.hook", "/t/hook/")
        config.add_view(change, route_name="t.hook", request_method="POST", csrf=False)
        config.add_route("t.change", "/t/change/")
        config.add_view(change, route_name="t.change", request_method="POST")

    def make(**environ: str) -> Browser:
        settings = load_settings({"WAREHOUSE_DATA": str(tools.settings.data), **environ})
        config = configured(replace(tools, settings=settings))
        add(config)
        return Browser(Client(finished(config)))

    return make


def test_strangers_are_led_to_the_form_and_from_there_back(made):
    got = made().get("/t/signed_in/?page=2")
    assert (got.status, got.headers["location"]) == (303, "/account/login/?next=%2Ft%2Fsigned_in%2F%3Fpage%3D2")


def test_who_is_signed_in_sees_the_page_and_their_name_on_it(made, index: Index):
    index.user("ada")
    browser = made()
    browser.get("/t/enter/?as=ada")
    got = browser.get("/t/signed_in/")
    assert got.status == 200 and "ada" in got.page.text("header")
    assert got.headers["cache-control"] == "private, no-store"


def test_the_cookies_are_kept_from_scripts_and_other_sites(made, index: Index):
    index.user("ada")
    browser = made()
    browser.get("/t/enter/?as=ada")
    session, known = browser.set_cookies
    assert session.startswith("session_id=") and "HttpOnly" in session and "SameSite=Lax" in session
    assert known.startswith("user_id__insecure=") and "HttpOnly" not in known
    browser = made()
    browser.environ["wsgi.url_scheme"] = "https"
    browser.get("/t/enter/?as=ada")
    assert browser.set_cookies[0].startswith("__Host-session_id=")
    assert {"secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(browser.set_cookies[0].split("; "))


def test_signing_out_ends_the_session_and_not_only_the_cookie(made, index: Index):
    index.user("ada")
    browser = made()
    browser.get("/t/enter/?as=ada")
    kept = dict(browser.cookies)
    browser.get("/t/leave/")
    assert browser.cookies == {}
    browser.cookies = kept
    assert browser.get("/t/signed_in/").status == 303


def test_signing_in_again_ends_the_session_from_before(made, index: Index):
    index.user("ada")
    browser = made()
    browser.get("/t/enter/?as=ada")
    before = dict(browser.cookies)
    browser.get("/t/enter/?as=ada")
    assert browser.cookies["session_id"] != before["session_id"]
    with index.work() as work:
        assert work.db.query(UserSession).count() == 1


@pytest.mark.parametrize(
    ("verified", "needs", "leads_to"),
    [
        (False, "verified", "/manage/unverified-account/"),
        (False, "secured", "/manage/unverified-account/"),
        (True, "verified", None),
        (True, "secured", "/manage/account/two-factor/"),
    ],
)
def test_who_is_not_known_well_enough_is_led_to_where_that_is_mended(made, index: Index, verified, needs, leads_to):
    index.user("ada", verified=verified)
    browser = made(**SECURED)
    browser.get("/t/enter/?as=ada")
    got = browser.get(f"/t/{needs}/")
    assert got.leads_to.partition("?")[0] == (leads_to or "")
    assert browser.get("/t/signed_in/").status == 200


def test_an_index_that_asks_for_neither_lets_everybody_on(made, index: Index):
    index.user("ada", verified=False)
    browser = made()
    browser.get("/t/enter/?as=ada")
    assert browser.get("/t/secured/").status == 200


def test_after_a_while_sensitive_pages_ask_for_the_password(made, index: Index):
    index.user("ada")
    browser = made()
    browser.get("/t/enter/?as=ada")
    assert browser.get("/t/sensitive/").status == 200
    with index.work() as work:
        work.db.query(UserSession).one().authenticated_at -= timedelta(minutes=31)
    got = browser.get("/t/sensitive/?page=2")
    assert got.status == 200
    hidden = {
        e.attributes["name"]: e.attributes["value"] for e in got.page.all("input") if e.attributes["type"] == "hidden"
    }
    assert hidden["next_route"] == "t.sensitive" and hidden["next_route_query"] == '{"page":"2"}'
    assert browser.get("/t/signed_in/").status == 200


def test_a_form_that_meets_the_question_loses_what_was_typed_and_leads_back_to_its_page(made, index: Index):
    index.user("ada")
    browser = made()
    browser.get("/t/enter/?as=ada")
    browser.get("/t/sensitive/")
    with index.work() as work:
        work.db.query(UserSession).one().authenticated_at -= timedelta(minutes=31)
    got = browser.post("/t/sensitive/change/")
    assert got.status == 200 and 'value="t.sensitive"' in got.text


def test_a_form_needs_the_token_of_its_session(made, index: Index):
    index.user("ada")
    browser = made()
    browser.get("/t/enter/?as=ada")
    browser.get("/t/sensitive/")
    assert browser.post("/t/sensitive/change/").text == "changed"
    for token in ("", "x" * 43):
        got = browser.post("/t/sensitive/change/", csrf_token=token)
        assert got.status == 403 and "not from your present session" in got.text


@pytest.mark.parametrize("headers", [{"HTTP_SEC_FETCH_SITE": "cross-site"}, {"HTTP_ORIGIN": "https://evil.test"}])
def test_a_form_from_another_site_is_refused_also_before_anybody_signed_in(made, headers):
    browser = made()
    browser.environ.update(headers)
    assert browser.post("/t/change/").status == 403


def test_calls_of_machines_bring_no_token(made):
    browser = made()
    browser.environ["HTTP_ORIGIN"] = "https://elsewhere.test"
    assert browser.post("/t/hook/").status == 200


def test_what_is_to_be_said_is_said_on_the_next_page_and_only_there(made, index: Index):
    browser = made()
    browser.post("/t/change/")
    got = browser.open("/")
    assert "Changed &lt;it&gt;." in got.text and got.headers["cache-control"] == "private, no-store"
    assert "Changed" not in browser.open("/").text


def test_nobody_else_puts_words_into_our_mouth(made):
    browser = made()
    browser.cookies["flashes"] = "eyIwIjoiZXJyb3I6Q2FsbCArNDkifQ.aaaa.bbbb"
    got = browser.open("/")
    assert got.status == 200 and "Call" not in got.text
