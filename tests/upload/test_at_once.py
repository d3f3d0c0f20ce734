"""Uploads at the same time, in threads on the real database: nothing is lost, nothing is there twice."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.builders import sdist, wheel
from tests.index import Index
from tests.upload.attempts import Attempt, accepted, blobs, rows, run, temporary_files, token_of
from warehouse.standards.http import Answer


def at_once(*calls: Callable[[], Answer]) -> list[Answer]:
    """The answers to calls that start together, each in its thread."""
    barrier = Barrier(len(calls))

    def wait_and_call(call: Callable[[], Answer]) -> Answer:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(wait_and_call, calls))


def send_at_once(index: Index, *attempts: Attempt) -> list[Answer]:
    return at_once(*[lambda attempt=attempt: attempt.send(index) for attempt in attempts])


def outcomes(answers: Sequence[Answer]) -> Counter[tuple[int, str]]:
    return Counter((answer.status, (answer.reason or "")[:19]) for answer in answers)


@pytest.fixture
def token(index):
    return token_of(index, index.user("ada"))


def actions(index: Index) -> list[str]:
    """The journal, whose serials must rise without a gap in what was committed."""
    serials = [serial for (serial,) in run(index, "SELECT serial FROM journal ORDER BY serial")]
    assert len(serials) == len(set(serials))
    return index.journal()


@pytest.mark.parametrize("turn", range(4))
def test_of_two_contents_for_one_name_exactly_one_wins(index, token, turn):
    accepted(index, Attempt(wheel("demo", "0.1"), token=token))
    one, other = wheel("demo", "1.0"), wheel("demo", "1.0", files={"demo.py": "other = 1\n"})
    answers = send_at_once(index, Attempt(one, token=token), Attempt(other, token=token))
    assert outcomes(answers) == {(200, ""): 1, (400, "File already exists"): 1}
    assert len(rows(index)["files"]) == 2
    assert temporary_files(index) == []


@pytest.mark.parametrize("turn", range(4))
def test_one_content_under_two_names_exists_once(index, token, turn):
    accepted(index, Attempt(wheel("demo", "0.1"), token=token))
    one, other = wheel("demo", "1.0", build="1"), wheel("demo", "1.0", build="2", dist_info={})
    same = Attempt(other, token=token, content=one.content, changes={**one.form()})
    answers = send_at_once(index, Attempt(one, token=token), same)
    assert outcomes(answers) == {(200, ""): 1, (400, "File already exists"): 1}


@pytest.mark.parametrize("turn", range(3))
def test_the_same_file_sent_twice_at_once_is_accepted_twice_and_there_once(index, token, turn):
    answers = send_at_once(index, *[Attempt(wheel("demo", "1.0"), token=token) for _ in range(4)])
    assert outcomes(answers) == {(200, ""): 4}
    assert actions(index) == ["create", "add Owner ada", "new release", "add py3 file demo-1.0-py3-none-any.whl"]
    assert len(blobs(index)) == 2
    assert temporary_files(index) == []


@pytest.mark.parametrize("turn", range(3))
def test_the_files_of_a_new_project_make_it_once(index, token, turn):
    dists = [sdist("demo", "1.0")] + [wheel("demo", "1.0", build=str(number)) for number in range(7)]
    answers = send_at_once(index, *[Attempt(dist, token=token) for dist in dists])
    assert outcomes(answers) == {(200, ""): 8}
    assert Counter(action.split()[0] for action in actions(index)) == {"create": 1, "new": 1, "add": 9}
    assert actions(index)[:3] == ["create", "add Owner ada", "new release"]
    assert run(index, "SELECT role_name FROM roles") == [("Owner",)]
    assert sorted(index.filenames("demo")) == sorted(dist.filename for dist in dists)
    sizes = run(index, "SELECT total_size, (SELECT sum(size) FROM files) FROM projects")
    assert sizes[0][0] == sizes[0][1]
    assert temporary_files(index) == []


@pytest.mark.parametrize("turn", range(3))
def test_one_release_is_made_of_two_spellings_of_its_version(index, token, turn):
    accepted(index, Attempt(wheel("demo", "0.1"), token=token))
    spellings = [wheel("demo", "1.0"), wheel("demo", "1.0.0"), wheel("demo", "1")]
    answers = send_at_once(index, *[Attempt(dist, token=token) for dist in spellings])
    assert outcomes(answers) == {(200, ""): 3}
    assert len(run(index, "SELECT id FROM releases")) == 2


@pytest.mark.parametrize("turn", range(3))
def test_of_two_sdists_of_a_release_one_is_accepted(index, token, turn):
    accepted(index, Attempt(wheel("demo", "1.0"), token=token))
    answers = send_at_once(index, Attempt(sdist("demo", "1.0"), token=token), Attempt(sdist("demo", "1"), token=token))
    assert outcomes(answers) == {(200, ""): 1, (400, "Only one sdist may "): 1}


@pytest.mark.parametrize("turn", range(3))
def test_of_names_that_look_alike_one_is_registered(index, token, turn):
    names = ["pillow", "pi1low", "p1ll0w", "Pil-low"]
    answers = send_at_once(index, *[Attempt(wheel(name, "1.0"), token=token) for name in names])
    assert [answer.status for answer in answers].count(200) == 1
    assert len(run(index, "SELECT id FROM projects")) == 1


def test_the_last_project_of_the_hour_goes_to_one(index_with):
    index = index_with(LIMITS__NEW_PROJECTS_PER_USER="2 per hour")
    token = token_of(index, index.user("ada"))
    answers = send_at_once(index, *[Attempt(wheel(f"project{n}", "1.0"), token=token) for n in range(6)])
    assert outcomes(answers) == {(200, ""): 2, (429, "Too many new projec"): 4}
    assert len(run(index, "SELECT id FROM projects")) == 2


def test_many_uploads_to_few_projects_neither_block_nor_lose_anything(index):
    people = [index.user(f"user{number}") for number in range(3)]
    tokens = [token_of(index, user) for user in people]
    dists = [
        [wheel(f"project{n % 3}", f"{n % 2 + 1}.0", build=f"{thread}{n:02}") for n in range(10)] for thread in range(16)
    ]

    def send_all(mine):
        return [Attempt(dist, token=tokens[int(dist.filename[len("project")])]).send(index) for dist in mine]

    with ThreadPoolExecutor(16) as pool:
        answers = [answer for answers in pool.map(send_all, dists) for answer in answers]
    assert Counter((answer.status, answer.reason) for answer in answers) == {(200, None): 160}
    assert Counter(action.split()[0] for action in actions(index)) == {"create": 3, "new": 6, "add": 163}
    for number in range(3):
        assert len(index.filenames(f"project{number}")) == sum(n % 3 == number for n in range(10)) * 16
    assert temporary_files(index) == []
