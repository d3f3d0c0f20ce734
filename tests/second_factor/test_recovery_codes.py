"""Recovery codes stand in for a lost device, each of them once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.index import Index
from tests.second_factor.person import Person
from warehouse.domain.accounts import RecoveryCode, User
from warehouse.errors import NotAllowed, TooMany
from warehouse.operations.recovery_codes import Burning, codes_left, generate, remind_of_codes
from warehouse.operations.second_factors import factors_of


def left(ada: Person) -> int:
    with ada.signing_in() as (work, user):
        return codes_left(work.db, user)


def test_there_are_eight_codes_of_sixteen_digits(ada):
    codes = ada.generate()
    assert len(set(codes)) == 8
    assert all(re.fullmatch("[0-9a-f]{16}", code) for code in codes)
    assert ada.told()[-1] == "account:recovery_codes:generated"
    assert ada.mail() == ["recovery-codes-generated"]


def test_none_of_them_can_be_read_in_the_database(index, ada):
    codes = ada.generate()
    with index.work() as work:
        kept = [code.digest for code in work.db.scalars(select(RecoveryCode))]
    assert {len(digest) for digest in kept} == {32}
    assert not any(code.encode() in digest or bytes.fromhex(code) in digest for code in codes for digest in kept)


def test_a_code_works_once(ada):
    code, *_ = ada.generate()
    assert ada.burn(code) is Burning.DONE
    assert left(ada) == 7
    assert ada.told()[-1] == "account:recovery_codes:used"
    assert ada.history()[-2] == ("account:recovery_codes:used", {"left": 7})
    assert ada.mail()[-1] == "recovery-code-used"
    assert ada.burn(code) is Burning.BURNED_BEFORE
    assert ada.history()[-1] == ("account:login:failure", {"reason": "burned_recovery_code"})
    assert left(ada) == 7


def test_a_code_may_be_typed_with_blanks_and_capitals(ada):
    one, *_ = ada.generate()
    assert ada.burn(f" {one[:8].upper()} {one[8:]}\n") is Burning.DONE


def test_what_is_no_code_of_theirs_burns_nothing(ada):
    ada.generate()
    for text in ("", "0" * 16, "0" * 15, "0" * 100_000, "\x00é" * 8):
        assert ada.burn(text) is Burning.UNKNOWN
        assert ada.history()[-1] == ("account:login:failure", {"reason": "invalid_recovery_code"})
    assert left(ada) == 8


def test_a_code_of_somebody_else_is_no_code(index, ada):
    bob = Person(index, "bob")
    assert ada.burn(bob.generate()[0]) is Burning.UNKNOWN


def test_new_codes_make_the_old_ones_void_and_have_to_be_tried_again(ada):
    old = ada.get_ready()
    new = ada.generate()
    assert ada.told()[-1] == "account:recovery_codes:regenerated"
    assert ada.burn(old[0]) is Burning.UNKNOWN
    with ada.signed_in() as (work, user):
        factors = factors_of(work.db, user)
    assert (factors.codes, factors.codes_left, factors.proven) == (8, 8, False)
    assert ada.burn(new[0]) is Burning.DONE


def test_nobody_is_written_to_about_a_code_that_was_burned_to_try_it(ada):
    ada.get_ready()
    assert ada.mail() == ["recovery-codes-generated"]
    assert ada.told()[-1] == "account:recovery_codes:used"


def test_somebody_else_cannot_generate_them(index, ada):
    bob = Person(index, "bob")
    with pytest.raises(NotAllowed), bob.signed_in() as (work, _):
        generate(work, work.db.get(User, ada.user.id))


def test_whoever_guesses_is_held_back_and_right_codes_do_not_count(ada):
    right = ada.generate()
    for code in right[:4]:
        assert ada.burn(code) is Burning.DONE
    for guess in range(5):
        assert ada.burn(f"{guess:016}") is Burning.UNKNOWN
    with pytest.raises(TooMany) as refused:
        ada.burn(right[5])
    assert 0 < refused.value.retry_after <= 300
    assert left(ada) == 4
    ada.at += timedelta(minutes=11)
    assert ada.burn(right[5]) is Burning.DONE


def test_of_many_who_type_one_code_at_once_one_gets_through(index: Index, ada: Person):
    code, *_ = ada.generate()
    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(lambda _: ada.burn(code), range(4)))
    assert sorted(outcome.name for outcome in outcomes) == ["BURNED_BEFORE"] * 3 + ["DONE"]
    assert left(ada) == 7


def test_of_two_sets_that_are_made_at_once_one_is_valid(ada):
    with ThreadPoolExecutor(4) as threads:
        sets = list(threads.map(lambda _: ada.generate(), range(4)))
    assert left(ada) == 8
    assert sum(ada.burn(codes[0]) is Burning.DONE for codes in sets) == 1


def test_whoever_has_no_codes_left_is_reminded(ada):
    def remind() -> None:
        with ada.signing_in() as (work, user):
            remind_of_codes(work, user)

    remind()
    assert ada.mail() == ["recovery-code-reminder"]
    ada.generate()
    remind()
    assert ada.mail() == ["recovery-code-reminder", "recovery-codes-generated"]
