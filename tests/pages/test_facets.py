"""The tree of classifiers by which what was found is narrowed."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.web.pages.search.facets import Facet, facets, labels


def lines(tree: Sequence[Facet], depth: int = 0) -> list[str]:
    found = []
    for facet in tree:
        mark = "*" if facet.is_applied else ""
        count = "" if facet.count is None else f" {facet.count}"
        found += [f"{'  ' * depth}{facet.label}{count}{mark}", *lines(facet.below, depth + 1)]
    return found


def test_groups_come_in_the_order_in_which_people_look_for_them():
    counts = dict.fromkeys(
        (
            "Typing :: Typed", "Natural Language :: German", "Intended Audience :: Developers", "Framework :: Django",
            "Environment :: Console", "Operating System :: OS Independent", "License :: OSI Approved", "Art :: New",
            "Programming Language :: Python", "Development Status :: 4 - Beta", "Topic :: Internet",
        ),
        1,
    )  # fmt: skip
    assert [facet.label for facet in facets(counts, ())] == [
        "Framework", "Topic", "Development Status", "License", "Programming Language", "Operating System",
        "Environment", "Intended Audience", "Natural Language", "Art", "Typing",
    ]  # fmt: skip


def test_each_stands_below_what_it_begins_with():
    counts = {
        "Framework :: Django": 7, "Framework :: Django :: 5.2": 3, "Framework :: Flask": 2,
        "License :: OSI Approved :: MIT License": 4, "Typing :: Typed": 0,
    }  # fmt: skip
    assert lines(facets(counts, ["Framework :: Django :: 5.2"])) == [
        "Framework", "  Django 7", "    5.2 3*", "  Flask 2", "License", "  OSI Approved", "    MIT License 4",
    ]  # fmt: skip


def test_versions_stand_in_the_order_of_their_numbers():
    counts = {f"Programming Language :: Python :: {version}": 1 for version in ("3.10", "3.9", "3", "2.7", "3 :: Only")}
    (language,) = facets(counts, ())
    assert lines(language.below[0].below) == ["2.7 1", "3 1", "  Only 1", "3.9 1", "3.10 1"]


def test_a_filter_is_called_by_what_tells_it_from_others():
    python = "Programming Language :: Python :: 3.9"
    assert labels([python, "Nonsense"]) == [(python, "Python :: 3.9"), ("Nonsense", "Nonsense")]


def test_what_is_applied_stays_to_be_taken_away_when_nothing_is_found():
    tree = facets({}, ["Typing :: Typed"])
    assert lines(tree) == ["Typing", "  Typed 0*"]
    assert tree[0].holds_applied and not tree[0].may_be_applied and tree[0].below[0].may_be_applied


def test_what_is_no_classifier_makes_no_tree():
    assert facets({}, [" :: ".join("x" * 10_000), "<script>", ""]) == []


def test_a_tree_has_an_end():
    (root,) = facets({" :: ".join("x" * 10_000): 1}, ())
    depth = 0
    while root.below:
        (root,) = root.below
        depth += 1
    assert depth == 8
