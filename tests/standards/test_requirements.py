"""What the dependencies of a release come down to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.requirements import MOST, needs

EXAMPLES = [
    ([], {}),
    (["Other_Thing"], {("other-thing", ""): ""}),
    (["other >= 1.0, < 2"], {("other", ""): "<2,>=1.0"}),
    (["other[fast]>=1; python_version < '3.9'"], {("other", ""): ">=1"}),
    (["other<2; python_version < '3.9'", "other>=2; python_version >= '3.9'"], {("other", ""): "<2 | >=2"}),
    (["other<2; python_version < '3.9'", "other"], {("other", ""): ""}),
    (["other; extra == 'Test_All'"], {("other", "test-all"): ""}),
    (["other; 'docs' == extra and os_name == 'nt'"], {("other", "docs"): ""}),
    (["other; extra == 'a' or extra == 'b'"], {("other", "a"): "", ("other", "b"): ""}),
    (["other>=1", "other[x]>=3; extra == 'x'"], {("other", ""): ">=1", ("other", "x"): ">=3"}),
    (["other @ https://example.org/other.whl"], {("other", ""): ""}),
    (["demo[fast]; extra == 'all'", "DEMO"], {}),
    (["other (>=1)", "not a requirement", "", "other>=>=1"], {("other", ""): ">=1"}),
    (["a" * 3000, "b" * 300, f"c; extra == '{'x' * 300}'"], {}),
    ([f"n{number}" for number in range(MOST + 5)], {(f"n{number}", ""): "" for number in range(MOST)}),
]


@pytest.mark.parametrize(("requires_dist", "expected"), EXAMPLES)
def test_requirements_come_down_to_projects_versions_and_extras(requires_dist, expected):
    assert needs(requires_dist, of="demo") == expected


@given(st.lists(st.text() | st.text(alphabet="a-;=<>'\"()[]. extrao")))
def test_no_requirement_is_too_odd(requires_dist):
    assert isinstance(needs(requires_dist, of="demo"), dict)
