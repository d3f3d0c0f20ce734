"""Whoever types something finds the project that they mean: real queries over projects that everybody knows."""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from warehouse.infra.search import Asked, EmbeddedSearch, Mark, SearchDocument, SearchWriter, Versions

HERE = Path(__file__).parent
REACHED = HERE / "reached.txt"


def lines(name):
    return [line for line in (HERE / name).read_text().splitlines() if line and not line.startswith("#")]


def known():
    for line in lines("projects.txt"):
        name, thousands, imports, summary, keywords = line.split("|")
        yield SearchDocument(
            name=name,
            normalized_name=name.lower().replace(".", "-").replace("_", "-"),
            version="1.0",
            released_at=datetime(2025, 6, 1, tzinfo=UTC),
            summary=summary,
            description=f"# {name}\n\n{summary} Install it with pip.",
            keywords=keywords.split(),
            import_names=imports.split() or [name.lower().replace("-", "_").replace(".", "_")],
            downloads=int(thousands) * 1000,
            dependents=int(thousands) // 40,
        )


def lookalikes(projects):
    """What stands around well-known projects: additions to them, forks, imitations and what is long forgotten."""
    taken = {project.normalized_name for project in projects}
    for number, project in enumerate(projects):
        base = project.normalized_name
        for pattern in ("{}-utils", "{}-extras", "py-{}-tools", "my-{}", "{}-fork", "simple-{}"):
            name = pattern.format(base)
            if name not in taken:
                taken.add(name)
                yield SearchDocument(
                    name=name,
                    normalized_name=name,
                    version="0.1",
                    released_at=datetime(2012 + number % 13, 1, 1, tzinfo=UTC),
                    summary=f"Helpers for {project.name}: {project.summary}",
                    description=f"Built on {project.name}. {project.summary} " * 3,
                    keywords=project.keywords,
                    import_names=[name.replace("-", "_"), *project.import_names[: number % 2]],
                    downloads=number * 7 % 900,
                )


@pytest.fixture(scope="module")
def searching(tmp_path_factory):
    versions = Versions(tmp_path_factory.mktemp("ranking"))
    version = versions.fresh()
    writer = SearchWriter(version)
    projects = list(known())
    writer.add(projects)
    writer.add(lookalikes(projects))
    writer.commit(Mark())
    versions.swap(version)
    return EmbeddedSearch(versions.folder)


def names(searching, text):
    return [hit.name for hit in searching.search(Asked(text)).hits]


def test_every_name_is_found_first_by_itself(searching):
    assert [project.name for project in known() if names(searching, project.name)[0] != project.name] == []


def test_people_find_what_they_mean(searching):
    """The scores are kept in reached.txt: a change of the ranking shows what it does to them, and to which queries."""
    first, third, missed, number = defaultdict(int), defaultdict(int), defaultdict(list), defaultdict(int)
    for line in lines("queries.txt"):
        kind, text, meant = line.split("|")
        found = names(searching, text)[:3]
        wanted = set(meant.split())
        number[kind] += 1
        first[kind] += bool(wanted & set(found[:1]))
        third[kind] += bool(wanted & set(found))
        if not wanted & set(found):
            missed[kind].append(text)
    said = "".join(
        f"{kind}: {number[kind]} queries, first {first[kind]}, among the first three {third[kind]}"
        + (f"; not {', '.join(missed[kind])}" if missed[kind] else "")
        + "\n"
        for kind in number
    )
    assert first["exact"] == number["exact"]
    assert third["typo"] >= 0.95 * number["typo"]
    assert sum(number.values()) >= 200
    assert said == REACHED.read_text(), f"write this to {REACHED} if it is better:\n{said}"
