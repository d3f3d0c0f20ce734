"""License expressions and the paths of license files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.licenses import BadLicenseExpression, bad_license_path, canonical_expression

WORDS = st.sampled_from(
    ["mit", "and", "OR", "with", "(", ")", "gpl-2.0-only", "classpath-exception-2.0", "LicenseRef-X", "é"]
)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("mit and (apache-2.0 or bsd-2-clause)", "MIT AND (Apache-2.0 OR BSD-2-Clause)"),
        ("gpl-2.0-or-later with classpath-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0"),
        ("licenseref-My.Own-1", "LicenseRef-My.Own-1"),
        ("GPL-2.0+", "GPL-2.0+"),
    ],
)
def test_an_expression_is_written_in_reference_case(text, canonical):
    assert canonical_expression(text) == canonical
    assert canonical_expression(canonical) == canonical


@pytest.mark.parametrize(
    "text",
    ["", " ", "Apache", "MIT AND", "AND", "(MIT", "MIT MIT", "MIT WITH MIT", "LicenseRef-", "LicenseRef-a_b",
     "mit or or mit", "MIT\u212a", "LicenseRef-\u212a", "(" * 2000 + "MIT", "MIT OR " * 1000 + "MIT", "MIT/BSD"],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(text):
    with pytest.raises(BadLicenseExpression) as refused:
        canonical_expression(text)
    assert refused.value.sentence.endswith(".")


@given(st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=12).map(" ".join)))
def test_only_our_own_exception_is_raised(text):
    try:
        canonical = canonical_expression(text)
    except BadLicenseExpression:
        return
    assert canonical_expression(canonical) == canonical


@pytest.mark.parametrize("path", ["LICENSE", "licenses/MIT.txt", "a/b/c", "LICENÇA", "LICENSE (old).md", ".license"])
def test_a_plain_path_is_accepted(path):
    assert bad_license_path(path) is None


@pytest.mark.parametrize(
    "path",
    ["", "/LICENSE", "../LICENSE", "a/../b", "a..b", "LICEN[CS]E*", "*", "a\\b", "C:/LICENSE", "C:LICENSE", "./LICENSE",
     "a//b", "a/", "a/./b", ".", "LICENSE\n", "a\x00b"],
)  # fmt: skip
def test_any_other_path_is_refused(path):
    assert bad_license_path(path) is not None
