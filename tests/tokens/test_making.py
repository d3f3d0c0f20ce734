"""Making and revoking tokens."""

import re
import uuid
from datetime import timedelta

import orjson
import pytest

from tests.builders import wheel
from tests.upload.attempts import Attempt, accepted, run
from warehouse.domain.accounts import User
from warehouse.domain.audit import AuditEvent
from warehouse.domain.tokens import Token
from warehouse.errors import Conflict, Invalid, NotAllowed, NotFound
from warehouse.operations.tokens import create_token, revoke_token, tokens_of
from warehouse.standards import macaroons

LEAKED = re.compile(r"pypi-[A-Za-z0-9-_=]{85,}")


@pytest.fixture
def ada(index):
    return index.user("ada")


def make(index, user, *, by=None, **details):
    with index.work(index.actor(by or user)) as work:
        return create_token(work, work.db.get_one(User, user.id), **{"description": "laptop", **details})


def test_a_token_has_the_shape_that_scanners_for_leaks_look_for(index, ada):
    token, text = make(index, ada)
    assert LEAKED.fullmatch(text)
    made = macaroons.from_token(text)
    assert (made.location, made.identifier.decode()) == ("warehouse", str(token.id))
    assert [orjson.loads(caveat) for caveat in made.caveats] == [[3, str(ada.id)]] == token.caveats


def test_a_token_is_stored_nowhere(index, ada):
    _, text = make(index, ada)
    signature = macaroons.from_token(text).signature.hex()
    assert signature not in str(run(index, "SELECT t::text FROM tokens t")) + str(
        run(index, "SELECT details FROM audit_events")
    )


def test_a_token_for_projects_names_them_and_their_ids(index, ada):
    accepted(index, Attempt(wheel("Some.Thing", "1.0"), by=ada))
    token, _ = make(index, ada, projects=["some_thing"])
    (identifier,) = run(index, "SELECT id::text FROM projects")[0]
    assert token.caveats == [[1, ["some-thing"]], [2, [identifier]]]


@pytest.mark.parametrize("name", ["missing", "others"])
def test_a_token_is_made_for_own_projects_only(index, ada, name):
    accepted(index, Attempt(wheel("others", "1.0"), by=index.user("eve")))
    with pytest.raises(NotFound, match=f"ada has no project '{name}'"):
        make(index, ada, projects=[name])


def test_a_lifetime_becomes_a_limit(index, ada):
    token, _ = make(index, ada, lifetime=timedelta(hours=1))
    assert [limit[0] for limit in token.caveats] == [3, 0]
    assert token.caveats[1][1] - token.caveats[1][2] == 3600
    assert token.expires_at == token.created_at.replace(microsecond=0) + timedelta(hours=1)


@pytest.mark.parametrize("lifetime", [timedelta(), timedelta(seconds=-1), timedelta.max])
def test_a_lifetime_is_positive_and_has_an_end(index, ada, lifetime):
    with pytest.raises(Invalid, match="A token must live for some time"):
        make(index, ada, lifetime=lifetime)


def test_the_settings_say_how_long_a_token_lives_when_its_owner_does_not(index_with):
    index = index_with(TOKENS__DEFAULT_LIFETIME="30 days", TOKENS__LOCATION="packages.example.org")
    ada = index.user("ada")
    token, text = make(index, ada)
    assert token.expires_at == token.created_at.replace(microsecond=0) + timedelta(days=30)
    assert macaroons.from_token(text).location == "packages.example.org"


@pytest.mark.parametrize("description", ["", "   ", "a" * 101, "a\0b", "a\nb"])
def test_a_token_has_a_description(index, ada, description):
    with pytest.raises(Invalid, match="Describe the token"):
        make(index, ada, description=description)


def test_a_description_names_one_token_of_a_user(index, ada):
    make(index, ada)
    with pytest.raises(Conflict, match="ada has a token called 'laptop' already"):
        make(index, ada, description=" laptop ")
    make(index, index.user("bob"))


def test_tokens_are_made_and_revoked_by_their_owner_only(index, ada):
    eve = index.user("eve", administrator=True)
    with pytest.raises(NotAllowed, match=r"^The user 'eve' isn't allowed to manage the tokens of the user 'ada'\.$"):
        make(index, ada, by=eve)
    token, _ = make(index, ada)
    with pytest.raises(NotAllowed), index.work(index.actor(eve)) as work:
        revoke_token(work, work.db.get_one(User, ada.id), token.id)
    with pytest.raises(NotFound, match="eve has no token"), index.work(index.actor(eve)) as work:
        revoke_token(work, work.db.get_one(User, eve.id), token.id)
    with index.work(index.actor(ada)) as work:
        assert [found.id for found in tokens_of(work.db, work.db.get_one(User, ada.id))] == [token.id]


def test_making_and_revoking_are_told(index, ada):
    token, _ = make(index, ada)
    with index.work(index.actor(ada)) as work:
        revoke_token(work, work.db.get_one(User, ada.id), token.id)
    with index.work() as work:
        told = [(e.tag, e.details["description"]) for e in work.db.query(AuditEvent) if "token" in e.tag]
        assert work.db.query(Token).all() == []
    assert told == [("account:api_token:added", "laptop"), ("account:api_token:removed", "laptop")]


def test_a_token_for_projects_is_told_in_their_histories_by_name_and_user_only(index, ada):
    for name in ("one", "two"):
        accepted(index, Attempt(wheel(name, "1.0"), by=ada))
    token, _ = make(index, ada, projects=["one", "TWO", "one"])
    assert token.caveats[0] == [1, ["one", "two"]]
    with index.work(index.actor(ada)) as work:
        revoke_token(work, work.db.get_one(User, ada.id), token.id)
    with index.work() as work:
        told = [
            (e.subject.partition(":")[0], e.tag, e.details)
            for e in work.db.query(AuditEvent).order_by(AuditEvent.id)
            if e.tag.startswith("project:api_token")
        ]
    details = {"description": "laptop", "user": "ada"}
    assert told == [
        ("project", "project:api_token:added", details),
        ("project", "project:api_token:added", details),
        ("project", "project:api_token:removed", details),
        ("project", "project:api_token:removed", details),
    ]


def test_a_token_that_would_be_too_long_to_be_sent_is_refused(index, ada):
    index.user("eve")
    run(
        index,
        "INSERT INTO projects (name, normalized_name, lookalike_name) "
        "SELECT 'project-' || n, 'project-' || n, 'project-' || n FROM generate_series(1, 300) n",
    )
    run(
        index,
        "INSERT INTO roles (project_id, user_id, role_name) SELECT p.id, u.id, 'Owner' FROM projects p, users u "
        "WHERE u.username = 'ada'",
    )
    with pytest.raises(Invalid, match="Let it name fewer projects"):
        make(index, ada, projects=[f"project-{n}" for n in range(1, 301)])
    make(index, ada, projects=[f"project-{n}" for n in range(1, 101)])


def test_what_the_account_was_protected_with_is_noted(index, ada):
    before, _ = make(index, ada)
    run(index, "UPDATE users SET totp_secret = '\\x01'")
    after, _ = make(index, ada, description="with a second factor")
    assert (before.details, after.details) == ({"made_with_2fa": False}, {"made_with_2fa": True})


def test_revoking_what_is_not_there_is_refused(index, ada):
    with pytest.raises(NotFound), index.work(index.actor(ada)) as work:
        revoke_token(work, work.db.get_one(User, ada.id), uuid.uuid4())
