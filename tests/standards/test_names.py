"""Project names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from warehouse.standards.names import NormalizedName, is_standard_library, is_valid_name, lookalike, normalize
from warehouse.standards.stdlib_names import STANDARD_LIBRARY

NAMES = st.text("abzLIO019._-", min_size=1)


@pytest.mark.parametrize(
    ("name", "normalized"),
    [
        ("demo", "demo"),
        ("Demo", "demo"),
        ("friendly-bard", "friendly-bard"),
        ("Friendly.Bard", "friendly-bard"),
        ("FRIENDLY-._.-bard", "friendly-bard"),
        ("a__b--c..d", "a-b-c-d"),
    ],
)
def test_spellings_of_a_project_share_one_form(name, normalized):
    assert normalize(name) == normalized


@given(NAMES)
def test_normalizing_agrees_with_packaging_and_twice_is_once(name):
    assert normalize(name) == canonicalize_name(name) == normalize(normalize(name))


@pytest.mark.parametrize("name", ["a", "7", "A", "demo", "zope.interface", "a_b-c.d", "3to2", "a--b", "x" * 500])
def test_a_valid_name_is_accepted(name):
    assert is_valid_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-",
        "_a",
        "a_",
        ".a",
        "a.",
        "-a",
        "a-",
        "a b",
        " a",
        "a ",
        "a\n",
        "\na",
        "a\x00",
        "é",
        "aéb",
        "\u212a",
        "\u017fs",
        "a/b",
        "٣",
    ],
)
def test_an_invalid_name_is_refused(name):
    assert not is_valid_name(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [("pillow", "p1ll0w"), ("Pi_llow", "pil-low"), ("demo", "d.e.m.0"), ("IlLi", "1111"), ("foo", "FOO")],
)
def test_names_that_look_alike_share_a_form(one, other):
    assert lookalike(one) == lookalike(other)


@pytest.mark.parametrize(("one", "other"), [("demo", "demos"), ("rn", "m"), ("5", "s")])
def test_names_that_do_not_look_alike_differ(one, other):
    assert lookalike(one) != lookalike(other)


@given(NAMES)
def test_a_name_looks_like_its_normalized_form(name):
    assert lookalike(name) == lookalike(normalize(name))


@pytest.mark.parametrize(
    "module",
    ["main", "future", "xml.etree", "xml.etree.ElementTree", "test", "al", "os.path", "tomllib", "asyncio", "UserDict"],
)
def test_names_of_the_standard_library_are_taken(module):
    assert is_standard_library(normalize(module.strip("-_.")))


@pytest.mark.parametrize("name", ["requests", "demo", "numpy", "tests", "setuptools", "pip", "six", ""])
def test_other_names_are_free(name):
    assert not is_standard_library(NormalizedName(name))


def test_the_list_holds_normalized_names_only():
    assert all(is_valid_name(name) and normalize(name) == name for name in STANDARD_LIBRARY)
    assert len(STANDARD_LIBRARY) > 800
