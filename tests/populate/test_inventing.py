"""What is invented is plausible, and the same for the same seed."""

from __future__ import annotations

from random import Random

from packaging.version import Version

from warehouse.operations.populating.inventing import COLUMNS, MEAN_FILES, Inventor, Rows, giant_name, giant_number
from warehouse.operations.populating.names import AFTER, BEFORE, project_name, spelling, word
from warehouse.operations.populating.versions import described, history
from warehouse.standards.names import is_valid_name, normalize
from warehouse.standards.versions import canonical, is_prerelease, sort_key


def texts(inventor: Inventor, at_a_time: int = 100) -> dict[str, str]:
    """Everything that would be written, by table."""
    pieces = [*inventor.users(), *inventor.projects(at_a_time)]
    return {table: "".join(rows.text(table) for rows in pieces) for table in COLUMNS}


def test_every_number_has_a_word_of_its_own():
    numbers = [*range(6_000), *range(499_000, 520_000), *range(1_000_000, 1_005_000)]
    assert len({word(number) for number in numbers}) == len(numbers)


def test_a_name_says_which_of_its_words_is_the_number():
    shared = {part for phrase in (*BEFORE, *AFTER) for part in phrase.split("-")}
    for number in range(20_000):
        own = [part for part in project_name(number, Random(number)).split("-") if part not in shared]
        assert own[0] == word(number) and len(own) <= 2 and not any(part.isalpha() for part in own[1:])


def test_names_are_valid_and_of_many_lengths():
    names = {project_name(number, Random(number)) for number in range(20_000)}
    assert len(names) == 20_000
    assert all(is_valid_name(name) and normalize(name) == name for name in names)
    assert len({len(name) for name in names}) > 20


def test_spellings_are_of_the_same_project():
    name = "py-robot-9"
    spelled = {spelling(name, Random(number)) for number in range(100)}
    assert spelled == {name, "py_robot_9", "py.robot.9", "Py-Robot-9"}
    assert {normalize(one) for one in spelled} == {name}


def test_versions_rise_and_are_described_as_uploads_describe_them():
    for number in range(200):
        versions = list(history(200, Random(number)))
        assert [one.text for one in versions] == [str(one) for one in sorted(Version(one.text) for one in versions)]
        assert len({one.canonical for one in versions}) == 200
    one = described("1.0rc2")
    assert one[1:] == (canonical(one.text), sort_key(one.text), is_prerelease(one.text))


def test_the_same_seed_invents_the_same_however_many_at_a_time():
    first = texts(Inventor(7, 0, 150, 0), at_a_time=1000)
    again = texts(Inventor(7, 0, 150, 0), at_a_time=1000)
    other = texts(Inventor(8, 0, 150, 0), at_a_time=1000)
    few = texts(Inventor(7, 0, 150, 0), at_a_time=40)
    assert first == again
    assert {table: sorted(text.splitlines()) for table, text in first.items()} == {
        table: sorted(text.splitlines()) for table, text in few.items()
    }
    assert first["files"] != other["files"]


def test_later_projects_are_others():
    first, second = texts(Inventor(7, 0, 100, 0)), texts(Inventor(7, 100, 100, 5_000))
    for table in ("users", "projects", "files"):
        ours = {line.split("\t")[0 if table != "files" else 2] for line in first[table].splitlines()}
        theirs = {line.split("\t")[0 if table != "files" else 2] for line in second[table].splitlines()}
        assert ours and theirs and not ours & theirs


def test_most_projects_are_small_and_a_few_are_large():
    inventor = Inventor(1, 0, 4_000, 0)
    per_project: dict[str, int] = {}
    for rows in inventor.projects():
        for line in rows.text("files").splitlines():
            project = line.partition("\t")[0]
            per_project[project] = per_project.get(project, 0) + 1
    sizes = sorted(per_project.values())
    assert len(sizes) == 4_000
    assert 0.6 * MEAN_FILES < sum(sizes) / len(sizes) < 1.6 * MEAN_FILES
    assert 3 <= sizes[2_000] <= 9, "the middle"
    assert sizes[-1] > 1_000


def test_the_mean_can_be_chosen():
    counts = [
        sum(rows.text("files").count("\n") for rows in Inventor(1, 0, 1_000, 0, mean_files=mean).projects())
        for mean in (3, 30)
    ]
    assert counts[0] < 6_000 < 15_000 < counts[1]


def test_a_large_index_has_a_giant_whose_name_can_be_told():
    name = giant_name(1, 10_000)
    inventor = Inventor(1, 0, 10_000, 0)
    rows = Rows()
    inventor._invent(rows, giant_number(10_000))
    assert rows.lines["projects"][0].split("\t")[2] == name
    assert rows.text("files").count("\n") > 10_000
