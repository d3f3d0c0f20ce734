"""CBOR as authenticators write it."""

from __future__ import annotations

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.infra.cbor import NotPlain, check_plain, end_of_item

LEAVES = st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.floats() | st.text() | st.binary()
KEYS = st.integers(-100, 100) | st.text(max_size=5)


def nested(leaves):
    return st.lists(leaves, max_size=30) | st.dictionaries(KEYS, leaves, max_size=30)


@given(LEAVES | nested(LEAVES) | nested(nested(nested(LEAVES))), st.binary(max_size=5))
def test_what_authenticators_may_write_is_read_to_its_end(value, rest):
    data = cbor2.dumps(value)
    assert end_of_item(data + rest, 0) == len(data)
    check_plain(data + data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x18",
        b"\x42a",
        b"\x82\x01",
        b"\xa1\x01",
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x9f\x01\xff",  # an array without a length
        b"\x5f\x41a\xff",
        b"\x1c",
        b"\xff",
        b"\xc1\x00",  # a tag: a time
        b"\xd8\x23\x61a",  # a regular expression
        b"\x82\xd8\x1c\x80\xd8\x1d\x00",  # something shared
        b"\x81\x81\x81\x81\x81\x01",
        b"\x81" * 10_000,
    ],
    ids=lambda data: data[:8].hex(),
)
def test_what_they_may_not_is_refused(data):
    with pytest.raises(NotPlain):
        check_plain(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_judged(data):
    try:
        check_plain(data)
    except NotPlain:
        return
    assert not data or end_of_item(data, 0) <= len(data)
