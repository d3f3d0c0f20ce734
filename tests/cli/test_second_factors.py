"""Operators take second factors away from somebody who lost them."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Run
from tests.index import Index
from tests.second_factor.person import Person
from warehouse.domain.accounts import User
from warehouse.errors import NotAllowed
from warehouse.operations.second_factors import factors_of, reset


@pytest.fixture
def ada(index: Index) -> Person:
    return Person(index)


def test_the_list_of_users_says_who_has_one(run: Run, index: Index, ada: Person):
    bob = Person(index, "bob")
    index.user("eve")
    ada.get_ready()
    ada.add_app()
    bob.get_ready()
    bob.add_key()
    listed = json.loads(run("user", "list", "--json").stdout)
    secured = {one["username"]: one["has_second_factor"] for one in listed}
    assert secured == {"ada": True, "bob": True, "eve": False}


def test_everything_goes_and_the_user_is_told(run: Run, ada: Person):
    ada.get_ready()
    ada.add_app()
    ada.add_key("blue")
    result = run("user", "second-factor", "reset", "ADA")
    assert (result.exit_code, result.stdout) == (0, "ada has no second factor any more.\n")
    with ada.signing_in() as (work, user):
        factors = factors_of(work.db, user)
    assert (factors.any, factors.codes) == (False, 0)
    removed, also, told = [entry for entry in ada.history() if entry[0] != "account:email:sent"][-3:]
    assert removed == ("account:two_factor:method_removed", {"method": "totp"})
    assert also == ("account:two_factor:method_removed", {"method": "webauthn", "label": "blue"})
    assert told == ("account:two_factor:reset", {})
    assert ada.mail()[-2:] == ["two-factor-added", "second-factor-reset"], "one mail tells of it"


def test_somebody_without_any_is_left_alone(run: Run, ada: Person):
    before = ada.history()
    result = run("user", "second-factor", "reset", "ada")
    assert (result.exit_code, result.stdout) == (0, "ada has no second factor anyway.\n")
    assert ada.history() == before


def test_nobody_who_is_not_there_has_one(run: Run, ada: Person):
    result = run("user", "second-factor", "reset", "bob")
    assert result.exit_code == 1 and "There is no user 'bob'" in result.stderr


def test_people_cannot_reset_their_own(ada: Person):
    with pytest.raises(NotAllowed), ada.signed_in() as (work, _):
        reset(work, work.db.get(User, ada.user.id))
