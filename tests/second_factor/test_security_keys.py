"""Security keys: from making them known to taking them away."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.second_factor.authenticator import Authenticator, encoded
from tests.second_factor.person import SITE, Person
from warehouse.domain.accounts import SecurityKey, User
from warehouse.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from warehouse.operations.second_factors import factors_of
from warehouse.operations.security_keys import (
    MOST_KEYS,
    add_key,
    begin_adding,
    begin_signing_in,
    check_key,
    remove_key,
)


def keys(ada: Person) -> dict[str, SecurityKey]:
    with ada.signing_in() as (work, user):
        return {key.label: key for key in factors_of(work.db, user).keys}


def options(ada: Person, step: str = "2") -> dict:
    with ada.signing_in() as (work, user):
        return begin_signing_in(work, user, SITE, step=step)


def answer(ada: Person, said: object, step: str = "2") -> str | None:
    with ada.signing_in() as (work, user):
        key = check_key(work, user, SITE, step=step, answer=said)
        return key.label if key is not None else None


def remove(ada: Person, label: str, typed: str | None = None) -> None:
    key = keys(ada)[label]
    with ada.signed_in() as (work, user):
        remove_key(work, user, key.id, typed_label=label if typed is None else typed)


def test_a_key_is_added_and_signs_in(ada):
    ada.get_ready()
    blue = ada.add_key("blue")
    assert ada.history()[-2] == ("account:two_factor:method_added", {"method": "webauthn", "label": "blue"})
    assert ada.mail()[-1] == "two-factor-added"
    assert answer(ada, blue.sign(options(ada))) == "blue"
    kept = keys(ada)["blue"]
    assert (kept.sign_count, kept.last_used_at) == (1, ada.at)


def test_recovery_codes_come_first_and_one_of_them_is_tried(ada):
    with pytest.raises(Conflict, match="Generate recovery codes"):
        ada.add_key()
    ada.generate()
    with pytest.raises(Conflict, match="Enter one of your recovery codes"):
        ada.add_key()


def test_there_may_be_several_keys_and_each_signs_in(ada):
    ada.get_ready()
    blue, red = ada.add_key("blue"), ada.add_key("red")
    asked = options(ada)
    assert {one["id"] for one in asked["allowCredentials"]} == {encoded(blue.credential_id), encoded(red.credential_id)}
    assert answer(ada, red.sign(asked)) == "red"
    assert answer(ada, blue.sign(options(ada))) == "blue"


def test_a_browser_is_told_which_keys_are_there_already(ada):
    ada.get_ready()
    blue = ada.add_key("blue")
    with ada.signed_in() as (work, user):
        asked = begin_adding(work, user, SITE, step="1")
    assert [one["id"] for one in asked["excludeCredentials"]] == [encoded(blue.credential_id)]


def test_a_label_is_one_to_sixty_four_printable_characters(ada):
    ada.get_ready()
    for label in ("", "  ", "x" * 65, "a\nb", "a\x00b"):
        with pytest.raises(Invalid) as refused:
            ada.add_key(label)
        assert refused.value.code == "bad_label"
    assert not keys(ada)
    labels = ("x", "ä" * 64, " my key ", "<b>")
    for label in labels:
        ada.add_key(label)
    assert set(keys(ada)) == {label.strip() for label in labels}


def test_two_keys_of_one_person_have_different_labels(index, ada):
    ada.get_ready()
    ada.add_key("blue")
    with pytest.raises(Conflict) as refused:
        ada.add_key("blue ")
    assert refused.value.code == "label_taken"
    bob = Person(index, "bob")
    bob.get_ready()
    bob.add_key("blue")


def test_a_key_belongs_to_one_account(index, ada):
    ada.get_ready()
    blue = ada.add_key("blue")
    bob = Person(index, "bob")
    for person in (ada, bob):
        person.get_ready()
        with pytest.raises(Conflict) as refused:
            person.add_key("stolen", blue)
        assert refused.value.code == "key_taken"


def test_there_is_an_end_to_keys(ada):
    ada.get_ready()
    with ada.signed_in() as (work, user):
        work.db.add_all(
            SecurityKey(
                id=uuid.uuid4(), user_id=user.id, label=str(n), credential_id=bytes([n]), public_key=b"", sign_count=0
            )
            for n in range(MOST_KEYS)
        )
    with pytest.raises(Conflict) as refused:
        ada.add_key("one more")
    assert refused.value.code == "too_many_keys"


def test_an_answer_to_something_else_adds_nothing(ada):
    ada.get_ready()
    for changes in ({"origin": "https://evil.test"}, {"challenge": "AAAA"}, {"host": "evil.test"}):
        with pytest.raises(Invalid) as refused:
            ada.add_key(**changes)
        assert refused.value.code == "bad_key"
    assert not keys(ada)


def test_an_answer_to_something_else_signs_nobody_in(ada):
    ada.get_ready()
    blue = ada.add_key("blue")
    for changes in ({"origin": "https://evil.test"}, {"challenge": "AAAA"}, {"signature": b"x"}):
        assert answer(ada, blue.sign(options(ada), **changes)) is None
        assert ada.history()[-1] == ("account:login:failure", {"reason": "invalid_webauthn"})


def test_a_key_of_somebody_else_signs_nobody_in(index, ada):
    bob = Person(index, "bob")
    for person in (ada, bob):
        person.get_ready()
    ada.add_key("blue")
    red = bob.add_key("red")
    assert answer(ada, red.sign(options(ada))) is None


def test_a_copy_of_a_key_is_found_out_by_its_count(ada):
    ada.get_ready()
    blue = ada.add_key("blue")
    assert answer(ada, blue.sign(options(ada), count=7)) == "blue"
    assert answer(ada, blue.sign(options(ada), count=7)) is None
    assert answer(ada, blue.sign(options(ada), count=3)) is None
    assert keys(ada)["blue"].sign_count == 7
    assert answer(ada, blue.sign(options(ada), count=8)) == "blue"


def test_a_challenge_is_answered_once(ada):
    ada.get_ready()
    blue = ada.add_key("blue")
    signed = blue.sign(options(ada))
    assert answer(ada, signed) == "blue"
    with pytest.raises(Invalid) as refused:
        answer(ada, signed)
    assert refused.value.code == "no_challenge"


def test_a_challenge_is_over_after_a_wrong_answer(ada):
    ada.get_ready()
    blue = ada.add_key("blue")
    asked = options(ada)
    assert answer(ada, "junk") is None
    with pytest.raises(Invalid):
        answer(ada, blue.sign(asked))


def test_a_challenge_is_over_after_five_minutes(ada):
    ada.get_ready()
    blue = ada.add_key("blue")
    asked = options(ada)
    ada.at += timedelta(minutes=5)
    with pytest.raises(Invalid):
        answer(ada, blue.sign(asked))


def test_the_challenge_of_one_step_is_none_of_another(ada):
    ada.get_ready()
    blue = ada.add_key("blue")
    asked = options(ada, "here")
    options(ada, "elsewhere")
    assert answer(ada, blue.sign(asked), "elsewhere") is None
    assert answer(ada, blue.sign(asked), "here") == "blue"


def test_of_two_equal_answers_at_once_one_gets_through(ada):
    ada.get_ready()
    blue = ada.add_key("blue")
    signed = blue.sign(options(ada))

    def attempt(_: int) -> str | None:
        try:
            return answer(ada, signed)
        except Invalid:
            return None

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(attempt, range(4))).count("blue") == 1


def test_whoever_tries_wrong_keys_is_held_back(ada):
    ada.get_ready()
    blue = ada.add_key("blue")
    for _ in range(6):
        assert answer(ada, blue.sign(options(ada))) == "blue"
    for _ in range(5):
        assert answer(ada, blue.sign(options(ada), signature=b"x")) is None
    with pytest.raises(TooMany):
        answer(ada, blue.sign(options(ada)))


def test_a_key_is_removed_by_typing_its_label(ada):
    ada.get_ready()
    blue = ada.add_key("blue")
    with pytest.raises(Invalid) as refused:
        remove(ada, "blue", typed="Blue")
    assert refused.value.code == "wrong_label"
    asked = options(ada)
    remove(ada, "blue", typed=" blue ")
    assert not keys(ada)
    assert ada.told()[-1] == "account:two_factor:method_removed"
    assert ada.mail()[-1] == "two-factor-removed"
    assert answer(ada, blue.sign(asked)) is None


def test_a_key_of_somebody_else_cannot_be_removed(index, ada):
    ada.get_ready()
    ada.add_key("blue")
    key = keys(ada)["blue"]
    bob = Person(index, "bob")
    with pytest.raises(NotFound), bob.signed_in() as (work, user):
        remove_key(work, user, key.id, typed_label="blue")
    with pytest.raises(NotAllowed), bob.signed_in() as (work, _):
        remove_key(work, work.db.get(User, ada.user.id), key.id, typed_label="blue")
    with pytest.raises(NotAllowed), bob.signed_in() as (work, _):
        add_key(work, work.db.get(User, ada.user.id), SITE, step="1", label="red", answer={})
    assert list(keys(ada)) == ["blue"]


def test_of_two_last_keys_that_are_removed_at_once_one_stays(index_with):
    ada = Person(index_with(ACCESS__REQUIRE_SECOND_FACTOR="true"))
    ada.get_ready()
    ada.add_key("blue")
    ada.add_key("red", Authenticator())

    def attempt(label: str) -> str:
        try:
            remove(ada, label)
        except Conflict as refused:
            return refused.code
        return "removed"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(attempt, ["blue", "red"])) == ["last_factor", "removed"]
    assert len(keys(ada)) == 1
