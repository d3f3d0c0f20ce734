"""Secrets that are sealed: what a copy of the database is worth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from tests.second_factor.person import SECRET, Person
from warehouse.domain.accounts import User
from warehouse.infra.sealing import NotSealedHere, seal, unseal
from warehouse.operations.totp import Check, check_code


@given(st.binary(min_size=1), st.binary(max_size=100), st.binary(max_size=20))
def test_what_is_sealed_is_opened_again(secret, plain, about):
    sealed = seal(secret, plain, about=about)
    assert unseal(secret, sealed, about=about) == plain
    assert sealed != seal(secret, plain, about=about)
    assert len(plain) < 4 or plain not in sealed


@given(st.integers(0, 47), st.integers(1, 255))
def test_what_was_changed_or_moved_is_not(place, change):
    sealed = bytearray(seal(b"secret", SECRET, about=b"ada"))
    for secret, about in ((b"another", b"ada"), (b"secret", b"bob")):
        with pytest.raises(NotSealedHere):
            unseal(secret, bytes(sealed), about=about)
    sealed[place] ^= change
    with pytest.raises(NotSealedHere):
        unseal(b"secret", bytes(sealed), about=b"ada")


@given(st.binary(max_size=60))
def test_what_was_never_sealed_is_not(junk):
    with pytest.raises(NotSealedHere):
        unseal(b"secret", junk, about=b"")


def test_the_database_holds_no_secret_of_an_app(ada: Person):
    ada.get_ready()
    ada.add_app()
    with ada.index.work() as work:
        (kept,) = work.db.execute(text("SELECT totp_secret FROM users")).one()
    assert SECRET not in kept and SECRET.hex().encode() not in kept


def test_a_secret_that_was_moved_to_another_account_signs_nobody_in(index, ada: Person):
    ada.get_ready()
    ada.add_app()
    eve = Person(index, "eve")
    with index.work() as work:
        work.db.get(User, eve.user.id).totp_secret = work.db.get(User, ada.user.id).totp_secret
    ada.wait(minutes=1)
    with eve.signing_in() as (work, user):
        work.now = ada.at
        assert check_code(work, user, ada.code()) is Check.WRONG
