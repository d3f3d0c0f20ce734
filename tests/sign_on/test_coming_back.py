"""The way to an issuer and back: what was asked is answered once, by that issuer, to that browser."""

from __future__ import annotations

import json
import logging
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tests.sign_on.issuer import LocalIssuer, new_key
from tests.sign_on.test_id_tokens import jwt_of
from tests.sign_on.trip import Trip
from warehouse.domain.site.once import Once
from warehouse.errors import Invalid, NotFound, TooMany, Unavailable
from warehouse.infra import oidc
from warehouse.operations import sign_on
from warehouse.operations.sign_on import Aim


def test_somebody_new_comes_back_as_a_new_user(trip):
    arrived = trip().make(next="/manage/projects/?page=2")
    assert (arrived.user.username, arrived.is_new, arrived.next) == ("ada", True, "/manage/projects/?page=2")


def test_an_answer_counts_once(trip):
    way = trip()
    leaving = way.leave()
    query = way.at_the_issuer(leaving)
    way.come_back(query, leaving.browser)
    with pytest.raises(Invalid, match="used already"):
        way.come_back(query, leaving.browser)


def test_an_answer_counts_once_also_when_it_fails(trip, local):
    way = trip()
    leaving = way.leave()
    query = way.at_the_issuer(leaving)
    local.bad.raw["/token"] = (500, b"")
    with pytest.raises(Unavailable):
        way.come_back(query, leaving.browser)
    local.bad.raw.clear()
    with pytest.raises(Invalid, match="used already"):
        way.come_back(query, leaving.browser)


def test_of_an_answer_that_comes_twice_at_once_one_counts(trip):
    way = trip()
    leaving = way.leave()
    query = way.at_the_issuer(leaving)
    outcomes: list[str] = []

    def come_back() -> None:
        try:
            way.come_back(query, leaving.browser)
            outcomes.append("in")
        except Invalid:
            outcomes.append("out")

    threads = [threading.Thread(target=come_back) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in", *["out"] * 5]
    assert way.users() == ["ada"]


def test_an_answer_that_nobody_asked_for_signs_nobody_in(trip):
    way = trip()
    for state in ("", "x", "x" * 201, "\0"):
        with pytest.raises(Invalid, match="used already"):
            way.come_back({"state": state, "code": "c"}, "b" * 43)


@pytest.mark.parametrize("browser", [None, "", "x" * 43])
def test_an_answer_that_another_browser_asked_for_signs_nobody_in(trip, browser):
    """Else somebody could sign our visitor in as themselves, and read what they then publish."""
    way = trip()
    query = way.at_the_issuer(way.leave())
    with pytest.raises(Invalid, match="another browser"):
        way.come_back(query, browser)
    assert way.users() == []


def test_an_answer_that_comes_too_late_signs_nobody_in(trip):
    way = trip()
    leaving = way.leave()
    query = way.at_the_issuer(leaving)
    with way.index.work() as work:
        work.db.execute(text("UPDATE once SET expires_at = now() - interval '1 second'"))
    with pytest.raises(Invalid, match="took too long"):
        way.come_back(query, leaving.browser)


def test_the_answer_of_one_issuer_is_not_taken_for_that_of_another(trip):
    way = trip()
    leaving = way.leave()
    query = way.at_the_issuer(leaving)
    with pytest.raises(Invalid, match="another issuer"):
        way.come_back(query, leaving.browser, name="other")


@pytest.mark.parametrize("said", ["https://evil.example.org", "", None])
def test_an_issuer_that_names_itself_must_name_itself_in_its_answer(trip, local, said):
    """RFC 9207: otherwise another issuer's code could be brought to it, and ours to another."""
    way = trip()
    local.bad.answer = lambda back: back.update(iss=said) if said is not None else back.pop("iss")
    with pytest.raises(Invalid, match="cannot be believed"):
        way.make()
    assert "/token" not in local.asked


def test_an_issuer_that_never_names_itself_need_not(trip, local):
    local.names_itself = False
    assert trip().make().user is not None


def test_two_windows_of_one_browser_may_be_on_the_way_at_once(trip):
    way = trip()
    first = way.leave(next="/first")
    with way.index.work() as work:
        second = sign_on.leave(work, "corp", next="/second", browser=first.browser)
    assert first.browser == second.browser
    for leaving, place in ((second, "/second"), (first, "/first")):
        assert way.come_back(way.at_the_issuer(leaving), leaving.browser).next == place


def test_the_database_alone_neither_answers_nor_tells_the_cookie(trip):
    way = trip()
    leaving = way.leave()
    with way.index.work() as work:
        kept = work.db.scalars(select(Once)).one()
        assert leaving.browser not in json.dumps(kept.data)
        state = dict(part.split("=") for part in leaving.location.partition("?")[2].split("&"))["state"]
        assert state.encode() not in kept.digest and state not in json.dumps(kept.data)


def test_who_does_not_sign_in_there_is_told_to_try_again(trip, local):
    local.bad.answer = lambda back: (back.pop("code"), back.update(error="access_denied"))
    with pytest.raises(Invalid, match="You did not sign in at Corp"):
        trip().make()


def test_an_unknown_issuer_is_not_found(trip):
    with pytest.raises(NotFound):
        trip().leave(name="nobody")


def test_an_issuer_that_is_away_is_said_to_be_away_and_the_log_says_why(trip, local, caplog):
    local.bad.raw["/.well-known/openid-configuration"] = (503, b"")
    with caplog.at_level(logging.WARNING), pytest.raises(Unavailable, match="Corp cannot be reached"):
        trip().leave()
    assert "answered with 503" in caplog.text


def test_beginning_is_limited(trip):
    way = trip({"LIMITS__SIGN_ONS_PER_ADDRESS": "2 per hour"})
    way.leave()
    way.leave()
    with pytest.raises(TooMany):
        way.leave()


NOT_BELIEVED = {
    "another audience": lambda issuer: setattr(issuer.bad, "claims", lambda claims: claims.update(aud="other")),
    "another issuer": lambda issuer: setattr(issuer.bad, "claims", lambda claims: claims.update(iss="https://x")),
    "an old nonce": lambda issuer: setattr(issuer.bad, "claims", lambda claims: claims.update(nonce="n" * 43)),
    "an old token": lambda issuer: setattr(issuer.bad, "claims", lambda claims: claims.update(exp=1, iat=1)),
    "no signature": lambda issuer: setattr(issuer.bad, "token", lambda claims: jwt_of({"alg": "none"}, claims)),
    "the public key as a secret": lambda issuer: setattr(
        issuer.bad, "token", lambda claims: jwt_of({"alg": "HS256", "kid": "first"}, claims, issuer.signing.pem())
    ),
    "another key": lambda issuer: setattr(issuer.bad, "token", new_key("RS256", "first").sign),
    "a key that is not published": lambda issuer: setattr(issuer, "signing", new_key("ES256", "secret")),
}


@pytest.mark.parametrize("kind", NOT_BELIEVED)
def test_what_an_issuer_did_not_say_to_us_now_signs_nobody_in(trip, local, kind, caplog):
    NOT_BELIEVED[kind](local)
    way = trip()
    with caplog.at_level(logging.WARNING), pytest.raises(Invalid, match="What Corp says cannot be believed"):
        way.make()
    assert way.users() == [] and caplog.messages


def test_a_new_key_of_the_issuer_is_found(trip, local, monkeypatch):
    monkeypatch.setattr(oidc, "KEYS_AGAIN_SECONDS", 0.0)
    way = trip()
    way.make()
    local.signing = new_key("EdDSA", "second")
    local.published = [local.signing.public]
    assert way.make().user.username == "ada"


def test_claims_may_come_from_userinfo_but_only_about_the_same_person(trip, local):
    del local.person["email"]
    local.userinfo = {"email": "ada@corp.example", "email_verified": True}
    way = trip(userinfo=True)
    assert way.make().user is not None
    assert [one.external_username for one in way.associations()] == ["ada@corp.example"]
    local.userinfo["sub"] = "somebody else"
    with pytest.raises(Invalid, match="cannot be believed"):
        way.make()


def test_who_is_signed_in_proves_again_who_they_are(trip):
    way = trip()
    way.make()
    way.signed_in("ada")
    with way.index.work() as work:
        work.db.execute(text("UPDATE user_sessions SET authenticated_at = now() - interval '1 hour'"))
    assert way.make(Aim.PROVE, next="/manage/account/").next == "/manage/account/"
    with way.index.work() as work:
        age = work.db.scalar(text("SELECT now() - authenticated_at FROM user_sessions"))
        assert age < timedelta(minutes=5)


def test_an_issuer_that_does_not_ask_again_proves_nothing(trip, local):
    way = trip()
    way.make()
    way.signed_in("ada")
    local.bad.claims = lambda claims: claims.update(auth_time=int(time.time()) - 3600)
    with pytest.raises(Invalid, match="cannot be believed"):
        way.make(Aim.PROVE)


def test_somebody_else_proves_nothing(trip):
    way = trip()
    way.make()
    way.signed_in("ada")
    with pytest.raises(Invalid, match="somebody else than here"):
        way.make(Aim.PROVE, sub="another", email="another@example.com")


def test_a_proof_is_for_the_session_that_asked_for_it(trip):
    way = trip()
    way.make()
    way.signed_in("ada")
    leaving = way.leave(Aim.PROVE)
    query = way.at_the_issuer(leaving)
    way.signed_in("ada")
    with pytest.raises(Invalid, match="signed out meanwhile"):
        way.come_back(query, leaving.browser)


def test_a_public_client_needs_no_secret(index_with, local: LocalIssuer):
    local.auth_methods, local.client_secret = ["none"], ""
    about = {"corp": {"issuer": local.url, "client_id": local.client_id}}
    index = index_with(SIGN_ON__ISSUERS=json.dumps(about), SITE__URL="https://index.test")
    assert Trip(index, local).make().user is not None
