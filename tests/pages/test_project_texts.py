"""What is read out of a release's metadata for its page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from warehouse.sources.project_page import FoundRelease
from warehouse.standards.requirement_groups import MOST, MOST_TEXT, NeededProject, grouped
from warehouse.standards.wheel_filters import EVERY_WHEEL, WheelFilter, WheelTags, choices_of, tags_of_wheel
from warehouse.web.pages.project.cadence import cadence_of
from warehouse.web.pages.project.links import links_of
from warehouse.web.pages.project.metadata import (
    Credit,
    classifier_groups,
    credits_of,
    license_in_words,
    license_parts,
    naturally,
    tags_of,
)

NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("keywords", "tags"),
    [
        (None, ()),
        (["sea", "tides"], ("sea", "tides")),
        (["sea,tides , 'moon'"], ("sea", "tides", "moon")),
        (["sea; high tides"], ("sea", "high tides")),
        (['"sea" tides\tmoon'], ("sea", "tides", "moon")),
        (["sea,,sea, "], ("sea",)),
    ],
)
def test_keywords_are_split_at_commas_else_semicolons_else_spaces(keywords: Any, tags: tuple[str, ...]) -> None:
    assert tags_of(keywords) == tags


def test_a_license_is_told_by_its_classifiers_and_its_first_line() -> None:
    mit = "License :: OSI Approved :: MIT License"
    assert license_in_words("Expat\nPermission is", [mit, "Topic :: Internet"]) == "MIT License (Expat)"
    assert license_in_words("mit", [mit]) == "MIT License", "once is enough"
    assert license_in_words("x" * 101, [mit]) == "MIT License", "this is its text"
    assert license_in_words(None, [mit]) == "MIT License"
    assert license_in_words(f"\n{'x' * 101}", []) == f"{'x' * 99}…"
    assert license_in_words(None, ["License :: OSI Approved"]) == "OSI Approved"
    assert license_in_words("", []) == ""


def test_each_license_of_an_expression_is_explained_and_what_was_invented_is_not() -> None:
    parts = license_parts("(MIT OR GPL-2.0-only WITH Classpath-exception-2.0) AND LicenseRef-Ours")
    assert (
        "".join(text for text, _ in parts) == "(MIT OR GPL-2.0-only WITH Classpath-exception-2.0) AND LicenseRef-Ours"
    )
    assert [text for text, path in parts if path] == ["MIT", "GPL-2.0-only", "Classpath-exception-2.0"]
    assert license_parts("MIT")[0][1] == "https://spdx.org/licenses/MIT.html"


def test_classifiers_are_grouped_and_sorted_as_people_count() -> None:
    python = "Programming Language :: Python ::"
    (group, topic) = classifier_groups(["Topic :: Internet", f"{python} 3.10", f"{python} 3.9"])
    assert group.classifiers == (("Python :: 3.9", f"{python} 3.9"), ("Python :: 3.10", f"{python} 3.10"))
    assert topic.name == "Topic"
    assert sorted(["10", "9" * 5000, "9"], key=naturally)[1:] == ["9", "10"], "what no number can be is text"


@pytest.mark.parametrize(
    ("name", "emails", "people"),
    [
        ("Ada", "ada@example.org", (("Ada", "ada@example.org"),)),
        (
            None,
            "Ada <ada@example.org>, Eve <eve@example.org>",
            (("Ada", "ada@example.org"), ("Eve", "eve@example.org")),
        ),
        ("Ada", "Ada <ada@example.org>", (("Ada", "ada@example.org"),)),
        ("Ada, Eve", None, (("Ada, Eve", ""),)),
        ("Ada", "((((" * 100, (("Ada", ""),)),
        (None, None, ()),
    ],
)
def test_people_are_named_once(name: str | None, emails: str | None, people: Any) -> None:
    assert credits_of(name, emails, is_verified=True).people == tuple(Credit(*one) for one in people)


def test_an_address_that_is_not_there_is_not_verified() -> None:
    assert not credits_of("Ada", None, is_verified=True).is_verified
    assert credits_of("Ada", "ada@example.org", is_verified=True).is_verified


def test_the_cadence_is_that_of_the_last_releases() -> None:
    moments = [NOW - timedelta(days=days) for days in (1, 8, 15, 29, 2000)]
    cadence = cadence_of(moments, NOW)
    assert cadence is not None
    assert (cadence.releases, cadence.in_last_year, cadence.days_between) == (5, 4, 10)
    assert (cadence.last_at, cadence.first_at) == (moments[0], moments[-1])
    only_two = cadence_of(moments[:2], NOW)
    assert only_two is not None and only_two.days_between is None
    assert cadence_of([], NOW) is None


def release(**values: Any) -> FoundRelease:
    return FoundRelease(**{**dict.fromkeys(FoundRelease._fields), **values})


def links(**values: Any) -> Any:
    return links_of(release(**values), home_label="Homepage", download_label="Download")


def test_a_link_that_is_listed_under_the_same_label_is_not_shown_twice() -> None:
    urls = [{"label": "Home-Page", "url": "https://a.example/", "verified": True}]
    found = links(home_page="https://b.example/", download_url="https://c.example/", project_urls=urls)
    assert [link.label for link in found.verified] == ["Home-Page"]
    assert [(link.label, link.icon) for link in found.unverified] == [("Download", "download")]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https:", "mailto:a@b", "//a.example", "https://a b/", "data:,"]
)
def test_only_addresses_on_the_web_are_links(url: str) -> None:
    assert links(home_page=url).unverified == ()


def test_the_code_is_found_by_label_then_by_host_and_verified_links_come_first() -> None:
    def source(*urls: tuple[str, str, bool]) -> tuple[str, bool] | None:
        found = links(project_urls=[{"label": label, "url": url, "verified": is_ok} for label, url, is_ok in urls])
        return (found.source.place, found.is_source_verified) if found.source else None

    home = ("Homepage", "https://github.com/ada/demo/tree/main", False)
    assert source(home) == ("github.com/ada/demo", False)
    assert source(home, ("Source", "https://code.example/demo", False)) == ("code.example/demo", False)
    assert source(("Code", "https://a.example/", False), ("Source", "https://b.example/", True)) == ("b.example", True)
    assert source(("Issues", "https://github.com/ada/demo/issues", False)) is None


def test_requirements_are_grouped_by_the_extra_that_asks() -> None:
    always, plot, empty = grouped(
        ["idna (>=3,<4)", 'rich>=1; extra == "Plot"', 'numpy ; os_name == "nt" and extra == "plot"', "six==1.0; 1"],
        ["Plot", "empty"],
    )
    assert always.needs[0] == NeededProject("idna", "idna", (), ">=3, <4")
    assert always.needs[1] == NeededProject("six==1.0; 1", None), "what cannot be understood is told as it is"
    assert (plot.extra, [need.name for need in plot.needs]) == ("Plot", ["rich", "numpy"])
    assert [need.marker for need in plot.needs] == ["", 'os_name == "nt"']
    assert (empty.extra, empty.needs) == ("empty", ())


def test_an_extra_that_is_one_of_several_reasons_stays_in_the_condition() -> None:
    (group,) = grouped(['idna; extra == "a" or extra == "b"'])
    assert (group.extra, group.needs[0].marker) == ("", 'extra == "a" or extra == "b"')


def test_no_release_says_more_than_can_be_read() -> None:
    assert len(grouped([f"a{number}" for number in range(3 * MOST)])[0].needs) == MOST
    assert len(grouped(["a" * 10_000])[0].needs[0].name) < 300
    nested = "(" * 400 + "os_name=='x'" + ")" * 400
    assert len(grouped([f"a{number}; {nested}" for number in range(MOST)])[0].needs) <= MOST_TEXT // len(nested)


def test_wheels_are_found_by_any_part_of_their_tags() -> None:
    name = "demo-1.0-cp39.cp310-abi3-win_amd64.whl"
    tags = tags_of_wheel(name)
    assert tags == WheelTags(("cp39", "cp310"), ("abi3",), ("win_amd64",))
    assert EVERY_WHEEL.lets_in(name, tags)
    assert WheelFilter("DEMO", "cp310", "abi3", "win").lets_in(name, tags)
    assert not WheelFilter(platforms="linux").lets_in(name, tags)
    assert choices_of([tags, tags_of_wheel("demo-1.0-py3-none-any.whl"), tags_of_wheel("odd.whl")]).interpreters == (
        "cp310",
        "cp39",
        "py3",
    )
    assert choices_of([]) == WheelTags((), (), ())
