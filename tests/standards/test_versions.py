"""Versions and the keys they are sorted by."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from warehouse.standards.versions import canonical, is_prerelease, normalized_version, sort_key

NUMBERS = st.one_of(st.integers(0, 3), st.integers(0, 300), st.integers(2**60, 2**70), st.integers(10**700, 10**701))
SMALL = st.integers(0, 2)


def _versions(numbers):
    """Texts of versions, built of all segments PEP 440 knows; small numbers make equal versions likely."""
    local_part = st.one_of(numbers.map(str), st.from_regex(r"[a-zA-Z0-9]{1,3}", fullmatch=True))
    return st.builds(
        lambda epoch, release, pre, post, dev, local: "".join((epoch, release, pre, post, dev, local)),
        st.one_of(st.just(""), numbers.map("{}!".format)),
        st.lists(numbers.map(str), min_size=1, max_size=4).map(".".join),
        st.one_of(
            st.just(""), st.builds("{}{}".format, st.sampled_from(["a", ".beta", "-c", "rc", "_preview"]), numbers)
        ),
        st.one_of(st.just(""), st.builds("{}{}".format, st.sampled_from([".post", "-", "r"]), numbers)),
        st.one_of(st.just(""), numbers.map(".dev{}".format)),
        st.one_of(st.just(""), st.lists(local_part, min_size=1, max_size=3).map(lambda parts: "+" + ".".join(parts))),
    )


def _orders_alike(one: str, other: str) -> None:
    first, second = Version(one), Version(other)
    assert (sort_key(one) < sort_key(other)) == (first < second)
    assert (sort_key(one) == sort_key(other)) == (first == second)
    assert (canonical(one) == canonical(other)) == (first == second)


@given(_versions(SMALL), _versions(SMALL))
@example("1.0", "1.0.0")
@example("1+1", "1+a")
@example("1+1", "1+1.0")
@example("1.dev0", "1a0.dev0")
@example("1.post0.dev0", "1")
@example("0", "0.0")
@example("1+ab", "1+a.b")
def test_keys_order_as_versions_do(one, other):
    _orders_alike(one, other)


@given(_versions(NUMBERS), _versions(NUMBERS))
def test_keys_order_as_versions_with_large_numbers_do(one, other):
    _orders_alike(one, other)


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None)
@given(_versions(st.one_of(SMALL, NUMBERS)), _versions(st.one_of(SMALL, NUMBERS)))
def test_keys_order_as_versions_do_at_length(one, other):
    _orders_alike(one, other)


def test_keys_follow_the_order_pep_440_gives():
    ordered = ["1.dev1", "1a1.dev1", "1a1", "1a2", "1b1", "1rc1.dev1", "1rc1", "1", "1+abc", "1+abc.5", "1+5"]
    ordered += ["1.post1.dev1", "1.post1", "1.1", "1!0"]
    assert all(sort_key(lower) < sort_key(higher) for lower, higher in pairwise(ordered))


@given(_versions(NUMBERS), st.text())
@example("0.dev0", "\x00")
@example("0.dev0", "\ud800")
def test_text_that_is_no_version_sorts_before_all_versions(version, text):
    try:
        Version(text)
    except ValueError:
        assert sort_key(text) < sort_key(version)
    else:
        assume(False)


def test_text_that_is_no_version_sorts_by_number_and_letter():
    ordered = ["2004d-x", "2004d-y", "foo-2", "foo-10", "foo-10b", "foo-1" + "0" * 5000]
    assert all(sort_key(lower) < sort_key(higher) for lower, higher in pairwise(ordered))


@given(st.text(), st.text())
@example("foo-1", "foo-01")
@example("Foo", "foo")
def test_different_texts_that_are_no_versions_have_different_keys(one, other):
    assume(one != other)
    for text in (one, other):
        try:
            Version(text)
        except ValueError:
            continue
        assume(False)
    assert sort_key(one) != sort_key(other)


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("1.0", "1", "1.0"),
        ("1.0.0", "1", "1.0.0"),
        ("v1.4.0.0", "1.4", "1.4.0.0"),
        ("1.0-ALPHA.1", "1a1", "1.0a1"),
        ("1.0-9", "1.post9", "1.0.post9"),
        (" 1.0RC1 ", "1rc1", "1.0rc1"),
        ("01.02", "1.2", "1.2"),
        ("0!1.0", "1", "1.0"),
        ("2!0.0", "2!0", "2!0.0"),
        ("1.0+Ubuntu-1", "1+ubuntu.1", "1.0+ubuntu.1"),
    ],
)
def test_a_version_has_a_canonical_and_a_normal_form(text, short, long):
    assert canonical(text) == short
    assert normalized_version(text) == long


@pytest.mark.parametrize("text", ["", "foo", "1.0-foo", "1..0", "1.0\x00", "1" * 5000, "1.0+", "٣"])
def test_text_that_is_no_version_has_no_normal_form_and_stands_for_itself(text):
    with pytest.raises(InvalidVersion):
        normalized_version(text)
    assert canonical(text) == text
    assert not is_prerelease(text)


@pytest.mark.parametrize("text", ["1a1", "1.0b2", "1rc1", "1.0.dev0", "1.0.post1.dev2", "1-preview1", "1c1"])
def test_pre_and_development_releases_are_prereleases(text):
    assert is_prerelease(text)


@pytest.mark.parametrize("text", ["1", "1.0.post1", "1.0+abc", "1.0+dev.1", "2!1.0"])
def test_other_versions_are_not_prereleases(text):
    assert not is_prerelease(text)
