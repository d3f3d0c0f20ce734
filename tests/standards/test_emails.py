"""E-mail addresses in core metadata."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.emails import bad_address_field, first_address


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        ("Ada Lovelace <ada@example.org>", "ada@example.org"),
        ('"Lovelace, Ada" <ada@example.org>, bob@example.org', "ada@example.org"),
        ("Lovelace, Ada <ada@example.org>", "ada@example.org"),
        ("Ada (the first) <ada@example.org>", "ada@example.org"),
        ("Ada <ädä@exämple.org>", "ädä@exämple.org"),
        ("Ada Lovelace", None),
        ("Ada <>", None),
        ("", None),
    ],
)
def test_the_first_address_counts_and_names_alone_are_fine(field, address):
    assert first_address(field) == address
    assert bad_address_field(field) is None


def test_only_the_first_address_is_checked():
    assert bad_address_field("ada@example.org, not@valid@at.all.test") is None
    assert bad_address_field("ada@example.test, bob@example.org") is not None


@pytest.mark.parametrize(
    "field",
    ["ada@", "@example.org", "ada@example", "ada@example.test", "ada@laptop.local", "ada@example.invalid", "@",
     "ada@[127.0.0.1]", "Ada <ada@-.org>", "ada@example..org", "a@b@c", "(" * 5000 + "@",
     "a@b.c" * 5000],
)  # fmt: skip
def test_an_invalid_address_is_refused_with_a_sentence(field):
    sentence = bad_address_field(field)
    assert sentence is not None
    assert len(sentence) < 300


@given(st.one_of(st.text(), st.text('ab@.<>(),;:"[]\\ '), st.text("ab.-é").map("x@".__add__)))
def test_any_text_has_an_answer(field):
    assert isinstance(bad_address_field(field), str | None)
