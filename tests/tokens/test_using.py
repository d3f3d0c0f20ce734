"""Whom a token speaks for, and how far: presented to the upload door as clients present it."""

import base64
import uuid
from datetime import timedelta

import orjson
import pytest

from tests.builders import wheel
from tests.index import basic
from tests.upload.attempts import Attempt, accepted, refused, run, token_of
from warehouse.domain.tokens import Token
from warehouse.operations.tokens import revoke_token
from warehouse.standards import caveats, macaroons

UNKNOWN = "Invalid or non-existent authentication information."


@pytest.fixture
def ada(index):
    user = index.user("ada")
    accepted(index, Attempt(wheel("demo", "1.0"), by=user))
    return user


@pytest.fixture
def token(index, ada):
    return token_of(index, ada)


def sent(authorization: str, version: str = "1.1") -> Attempt:
    return Attempt(wheel("demo", version), authorization=authorization)


@pytest.mark.parametrize(
    "form",
    ["Bearer {}", "bearer {}", "token {}", "TOKEN  {}", "Bearer {} ", "  Bearer {}"],
)
def test_a_token_is_taken_with_either_scheme(index, token, form):
    accepted(index, sent(form.format(token)))


@pytest.mark.parametrize("form", ["{}", " {} ", "{}\n", "\t{}"])
def test_white_space_around_the_password_does_not_matter(index, token, form):
    accepted(index, sent(basic("__token__", form.format(token))))


def test_the_case_of_basic_does_not_matter(index, token):
    accepted(index, sent(basic("__token__", token).replace("Basic", "bAsIc")))


@pytest.mark.parametrize("username", ["ada", "", "__TOKEN__", "__token__ "])
def test_a_password_is_refused_with_what_to_use_instead(index, ada, token, username):
    sentence = "Username and password are not accepted here. Use an API token: user __token__, password the token."
    refused(index, sent(basic(username, "correct horse")), 403, sentence)
    refused(index, sent(basic(username, token)), 403, sentence)


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic",
        "Basic !!!",
        "Basic \xe9",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Bearer",
        "Bearer pypi-",
        "Bearer pypi-AgEIcHlwaS5vcmc",
        "Bearer nothing",
        "Digest username=ada",
        "\xff",
        "Bearer pypi-" + "A" * 60_000,
    ],
)
def test_what_is_no_token_is_nobody(index, ada, authorization):
    refused(index, sent(authorization), 403, UNKNOWN)


def test_a_token_of_nobody_is_nobody(index, ada):
    made = macaroons.create("warehouse", str(uuid.UUID(int=77)).encode(), b"k" * 32)
    refused(index, sent(f"Bearer {macaroons.to_token(made)}"), 403, UNKNOWN)
    odd = macaroons.create("warehouse", b"\xff no uuid", b"k" * 32)
    refused(index, sent(f"Bearer {macaroons.to_token(odd)}"), 403, UNKNOWN)


def test_a_revoked_token_is_nobody(index, ada, token):
    identifier = uuid.UUID(macaroons.from_token(token).identifier.decode())
    with index.work() as work:
        revoke_token(work, work.db.merge(ada), identifier)
    refused(index, sent(f"Bearer {token}"), 403, UNKNOWN)


def test_the_token_of_a_frozen_user_is_nobody(index, ada, token):
    run(index, "UPDATE users SET is_frozen = true")
    refused(index, sent(f"Bearer {token}"), 403, UNKNOWN)
    run(index, "UPDATE users SET is_frozen = false")
    accepted(index, sent(f"Bearer {token}"))


def changed(token: str, **parts) -> str:
    made = macaroons.from_token(token)
    values = {"location": made.location, "identifier": made.identifier, "caveats": made.caveats}
    return macaroons.to_token(macaroons.Macaroon(**{**values, "signature": made.signature, **parts}))


def test_a_wrong_signature_is_told(index, token):
    sentence = "Invalid API Token: signatures do not match."
    refused(index, sent(f"Bearer {changed(token, signature=bytes(32))}"), 403, sentence)
    refused(index, sent(f"Bearer {changed(token, caveats=())}"), 403, sentence)


def test_a_wrong_signature_is_told_after_the_form(index, token):
    attempt = sent(f"Bearer {changed(token, signature=bytes(32))}")
    attempt.changes = {"filetype": "x"}
    refused(index, attempt, 400, "Invalid value for filetype.")


def test_an_expired_token_is_told_once(index, ada):
    token = token_of(index, ada, lifetime=timedelta(seconds=1))
    run(index, "UPDATE tokens SET caveats = '[[0, 1, 0]]'")
    refused(index, sent(f"Bearer {token}"), 403, "Invalid API Token: This token has expired.")
    short = token_of(index, ada, lifetime=timedelta(hours=1))
    accepted(index, sent(f"Bearer {short}"))


def narrowed(token: str, *more: bytes) -> str:
    return macaroons.to_token(macaroons.from_token(token).narrowed(*more))


@pytest.mark.parametrize(
    ("caveat", "reason"),
    [
        (caveats.serialize(caveats.Expiration(1, 0)), "This token has expired."),
        (caveats.serialize(caveats.Expiration(2**40, 2**39)), "This token is not valid yet."),
        (caveats.serialize(caveats.ProjectNames(("other",))), "This token is not valid for the project 'demo'."),
        (
            caveats.serialize(caveats.ProjectIds((str(uuid.UUID(int=77)),))),
            "This token is not valid for the project 'demo'.",
        ),
        (caveats.serialize(caveats.RequestUser(str(uuid.UUID(int=77)))), "This token belongs to another user."),
        (caveats.serialize(caveats.Publisher("x")), "This token can only be used by a trusted publisher."),
        (b"[99]", "This token has a caveat that is not known here."),
        (b"[]", "This token has a caveat that is not known here."),
        (b"\xff", "A caveat of this token is not JSON."),
    ],
)
def test_limits_hold_whether_the_bearer_added_them_or_the_index_did_later(index, ada, token, caveat, reason):
    sentence = f"Invalid API Token: {reason}"
    assert refused(index, sent(f"Bearer {narrowed(token, caveat)}"), 403, sentence).reason == sentence
    if caveat == b"\xff":
        return
    accepted(index, sent(f"Bearer {token}"))
    identifier = uuid.UUID(macaroons.from_token(token).identifier.decode())
    with index.work() as work:
        row = work.db.get_one(Token, identifier)
        row.caveats = [*row.caveats, orjson.loads(caveat)]
    assert refused(index, sent(f"Bearer {token}", "1.2"), 403, sentence).reason == sentence


def test_reasons_are_joined_and_told_once_each(index, ada):
    accepted(index, Attempt(wheel("other", "1.0"), by=ada))
    token = narrowed(token_of(index, ada, "other"), caveats.serialize(caveats.Expiration(1, 0)))
    answer = refused(index, sent(f"Bearer {token}"), 403, "Invalid API Token: ")
    assert answer.reason == "Invalid API Token: This token is not valid for the project 'demo', This token has expired."


@pytest.mark.parametrize(
    "written",
    [
        b'{"permissions":"user","version":1}',
        b'{"permissions":{"projects":["demo"]},"version":1}',
        b'{"exp":9999999999,"nbf":0}',
    ],
)
def test_limits_in_the_old_form_hold_too(index, token, written):
    accepted(index, sent(f"Bearer {narrowed(token, written)}"))


def test_a_token_for_one_project_uploads_to_it_and_to_no_other(index, ada):
    accepted(index, Attempt(wheel("other", "1.0"), by=ada))
    token = token_of(index, ada, "Demo")
    accepted(index, sent(f"Bearer {token}"))
    other = Attempt(wheel("other", "1.1"), token=token)
    refused(index, other, 403, "Invalid API Token: This token is not valid for the project 'other'.")
    refused(index, Attempt(wheel("fresh", "1.0"), token=token), 403, "Invalid API Token: This token is not valid for")


def test_a_token_for_a_project_does_not_cover_its_successor_of_the_same_name(index, ada):
    token = token_of(index, ada, "demo")
    run(index, "DELETE FROM projects")
    successor = Attempt(wheel("demo", "2.0"), token=token)
    refused(index, successor, 403, "Invalid API Token: This token is not valid for the project 'demo'.")


def test_a_token_ends_with_the_role_of_its_owner(index, ada, token):
    run(index, "DELETE FROM roles")
    refused(index, sent(f"Bearer {token}"), 403, "The user 'ada' isn't allowed to upload to project 'demo'.")


def test_the_use_of_a_token_is_remembered_to_the_minute(index, ada, token):
    def last_used():
        query = (
            "SELECT last_used_at, last_used_from FROM tokens WHERE last_used_at IS NOT NULL ORDER BY created_at DESC"
        )
        return run(index, query)[0]

    accepted(index, sent(f"Bearer {token}"))
    first = last_used()
    assert first[1] == "192.0.2.1"
    accepted(index, sent(f"Bearer {token}"))
    assert last_used() == first
    run(index, "UPDATE tokens SET last_used_at = last_used_at - interval '61 seconds'")
    accepted(index, sent(f"Bearer {token}"))
    assert last_used()[0] >= first[0]


def test_the_use_of_a_token_never_waits_for_another_that_is_noted(index, ada, token):
    with index.work() as work:
        work.db.query(Token).with_for_update().all()
        accepted(index, sent(f"Bearer {token}"))


def test_a_security_key_protects_an_account_as_well_as_codes_do(index_with):
    index = index_with(ACCESS__REQUIRE_SECOND_FACTOR="true")
    token = token_of(index, index.user("ada"))
    refused(index, Attempt(wheel("demo", "1.0"), token=token), 403, "User 'ada' does not have two-factor")
    run(
        index,
        "INSERT INTO security_keys (user_id, label, credential_id, public_key, sign_count) "
        "SELECT id, 'blue', '\\x01', '\\x02', 0 FROM users",
    )
    accepted(index, Attempt(wheel("demo", "1.0"), token=token))
