"""A script makes a token that lives shortly from its own, which reaches no further, and ends it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from tests.builders import wheel
from tests.index import basic
from tests.upload.attempts import Attempt, accepted, refused, run, token_of
from tests.web.client import Client, Got
from warehouse.api.tokens import TokenDoor
from warehouse.domain.audit import AuditEvent
from warehouse.domain.tokens import Token
from warehouse.errors import NotAuthenticated
from warehouse.operations.deriving import derive_token
from warehouse.operations.housekeeping import forget_derived_tokens
from warehouse.operations.tokens import actor_of, revoke_token
from warehouse.standards import caveats, macaroons


class Script:
    """Speaks to the door with one token."""

    def __init__(self, index: Any, token: str | None, **environ: str) -> None:
        self._client = Client(TokenDoor(index.tools))
        self._environ = {"CONTENT_TYPE": "application/json", **environ}
        if token is not None:
            self._environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"

    def ask(self, method: str, path: str = "/api/tokens/", body: bytes = b"", **environ: str) -> Got:
        return self._client.ask(method, path, body, **{**self._environ, **environ})

    def post(self, **wanted: Any) -> Got:
        return self.ask("POST", body=orjson.dumps(wanted))

    def derive(self, **wanted: Any) -> Mapping[str, Any]:
        got = self.post(**wanted)
        assert got.status == 201, got.text
        assert (got.headers["cache-control"], got.headers["content-type"]) == ("no-store", "application/json")
        return got.json

    def refused(self, status: int, code: str, **wanted: Any) -> str:
        return told(self.post(**wanted), status, code)


def told(got: Got, status: int, code: str) -> str:
    assert (got.status, got.json["code"]) == (status, code), got.text
    assert set(got.json) == {"message", "code"}
    return got.json["message"]


@pytest.fixture
def ada(index):
    user = index.user("ada")
    for name in ("demo", "other"):
        accepted(index, Attempt(wheel(name, "1.0"), by=user))
    return user


@pytest.fixture
def token(index, ada):
    return token_of(index, ada)


@pytest.fixture
def script(index, token):
    return Script(index, token)


def sent(token: str, name: str = "demo", version: str = "1.1") -> Attempt:
    return Attempt(wheel(name, version), token=token)


def seconds_left(made: Mapping[str, Any]) -> float:
    return (datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)).total_seconds()


def test_a_derived_token_uploads_what_its_parent_could(index, script):
    made = script.derive()
    assert set(made) == {"token", "id", "description", "projects", "created_at", "expires_at", "derived_from"}
    assert made["projects"] is None
    assert 890 <= seconds_left(made) <= 900
    accepted(index, sent(made["token"]))


def test_nothing_need_be_said_and_either_address_will_do(script):
    assert script.ask("POST", "/api/tokens").status == 201
    assert script.ask("POST", body=b" \n").status == 201


def test_a_derived_token_is_limited_to_the_projects_that_were_asked_for(index, script):
    made = script.derive(projects=["Demo"], description="release job", expires_in=60)
    assert (made["projects"], made["description"]) == (["demo"], "release job")
    assert 50 <= seconds_left(made) <= 60
    accepted(index, sent(made["token"]))
    refused(index, sent(made["token"], "other"), 403, "Invalid API Token: This token is not valid for the project")


def test_it_never_reaches_beyond_its_parent(index, ada):
    script = Script(index, token_of(index, ada, "demo"))
    sentence = script.refused(403, "beyond_reach", projects=["other"])
    assert sentence == "The token in use does not cover the project 'other', nor does what is derived from it."
    made = script.derive()
    assert made["projects"] == ["demo"]
    accepted(index, sent(made["token"]))
    refused(index, sent(made["token"], "other"), 403, "Invalid API Token: This token is not valid for the project")


def test_what_the_bearer_added_to_the_parent_holds_for_the_derived_too(index, ada, token):
    (demo,) = run(index, "SELECT id::text FROM projects WHERE name = 'demo'")[0]
    narrowed = macaroons.from_token(token).narrowed(caveats.serialize(caveats.ProjectIds((demo,))))
    script = Script(index, macaroons.to_token(narrowed))
    made = script.derive()
    refused(index, sent(made["token"], "other"), 403, "Invalid API Token: This token is not valid for the project")
    script.refused(403, "beyond_reach", projects=["other"])


def test_it_never_outlives_its_parent(index, ada):
    script = Script(index, token_of(index, ada, lifetime=timedelta(seconds=100)))
    assert seconds_left(script.derive(expires_in=3600)) <= 100
    soon = int(datetime.now(UTC).timestamp()) + 50
    narrowed = macaroons.from_token(token_of(index, ada)).narrowed(caveats.serialize(caveats.Expiration(soon, 0)))
    assert seconds_left(Script(index, macaroons.to_token(narrowed)).derive(expires_in=3600)) <= 50


def test_it_lives_no_longer_than_the_settings_allow(index_with):
    index = index_with(TOKENS__LONGEST_SHORT_LIFETIME="5 min")
    script = Script(index, token_of(index, index.user("ada")))
    assert 290 <= seconds_left(script.derive()) <= 300
    assert seconds_left(script.derive(expires_in=300)) <= 300
    assert script.refused(400, "bad_lifetime", expires_in=301) == (
        "A derived token lives for at most 5 min. Ask for less."
    )


def test_what_was_derived_derives_nothing(index, script):
    child = Script(index, script.derive()["token"])
    sentence = child.refused(403, "not_allowed")
    assert sentence == "A token that was made from another one makes no more. Use the one that it was made from."


def test_derived_tokens_end_with_their_parent(index, ada, script, token):
    made = script.derive()
    with index.work() as work:
        revoke_token(work, work.db.merge(ada), uuid.UUID(made["derived_from"]))
    refused(index, sent(made["token"]), 403, "Invalid or non-existent authentication information.")
    told(script.ask("GET"), 401, "unknown_token")


def test_a_frozen_user_derives_nothing(index, script):
    run(index, "UPDATE users SET is_frozen = true")
    script.refused(401, "unknown_token")


def test_whoever_lost_the_password_uses_no_tokens_until_there_is_another(index, script):
    run(index, "UPDATE users SET password_hash = NULL, password_disabled_for = 'compromised'")
    script.refused(401, "unknown_token")
    run(index, "UPDATE users SET password_disabled_for = NULL")
    script.derive()


def test_others_projects_are_refused(index, script):
    accepted(index, Attempt(wheel("eves", "1.0"), by=index.user("eve")))
    assert script.refused(404, "no_such_project", projects=["eves"]) == (
        "ada has no project 'eves'. Upload to it once first."
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "json"),
        (b"\xff", "json"),
        (b"[]", "json"),
        (b"null", "json"),
        (b"[" * 60_000, "json"),
        (b'{"project": "demo"}', "unknown_field"),
        (b'{"projects": "demo"}', "bad_projects"),
        (b'{"projects": []}', "bad_projects"),
        (b'{"projects": null}', "bad_projects"),
        (b'{"projects": [1]}', "bad_projects"),
        (b'{"expires_in": 0}', "bad_lifetime"),
        (b'{"expires_in": -1}', "bad_lifetime"),
        (b'{"expires_in": true}', "bad_lifetime"),
        (b'{"expires_in": 1.5}', "bad_lifetime"),
        (b'{"expires_in": "900"}', "bad_lifetime"),
        (b'{"expires_in": 99999999999999999999}', "bad_lifetime"),
        (b'{"expires_in": 86401}', "bad_lifetime"),
        (b'{"description": 1}', "bad_description"),
        (b'{"description": "a\\nb"}', "bad_description"),
        (b'{"description": "' + b"a" * 101 + b'"}', "bad_description"),
        (b'{"description": "a\\u0000b"}', "bad_description"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_and_changes_nothing(index, script, body, code):
    told(script.ask("POST", body=body), 400, code)
    assert run(index, "SELECT count(*) FROM tokens WHERE parent_id IS NOT NULL") == [(0,)]


def test_names_that_no_project_can_have_are_refused(script):
    for name in ("", "\0", "é", "a" * 10_000, "%"):
        script.refused(404, "no_such_project", projects=[name])


def test_a_call_that_is_too_long_is_refused(script):
    assert script.ask("POST", body=b" " * 65_537).status == 413


@pytest.mark.parametrize("authorization", [None, "", "Basic !", "Bearer", "Digest x", "Bearer pypi-AgEI"])
def test_without_a_token_nobody_is_heard(index, ada, authorization):
    stranger = Script(index, None, **({} if authorization is None else {"HTTP_AUTHORIZATION": authorization}))
    for method, path in (("GET", "/api/tokens/"), ("POST", "/api/tokens/"), ("DELETE", "/api/tokens/current")):
        got = stranger.ask(method, path)
        assert (got.status, got.headers["www-authenticate"][:5]) == (401, "Basic")


def test_basic_authentication_will_do_as_for_uploads(index, token):
    script = Script(index, None, HTTP_AUTHORIZATION=basic("__token__", token))
    script.derive()


def test_a_token_that_expired_or_was_forged_says_what_is_wrong_with_it(index, token):
    made = macaroons.from_token(token)
    expired = Script(index, macaroons.to_token(made.narrowed(caveats.serialize(caveats.Expiration(1, 0)))))
    assert expired.refused(403, "not_allowed") == "Invalid API Token: This token has expired."
    forged = macaroons.to_token(macaroons.Macaroon(made.location, made.identifier, made.caveats, bytes(32)))
    assert "signatures do not match" in Script(index, forged).refused(403, "not_allowed")


def test_a_token_is_told_what_it_is(index, ada, script):
    got = script.ask("GET")
    assert got.status == 200
    assert (got.json["user"], got.json["projects"], got.json["expires_at"]) == ("ada", None, None)
    made = script.derive(projects=["demo"])
    child = Script(index, made["token"]).ask("GET").json
    assert child == {"user": "ada", **{name: value for name, value in made.items() if name != "token"}}
    assert script.ask("HEAD").body == b""


def test_a_token_is_told_how_far_it_reaches_with_what_its_bearer_added(index, token):
    soon = int(datetime.now(UTC).timestamp()) + 50
    added = (caveats.ProjectNames(("demo", "new")), caveats.ProjectNames(("demo",)), caveats.Expiration(soon, 0))
    narrowed = macaroons.from_token(token).narrowed(*map(caveats.serialize, added))
    told = Script(index, macaroons.to_token(narrowed)).ask("GET").json
    assert told["projects"] == ["demo"]
    assert datetime.fromisoformat(told["expires_at"]).timestamp() == soon
    for end in (2**40, 2**63 - 1):
        far = macaroons.from_token(token).narrowed(caveats.serialize(caveats.Expiration(end, 0)))
        assert Script(index, macaroons.to_token(far)).ask("GET").json["expires_at"] is None
        assert seconds_left(Script(index, macaroons.to_token(far)).derive()) <= 900


def test_a_script_ends_its_own_token(index, script):
    made = script.derive()
    child = Script(index, made["token"])
    assert child.ask("DELETE", "/api/tokens/current").status == 204
    told(child.ask("GET"), 401, "unknown_token")
    assert script.ask("GET").status == 200


def test_a_script_ends_what_it_derived_by_its_id_and_nothing_else(index, ada, script):
    made = script.derive()
    for strange in (str(uuid.uuid4()), "nothing", "%00", "CURRENT"):
        assert script.ask("DELETE", f"/api/tokens/{strange}").status == 404
    sibling = Script(index, token_of(index, ada))
    assert sibling.ask("DELETE", f"/api/tokens/{made['id']}").status == 404
    child = Script(index, made["token"])
    assert child.ask("DELETE", f"/api/tokens/{made['derived_from']}").status == 404
    assert script.ask("DELETE", f"/api/tokens/{made['id']}/").status == 204
    refused(index, sent(made["token"]), 403, "Invalid or non-existent authentication information.")
    accepted(index, sent(script._environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ")))


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/tokens/", "GET, HEAD, POST, OPTIONS"),
        ("DELETE", "/api/tokens/", "GET, HEAD, POST, OPTIONS"),
        ("GET", "/api/tokens/current", "DELETE, OPTIONS"),
        ("POST", "/api/tokens/current", "DELETE, OPTIONS"),
    ],
)
def test_other_methods_are_told_which_there_are(script, method, path, allowed):
    got = script.ask(method, path)
    assert (got.status, got.headers["allow"]) == (405, allowed)
    assert script.ask("OPTIONS", path).headers["allow"] == allowed


def test_there_is_nothing_below_a_token(script):
    assert script.ask("GET", "/api/tokens/a/b").status == 404


def test_an_account_makes_so_many_tokens_in_an_hour(index_with):
    index = index_with(LIMITS__TOKENS_PER_USER="2 per hour")
    script = Script(index, token_of(index, index.user("ada")))
    script.derive()
    script.derive()
    got = script.post()
    assert told(got, 429, "too_many_attempts").startswith("Too many API tokens were made.")
    assert 0 < int(got.headers["retry-after"]) <= 3600
    Script(index, token_of(index, index.user("bob"))).derive()


def test_derived_tokens_are_called_alike_as_often_as_scripts_run(script):
    assert script.derive(description="CI")["id"] != script.derive(description="CI")["id"]


def test_deriving_and_ending_are_told(index, script):
    made = script.derive(projects=["demo"], description="CI")
    script.ask("DELETE", f"/api/tokens/{made['id']}")
    with index.work() as work:
        rows = work.db.query(AuditEvent).order_by(AuditEvent.id.desc()).limit(4)
        found = [(e.tag, e.actor, e.address, e.details.get("made_from"), e.details["description"]) for e in rows]
    parent = made["derived_from"]
    assert found[::-1] == [
        ("account:api_token:added", "ada", "192.0.2.1", parent, "CI"),
        ("project:api_token:added", "ada", "192.0.2.1", None, "CI"),
        ("account:api_token:removed", "ada", "192.0.2.1", parent, "CI"),
        ("project:api_token:removed", "ada", "192.0.2.1", None, "CI"),
    ]


def test_deriving_notes_that_the_parent_was_used(index, script):
    script.derive()
    used = "SELECT last_used_from FROM tokens ORDER BY parent_id NULLS FIRST, created_at DESC LIMIT 1"
    assert run(index, used) == [("192.0.2.1",)]


def test_derived_tokens_are_forgotten_a_day_after_their_end(index, script):
    for _ in range(2):
        script.derive()
    run(
        index,
        "UPDATE tokens SET expires_at = now() - interval '25 hours' "
        "WHERE id = (SELECT id FROM tokens WHERE parent_id IS NOT NULL LIMIT 1)",
    )
    run(index, "UPDATE tokens SET expires_at = now() - interval '1 year' WHERE parent_id IS NULL")
    with index.work() as work:
        forget_derived_tokens(work)
        found = [token.parent_id is None for token in work.db.query(Token)]
    assert found.count(False) == 1
    assert found.count(True) > 1


def test_a_token_that_was_revoked_since_it_was_recognised_derives_nothing(index, ada, token):
    with index.work() as work:
        actor = actor_of(work.db, index.tools, f"Bearer {token}", now=work.now, address="192.0.2.1", user_agent=None)
        revoke_token(work, work.db.merge(ada), actor.credential.token_id)
    with pytest.raises(NotAuthenticated), index.work(actor) as work:
        derive_token(work)


def test_a_parent_that_is_revoked_while_scripts_derive_leaves_no_token_behind(index, ada, token):
    codes: list[int] = []

    def derive() -> None:
        for _ in range(5):
            codes.append(Script(index, token).post().status)

    threads = [threading.Thread(target=derive) for _ in range(4)]
    for thread in threads:
        thread.start()
    identifier = uuid.UUID(macaroons.from_token(token).identifier.decode())
    with index.work() as work:
        revoke_token(work, work.db.merge(ada), identifier)
    for thread in threads:
        thread.join()
    assert set(codes) <= {201, 401}
    assert run(index, "SELECT count(*) FROM tokens WHERE parent_id IS NOT NULL") == [(0,)]
