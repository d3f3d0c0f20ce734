"""Codes of an app: from setting it up to taking it away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.index import Index
from tests.second_factor.person import SECRET, Person
from warehouse.domain.accounts import User
from warehouse.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from warehouse.operations.second_factors import factors_of
from warehouse.operations.totp import Check, add_app, check_code, new_secret


def check(ada: Person, code: str) -> Check:
    with ada.signing_in() as (work, user):
        return check_code(work, user, code)


def has_app(ada: Person) -> bool:
    with ada.signing_in() as (work, user):
        return factors_of(work.db, user).totp


def test_an_app_is_added_by_a_code_that_it_shows(ada):
    ada.get_ready()
    ada.add_app()
    assert has_app(ada)
    assert ada.history()[-2] == ("account:two_factor:method_added", {"method": "totp"})
    assert ada.mail()[-1] == "two-factor-added"


def test_secrets_are_never_the_same():
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(new_secret()) == 20


def test_recovery_codes_come_first_and_one_of_them_is_tried(ada):
    with pytest.raises(Conflict) as refused:
        ada.add_app()
    assert refused.value.code == "no_recovery_codes"
    code, *_ = ada.generate()
    with pytest.raises(Conflict) as refused:
        ada.add_app()
    assert refused.value.code == "codes_not_proven"
    ada.burn(code)
    ada.add_app()
    assert has_app(ada)


def test_a_wrong_code_adds_nothing(ada):
    ada.get_ready()
    for code in ("000000", "", "x" * 70_000):
        with pytest.raises(Invalid) as refused:
            ada.add_app(code)
        assert refused.value.code == "wrong_code"
    assert not has_app(ada)


def test_an_app_whose_clock_is_wrong_is_told_so(ada):
    ada.get_ready()
    for steps in (-10, -2, 2, 10):
        with pytest.raises(Invalid) as refused:
            ada.add_app(ada.code(steps))
        assert refused.value.code == "out_of_sync"
    assert not has_app(ada)


def test_an_app_that_is_half_a_minute_off_works(ada):
    ada.get_ready()
    for steps in (-1, 1):
        ada.add_app(ada.code(steps))
        assert has_app(ada)


def test_a_new_app_takes_the_place_of_the_old_one(ada):
    ada.get_ready()
    ada.add_app()
    ada.wait(minutes=1)
    ada.add_app()
    assert ada.told()[-2:] == ["account:two_factor:method_removed", "account:two_factor:method_added"]
    assert ada.mail()[-2:] == ["two-factor-removed", "two-factor-added"]


def test_a_code_signs_in(ada):
    ada.get_ready()
    ada.add_app()
    ada.wait(minutes=1)
    for steps in (-1, 0, 1):
        assert check(ada, ada.code(steps)) is Check.RIGHT
    ada.wait(minutes=1)
    assert check(ada, f" {ada.code()[:3]} {ada.code()[3:]} ") is Check.RIGHT


def test_a_code_signs_in_once(ada):
    ada.get_ready()
    ada.add_app()
    assert check(ada, ada.code()) is Check.USED_BEFORE, "the code that set the app up"
    ada.wait(seconds=30)
    assert check(ada, ada.code()) is Check.RIGHT
    assert check(ada, ada.code()) is Check.USED_BEFORE
    assert check(ada, ada.code(-1)) is Check.USED_BEFORE
    ada.wait(seconds=30)
    assert check(ada, ada.code(-1)) is Check.USED_BEFORE
    assert check(ada, ada.code()) is Check.RIGHT


def test_of_many_who_use_one_code_at_once_one_gets_through(ada):
    ada.get_ready()
    ada.add_app()
    ada.wait(minutes=1)
    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(lambda _: check(ada, ada.code()), range(4)))
    assert sorted(outcome.name for outcome in outcomes) == ["RIGHT"] + ["USED_BEFORE"] * 3


def test_a_wrong_code_is_noted(ada):
    ada.get_ready()
    ada.add_app()
    assert check(ada, ada.code(5)) is Check.WRONG
    assert ada.history()[-1] == ("account:login:failure", {"reason": "invalid_totp"})


def test_somebody_without_an_app_has_no_code(ada):
    assert check(ada, "000000") is Check.WRONG


def test_whoever_guesses_is_held_back_and_a_code_used_before_does_not_count(ada):
    ada.get_ready()
    ada.add_app()
    for _ in range(7):
        assert check(ada, ada.code()) is Check.USED_BEFORE
    for _ in range(5):
        assert check(ada, "000000") is Check.WRONG
    ada.wait(minutes=1)
    with pytest.raises(TooMany):
        check(ada, ada.code())
    ada.wait(minutes=11)
    assert check(ada, ada.code()) is Check.RIGHT


def test_parallel_guesses_do_not_slip_through(ada):
    ada.get_ready()
    ada.add_app()

    def guess(number: int) -> str:
        try:
            return check(ada, f"{number:06}").name
        except TooMany:
            return "TOO_MANY"

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(guess, range(20)))
    assert outcomes.count("WRONG") <= 5


def test_an_app_is_removed_with_the_codes_that_stood_in_for_it(ada):
    ada.get_ready()
    ada.add_app()
    ada.remove_app()
    assert ada.told()[-1] == "account:two_factor:method_removed"
    assert ada.mail()[-1] == "two-factor-removed"
    with ada.signing_in() as (work, user):
        factors = factors_of(work.db, user)
    assert (factors.any, factors.codes) == (False, 0)
    with pytest.raises(NotFound):
        ada.remove_app()


def test_codes_stay_while_a_key_is_there(ada):
    ada.get_ready()
    ada.add_app()
    ada.add_key()
    ada.remove_app()
    with ada.signing_in() as (work, user):
        factors = factors_of(work.db, user)
    assert (factors.any, factors.codes_left) == (True, 7)


def test_the_last_factor_stays_where_one_is_required(index_with):
    ada = Person(index_with(ACCESS__REQUIRE_SECOND_FACTOR="true"))
    ada.get_ready()
    ada.add_app()
    with pytest.raises(Conflict) as refused:
        ada.remove_app()
    assert refused.value.code == "last_factor"
    ada.add_key()
    ada.remove_app()
    assert not has_app(ada)


def test_somebody_else_cannot_add_an_app(index: Index, ada: Person):
    bob = Person(index, "bob")
    with pytest.raises(NotAllowed), bob.signed_in() as (work, _):
        add_app(work, work.db.get(User, ada.user.id), SECRET, ada.code())
