"""Asking issuers: what they say of themselves is checked, remembered, and read again when it changes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.contracts.test_fetching import saying, server
from tests.sign_on.issuer import LocalIssuer, new_key
from warehouse.infra import oidc
from warehouse.infra.oauth import Client, ProviderFailed
from warehouse.infra.oidc import Issuer, Issuers
from warehouse.standards.openid import authorization_address

CLIENT = Client("warehouse", "s3cret/with: signs")
CALLBACK = "https://index.test/account/sso/corp/callback"
VERIFIER = "v" * 43


@pytest.fixture
def local() -> Iterator[LocalIssuer]:
    with LocalIssuer() as running:
        yield running


def a_code(local: LocalIssuer, verifier: str = VERIFIER) -> str:
    """A code as the browser brings it back."""
    address = authorization_address(
        Issuer(local.url).provider().authorization_endpoint,
        client_id="warehouse",
        redirect_uri=CALLBACK,
        scopes=("openid", "email"),
        state="s" * 22,
        nonce="n" * 22,
        verifier=verifier,
    )
    back = local.authorize(dict(parse_qsl(urlsplit(address).query)))
    return dict(parse_qsl(urlsplit(back).query))["code"]


def exchange(local: LocalIssuer, code: str, *, client: Client = CLIENT, verifier: str = VERIFIER) -> oidc.Given:
    return Issuer(local.url).exchange(client, code=code, redirect_uri=CALLBACK, verifier=verifier)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_code_becomes_an_id_token(local, method):
    local.auth_methods = [method]
    given = exchange(local, a_code(local))
    assert given.id_token.count(".") == 2
    assert Issuer(local.url).userinfo(given.access_token or "")["sub"] == local.person["sub"]


def test_a_code_is_worth_nothing_twice_nor_without_its_verifier_nor_to_another_client(local):
    code = a_code(local)
    exchange(local, code)
    with pytest.raises(ProviderFailed, match="invalid_grant"):
        exchange(local, code)
    with pytest.raises(ProviderFailed, match="invalid_grant"):
        exchange(local, a_code(local), verifier="w" * 43)
    with pytest.raises(ProviderFailed, match="invalid_client"):
        exchange(local, a_code(local), client=Client("warehouse", "guessed"))


def test_an_issuer_is_asked_once_an_hour_what_it_is(local):
    issuer = Issuers().of(local.url)
    threads = [threading.Thread(target=issuer.signing_keys) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert local.asked == ["/.well-known/openid-configuration", "/jwks"]


def test_new_keys_are_read_when_they_are_needed_but_not_for_every_token(local, monkeypatch):
    issuer = Issuer(local.url)
    assert [key["kid"] for key in issuer.signing_keys()] == ["first"]
    local.published = [new_key("ES256", "second").public]
    assert [key["kid"] for key in issuer.signing_keys(again=True)] == ["first"]
    monkeypatch.setattr(oidc, "KEYS_AGAIN_SECONDS", 0.0)
    assert [key["kid"] for key in issuer.signing_keys(again=True)] == ["second"]
    assert local.asked.count("/.well-known/openid-configuration") == 1


def test_what_is_known_is_used_while_the_issuer_is_away(local, monkeypatch):
    issuer = Issuer(local.url)
    issuer.provider()
    local.bad.raw["/.well-known/openid-configuration"] = (503, b"")
    monkeypatch.setattr(oidc, "FRESH_SECONDS", 0.0)
    issuer.provider()
    monkeypatch.setattr(oidc, "KEPT_SECONDS", 0.0)
    with pytest.raises(ProviderFailed, match="answered with 503"):
        issuer._about.get(no_older_than=0)


def test_an_issuer_that_is_away_is_left_alone_for_a_while(local, monkeypatch):
    path = "/.well-known/openid-configuration"
    local.bad.raw[path] = (503, b"")
    issuer = Issuer(local.url)
    for _ in range(3):
        with pytest.raises(ProviderFailed):
            issuer.provider()
    assert local.asked == [path]
    del local.bad.raw[path]
    monkeypatch.setattr(oidc, "LEFT_ALONE_SECONDS", 0.0)
    assert issuer.provider().names_itself


NOT_BELIEVED = {
    "another name": ({"issuer": "https://evil.example.org"}, "calls itself 'https://evil.example.org'"),
    "no name": ({"issuer": None}, "calls itself 'None'"),
    "no endpoint": ({"token_endpoint": None}, "no token_endpoint"),
    "an endpoint elsewhere than on the web": ({"token_endpoint": "file:///etc/passwd"}, "no token_endpoint"),
    "an endpoint that runs a script": ({"authorization_endpoint": "javascript:alert(1)"}, "no authorization_endpoint"),
    "an endpoint with a line break": ({"authorization_endpoint": "http://x/\r\nSet-Cookie: a"}, "no authorization"),
    "an endpoint with a fragment": ({"authorization_endpoint": "http://x/#"}, "no authorization_endpoint"),
    "an endpoint without a host": ({"jwks_uri": "http:///jwks"}, "no jwks_uri"),
    "a port that is none": ({"jwks_uri": "http://x:99999/"}, "no jwks_uri"),
}


@pytest.mark.parametrize("kind", NOT_BELIEVED)
def test_what_an_issuer_says_of_itself_is_checked(local, kind):
    said, sentence = NOT_BELIEVED[kind]
    local.bad.discovery = lambda document: document.update(said)
    with pytest.raises(ProviderFailed, match=sentence):
        Issuer(local.url).provider()


def test_an_issuer_cannot_have_us_ask_inside_our_network(local):
    with server(saying(b"")) as inside:
        elsewhere = inside.replace("127.0.0.1", "localhost")
        local.bad.discovery = lambda document: document.update(jwks_uri=f"{elsewhere}/jwks")
        with pytest.raises(ProviderFailed, match="inside a network"):
            Issuer(local.url).signing_keys()


ANSWERS = {
    "no JSON": (200, b"<html>", "no JSON"),
    "no object": (200, b"[]", "no object"),
    "deep JSON": (200, b"[" * 100_000, "no JSON"),
    "too much": (200, b'{"keys": "' + b"x" * 300_000 + b'"}', "too long"),
    "no list of keys": (200, b'{"keys": {}}', "no list"),
    "too many keys": (200, json.dumps({"keys": [{}] * 101}).encode(), "no list"),
    "an error": (500, b"{}", "answered with 500"),
    "a redirect": (302, b"", "answered with 302"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_keys_that_are_none_are_said_to_be_none(local, kind):
    status, body, sentence = ANSWERS[kind]
    local.bad.raw["/jwks"] = (status, body)
    with pytest.raises(ProviderFailed, match=sentence):
        Issuer(local.url).signing_keys()


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (200, b'{"access_token": "x"}', "gave no ID token"),
        (200, b'{"id_token": 5}', "gave no ID token"),
        (200, b'{"error": "bad_verification_code"}', "bad_verification_code"),
        (400, b'{"error": {"a": ["\\n"]}}', "does not exchange the code"),
        (502, b"<html>", "502 and no JSON"),
    ],
)
def test_a_token_endpoint_that_fails_is_a_sentence(local, status, body, sentence):
    code = a_code(local)
    local.bad.raw["/token"] = (status, body)
    with pytest.raises(ProviderFailed, match=sentence) as failed:
        exchange(local, code)
    assert "\n" not in str(failed.value)


def test_an_issuer_that_drips_is_given_up():
    dripping = saying(b"HTTP/1.1 200 OK\r\n\r\n", *[b" "] * 200, pause=0.05)
    with server(dripping) as url, pytest.raises(ProviderFailed, match="the time was up"):
        Issuer(url, time_limit=timedelta(seconds=0.5)).provider()


def test_an_access_token_that_is_no_header_value_is_not_sent(local):
    with pytest.raises(ProviderFailed, match="cannot be sent"):
        Issuer(local.url).userinfo("a\r\nX-Evil: 1")
