"""What the members of a distribution are."""

from __future__ import annotations

import pytest

from warehouse.standards.members import Remark, lasting_paths, remark_of


@pytest.mark.parametrize(
    ("path", "is_wheel", "remark"),
    [
        ("demo-1.0/setup.py", False, Remark.BUILD),
        ("demo-1.0/tests/fixtures/setup.py", False, None),
        ("setup.py", True, None),
        ("demo.pth", True, Remark.STARTUP),
        ("sitecustomize.py", True, Remark.STARTUP),
        ("demo/_fast.cpython-312-x86_64-linux-gnu.so", True, Remark.COMPILED),
        ("demo.libs/libgfortran-83c28eba.so.5.0.0", True, Remark.COMPILED),
        ("demo/x.PYD", True, Remark.COMPILED),
        ("demo/__pycache__/a.cpython-312.pyc", False, Remark.BYTECODE),
        ("demo-1.0.dist-info/entry_points.txt", True, Remark.COMMANDS),
        ("demo/so.py", True, None),
    ],
)
def test_members_that_deserve_a_look_are_told_by_their_names(path: str, is_wheel: bool, remark: Remark | None) -> None:
    assert remark_of(path, is_wheel=is_wheel) == remark


def test_a_link_deserves_a_look_whatever_its_name() -> None:
    assert remark_of("demo-1.0/README", is_link=True) is Remark.LINK


def test_paths_without_what_changes_with_each_version() -> None:
    assert lasting_paths(["d-1/a", "d-1/b/c"], "sdist") == {"a": "d-1/a", "b/c": "d-1/b/c"}
    assert lasting_paths(["d-1/a", "other"], "sdist") == {"d-1/a": "d-1/a", "other": "other"}
    assert lasting_paths(["d/a", "d-1.dist-info/RECORD", "d-1.data/x"], "bdist_wheel") == {
        "d/a": "d/a",
        "dist-info/RECORD": "d-1.dist-info/RECORD",
        "data/x": "d-1.data/x",
    }


def test_no_path_is_lost_to_another_one() -> None:
    paths = ["a.dist-info/x", "b.dist-info/x", "dist-info/x"]
    assert sorted(lasting_paths(paths, "bdist_wheel").values()) == sorted(paths)
