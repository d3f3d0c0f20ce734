"""What changed between two releases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.attacks.accounts import with_settings
from tests.builders import Dist, sdist, wheel
from tests.contents.files import ask, put, run_jobs
from warehouse.domain.packaging.contents import Inside
from warehouse.errors import TooMany
from warehouse.operations.contents import apart
from warehouse.operations.contents.comparing import Comparison, Pair, compare, counterpart, pairs
from warehouse.operations.contents.looking import members_of
from warehouse.work import ANONYMOUS, Actor, ActorKind, Tools, begin


def inside(filename: str) -> Inside:
    kind = "bdist_wheel" if filename.endswith(".whl") else "sdist"
    return Inside(0, "Demo", "demo", "1", filename, kind, 1, "", datetime(2026, 1, 1, tzinfo=UTC))


def compared(tools: Tools, old: Dist, new: Dist) -> tuple[Comparison, Comparison]:
    """The comparison before lines were counted, and after."""
    put(tools, old, version="1.0")
    put(tools, new, version="1.1")
    pair = Pair(ask(tools, old), ask(tools, new))
    run_jobs(tools)
    with begin(tools, ANONYMOUS) as work:
        first = compare(work, pair)
    run_jobs(tools)
    with begin(tools, ANONYMOUS) as work:
        return first, compare(work, pair)


def test_files_are_compared_with_those_for_the_same_machines() -> None:
    linux = "manylinux_2_17_x86_64.manylinux2014_x86_64"
    tags = (f"cp311-cp311-{linux}", "cp312-cp312-win_amd64", "cp312-cp312-macosx_11_0_arm64")
    old = [inside(f"demo-1.0-{tag}.whl") for tag in tags] + [inside("demo-1.0.tar.gz")]
    new = [
        inside("demo-1.1-cp312-cp312-win_amd64.whl"),
        inside(f"demo-1.1-cp313-cp313-{linux}.whl"),
        inside("demo-1.1.tar.gz"),
        inside("demo-1.1-py3-none-any.whl"),
    ]
    found = [(pair.new.filename, pair.old.filename) for pair in pairs(old, new)]
    assert [new for new, _ in found] == [new[3].filename, new[2].filename, new[0].filename, new[1].filename]
    assert found[1:] == [
        ("demo-1.1.tar.gz", "demo-1.0.tar.gz"),
        ("demo-1.1-cp312-cp312-win_amd64.whl", f"demo-1.0-{tags[1]}.whl"),
        (f"demo-1.1-cp313-cp313-{linux}.whl", f"demo-1.0-{tags[0]}.whl"),
    ]
    assert pairs([inside("demo-1.0.tar.gz")], [inside("demo-1.1-py3-none-any.whl")]) == []


def test_members_that_came_went_moved_and_changed(tools: Tools) -> None:
    old = sdist(
        files={"same.py": "1\n", "gone.py": "1\n2\n", "was.py": "moved\n", "changed.py": "a\nb\nc\n", "bin": b"\0a"}
    )
    new = sdist(
        version="1.1",
        files={"same.py": "1\n", "new.py": "", "is.py": "moved\n", "changed.py": "a\nB\nc\nd\n", "bin": b"\0b"},
    )
    first, counted = compared(tools, old, new)
    assert not first.is_counted and counted.is_counted
    assert [(one.change.value, one.path, one.added, one.removed) for one in counted.changed] == [
        ("removed", "demo-1.0/gone.py", None, 2),
        ("changed", "demo-1.1/PKG-INFO", 1, 1),
        ("changed", "demo-1.1/bin", None, None),
        ("changed", "demo-1.1/changed.py", 2, 1),
        ("renamed", "demo-1.1/is.py", None, None),
        ("added", "demo-1.1/new.py", 0, None),
        ("changed", "demo-1.1/pyproject.toml", 1, 1),
    ]
    renamed = counted.changed[4]
    assert renamed.old is not None and renamed.old.path == "demo-1.0/was.py"
    assert counted.unchanged == 2  # same.py and demo.py


def test_the_metadata_of_two_wheels_is_compared_though_its_folder_has_another_name(tools: Tools) -> None:
    _, counted = compared(tools, wheel(), wheel(version="1.1"))
    assert [(one.change.value, one.path) for one in counted.changed] == [
        ("changed", "demo-1.1.dist-info/METADATA"),
        ("changed", "demo-1.1.dist-info/RECORD"),
    ]
    with begin(tools, ANONYMOUS) as work:
        old, new = (members_of(work, file) for file in (counted.pair.old, counted.pair.new))
    found = counterpart(new, "demo-1.1.dist-info/RECORD", old, "bdist_wheel")
    assert found is not None and found.path == "demo-1.0.dist-info/RECORD"


def test_what_changed_in_a_text_is_told_line_by_line_with_its_words_marked() -> None:
    old = "".join(f"line {number}\n" for number in range(30))
    new = old.replace("line 20\n", "line twenty\n")
    found = apart.compare(b"o", b"n", lambda: (old, new), "a.txt")
    assert found is not None and (found.added, found.removed, found.skipped) == (1, 1, 6)
    (hunk,) = found.hunks
    assert hunk.skipped == 17
    assert [row[:3] for row in hunk.rows[2:6]] == [(" ", 20, 20), ("-", 21, None), ("+", None, 21), (" ", 22, 22)]
    assert hunk.rows[4].html == "line <mark>twenty</mark>"


def test_texts_that_take_too_long_are_not_compared_and_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "PAGE_TIME", 0.0)
    assert apart.compare(b"3", b"4", lambda: ("a\n" * 50_000, "b\n" * 50_000), "a") is None
    assert apart.colour(b"5", lambda: "x = 1\n" * 50_000, "a.py") is None
    monkeypatch.setattr(apart, "PAGE_TIME", 3.0)
    assert apart.colour(b"6", lambda: "x = 1\n", "a.py") == ['x = <span class="m">1</span>']
    assert apart.compare(b"3", b"4", lambda: ("", ""), "a") is None
    assert apart.colour(b"5", lambda: "", "a.py") is None


def test_an_address_that_compares_too_many_pairs_of_few_files_is_told_to_wait(tools: Tools) -> None:
    tools = with_settings(tools, WAREHOUSE_LIMITS__UNPACKINGS_PER_ADDRESS="3 per hour")
    dists = [wheel(version=f"1.{number}", files={"demo.py": f"x = {number}\n"}) for number in range(3)]
    for number, dist in enumerate(dists):
        put(tools, dist, version=f"1.{number}")
    files = [ask(tools, dist) for dist in dists]
    assert run_jobs(tools) == 3
    stranger = Actor(ActorKind.ANONYMOUS, address="192.0.2.1")

    def see(old: int, new: int) -> bool:
        with begin(tools, stranger) as work:
            return compare(work, Pair(files[old], files[new])).is_counted

    assert [see(*pair) for pair in ((0, 1), (0, 1), (1, 0), (1, 2))] == [False] * 4
    with pytest.raises(TooMany, match="Go on in a while"):
        see(2, 0)
    assert run_jobs(tools) == 3
    assert [see(*pair) for pair in ((0, 1), (1, 0), (1, 2))] == [True] * 3
