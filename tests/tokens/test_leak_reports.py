"""Those who look for tokens in public places report them, signed, and what was reported is revoked."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.builders import wheel
from tests.contracts.web_service import WebService, web_service
from tests.upload.attempts import Attempt, accepted, refused, run, token_of
from tests.web.client import Got, site
from warehouse.infra import signing_keys
from warehouse.operations.leaks import look_into_leak
from warehouse.web.callbacks import leaks
from warehouse.work import SYSTEM

PATH = "/_/secrets/disclose-token"
KEY = ec.generate_private_key(ec.SECP256R1())


def pem(key: Any) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class Scanner:
    """Somebody who looks for tokens, and reports to one index."""

    def __init__(self, index: Any, service: WebService, **environ: str) -> None:
        self.service = service
        self.keys({"7": pem(KEY)})
        named = {"WAREHOUSE_LEAKS__GITHUB_KEYS_URL": f"{service.url}/keys", **environ}
        self._site = site(index.tools, **named)

    def keys(self, keys: dict[str, str]) -> None:
        listed = [{"key_identifier": name, "key": key, "is_current": False} for name, key in keys.items()]
        self.service.body = orjson.dumps({"public_keys": listed})

    def post(self, body: bytes, *, path: str = PATH, who: str = "GITHUB", key_id: str = "7", **changes: Any) -> Got:
        signature = base64.b64encode(KEY.sign(body, ec.ECDSA(SHA256()))).decode()
        headers = {
            f"HTTP_{who}_PUBLIC_KEY_IDENTIFIER": key_id,
            f"HTTP_{who}_PUBLIC_KEY_SIGNATURE": signature,
            "CONTENT_TYPE": "application/json",
        }
        return self._site.ask("POST", path, body, **{**headers, **changes})

    def report(self, *tokens: str, **details: Any) -> Got:
        found = [
            {"token": token, "type": "pypi_api_token", "url": "https://forge.example/x", "source": "commit"}
            for token in tokens
        ]
        return self.post(orjson.dumps(found), **details)


@pytest.fixture
def service() -> Iterator[WebService]:
    leaks._opened.cache_clear()
    with web_service() as running:
        yield running


@pytest.fixture
def scanner(index, service) -> Scanner:
    return Scanner(index, service)


@pytest.fixture
def token(index):
    ada = index.user("ada")
    accepted(index, Attempt(wheel("demo", "1.0"), by=ada))
    return token_of(index, ada)


def do_jobs(index):
    for (arguments,) in run(index, "SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%look_into_leak'"):
        with index.work(SYSTEM) as work:
            names = ("token_id", "url", "origin")
            look_into_leak(work, **{name: arguments[name] for name in names})


@pytest.mark.parametrize("path", [PATH, "/_/github/disclose-token"])
def test_a_reported_token_is_revoked_by_a_job_that_is_not_told_the_token(index, scanner, token, path):
    got = scanner.report(token, path=path)
    assert (got.status, got.body) == (204, b"")
    assert token[30:] not in str(run(index, "SELECT args::text FROM procrastinate_jobs"))
    do_jobs(index)
    do_jobs(index)
    refused(index, Attempt(wheel("demo", "1.1"), token=token), 403, "Invalid or non-existent")
    query = "SELECT actor, details FROM audit_events WHERE tag = 'account:api_token:removed_leak'"
    ((actor, details),) = run(index, query)
    assert (actor, details["origin"], details["public_url"]) == ("system", "GitHub", "https://forge.example/x")


def test_others_report_too(index, service, token):
    scanner = Scanner(index, service, WAREHOUSE_LEAKS__DEPSDEV_KEYS_URL=f"{service.url}/other")
    assert scanner.report(token, who="GOSST").status == 204
    do_jobs(index)
    assert run(index, "SELECT details ->> 'origin' FROM audit_events WHERE tag LIKE '%removed_leak'") == [("deps.dev",)]


def test_what_is_none_of_ours_is_taken_and_dropped(index, scanner, token):
    assert scanner.report("pypi-nothing", "").status == 204
    assert scanner.post(b'[{"token": "x", "type": "something_else", "url": 1}]').status == 204
    assert scanner.post(b"[]").status == 204
    assert run(index, "SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%look_into_leak'") == [(0,)]


@pytest.mark.parametrize("url", [None, 7, "", "javascript:alert(1)", "https://x/" + "a" * 2000, "https://x/\n"])
def test_an_address_that_nobody_should_follow_is_not_passed_on(index, scanner, token, url):
    scanner.post(orjson.dumps([{"token": token, "type": "pypi_api_token", "url": url}]))
    do_jobs(index)
    assert run(index, "SELECT details ->> 'public_url' FROM audit_events WHERE tag LIKE '%removed_leak'") == [(None,)]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{}", b"1", b"[1]", b"[{}]", b'[{"token": 1, "type": "x"}]', b"[" * 1000, b"[0" + b",0" * 1000]
)
def test_what_is_no_report_is_refused(scanner, body):
    got = scanner.post(body)
    assert got.status == 400, got.text


def test_a_report_that_is_too_long_is_refused(scanner):
    assert scanner.post(b" " * (leaks.LARGEST + 1)).status == 413


@pytest.mark.parametrize("signature", ["", "x", "AAAA", base64.b64encode(b"x" * 64).decode()])
def test_what_was_not_signed_is_refused(index, scanner, token, signature):
    got = scanner.report(token, HTTP_GITHUB_PUBLIC_KEY_SIGNATURE=signature)
    assert got.status == (400 if signature else 404)
    assert run(index, "SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%look_into_leak'") == [(0,)]


def test_strangers_and_those_whose_keys_are_not_set_find_nothing(index, scanner, token):
    assert scanner.report(token, who="GOSST").status == 404
    assert scanner.report(token, who="VULN").status == 404
    assert site(index.tools).ask("POST", PATH, b"[]").status == 404
    assert site(index.tools).get(PATH).status == 405


def test_keys_are_fetched_once_and_again_for_one_that_is_new_but_not_for_each_that_is_made_up(
    scanner, token, monkeypatch
):
    for _ in range(3):
        assert scanner.report(token).status == 204
    assert len(scanner.service.asked) == 1
    for _ in range(3):
        assert scanner.report(token, key_id="8").status == 400
    assert len(scanner.service.asked) == 1
    monkeypatch.setattr(signing_keys, "ANEW_AFTER", -1.0)
    scanner.keys({"7": pem(KEY), "8": pem(KEY)})
    assert scanner.report(token, key_id="8").status == 204
    monkeypatch.setattr(signing_keys, "KEPT_FOR", -1.0)
    scanner.keys({"8": pem(KEY)})
    assert scanner.report(token).status == 400


def test_a_token_for_fetching_the_keys_is_sent_with_the_question(index, service, token):
    Scanner(index, service, WAREHOUSE_LEAKS__GITHUB_TOKEN="let-me-in").report(token)
    assert service.asked[0].headers["authorization"] == "Bearer let-me-in"


@pytest.mark.parametrize(
    "listed",
    [
        b"",
        b"[]",
        b'{"public_keys": 1}',
        b'{"public_keys": [{}]}',
        orjson.dumps({"public_keys": [{"key_identifier": "7", "key": "nothing"}]}),
        orjson.dumps({"public_keys": [{"key_identifier": "7", "key": pem(rsa.generate_private_key(65537, 2048))}]}),
    ],
)
def test_keys_that_cannot_be_read_are_our_trouble_and_they_may_try_again(scanner, token, listed):
    scanner.service.body = listed
    got = scanner.report(token)
    assert got.status == 503
    assert int(got.headers["retry-after"]) > 0


def test_keys_that_cannot_be_had_are_our_trouble_too(scanner, token):
    scanner.service.status = 500
    assert scanner.report(token).status == 503
