"""The list of all projects in compressed parts: the same as one made afresh, whatever happened to it."""

from __future__ import annotations

import gzip
import tracemalloc
import xmlrpc.client

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.names import normalize
from warehouse.standards.xmlrpc import SerialList
from warehouse.standards.xmlrpc.listing import gzipped, plain


def shown(listing: SerialList) -> dict[str, int]:
    """What a client reads, which must be the same in both encodings."""
    body = b"".join(plain(listing.parts()))
    assert gzip.decompress(b"".join(gzipped(listing.parts()))) == body
    ((found,), _) = xmlrpc.client.loads(body)
    return found


def rows(projects: dict[str, int]) -> list[tuple[str, str, int]]:
    return sorted((normalize(name), name, serial) for name, serial in projects.items())


NAMES = st.sampled_from(["A", "b", "B.b", "b-c", "C_c", "d", "Dd", "e1", "F", "g.G", "zz"])
CHANGES = st.lists(st.dictionaries(NAMES, st.none() | st.integers(0, 99), max_size=6), max_size=8)


@given(st.dictionaries(NAMES, st.integers(0, 99)), CHANGES, st.integers(1, 3))
def test_following_changes_gives_what_loading_gives(first, changes, part_size):
    listing = SerialList(part_size)
    listing.load(rows(first))
    now = dict(first)
    for change in changes:
        told = {normalize(name): None if serial is None else (name, serial) for name, serial in change.items()}
        listing.change(told)
        now.update({name: serial for name, serial in change.items() if serial is not None})
        for name in [name for name, serial in change.items() if serial is None]:
            now.pop(name, None)
        assert shown(listing) == now
        fresh = SerialList(part_size)
        fresh.load(rows(now))
        assert list(shown(fresh)) == list(shown(listing))


def test_what_was_given_out_stays_as_it_was():
    listing = SerialList(2)
    listing.load(rows({"a": 1, "b": 2, "c": 3}))
    parts = listing.parts()
    before = b"".join(plain(parts))
    listing.change({"a": None, "d": ("D", 4)})
    assert b"".join(plain(parts)) == before
    assert shown(listing) == {"b": 2, "c": 3, "D": 4}


def test_a_change_makes_one_part_again():
    listing = SerialList(10)
    listing.load(rows({f"name-{number:03}": number for number in range(100)}))
    before = listing.parts()
    listing.change({"name-055": ("name-055", 1000)})
    assert [one is other for one, other in zip(before, listing.parts(), strict=True)].count(False) == 1


@pytest.mark.parametrize("write", [plain, gzipped])
def test_sending_the_list_takes_no_memory_of_its_size(write):
    listing = SerialList()
    listing.load((f"name-{number:06}", f"name-{number:06}", number) for number in range(100_000))
    parts = listing.parts()
    tracemalloc.start()
    try:
        size = sum(map(len, write(parts)))
        assert tracemalloc.get_traced_memory()[1] < 1024**2
    finally:
        tracemalloc.stop()
    assert size > 500_000
