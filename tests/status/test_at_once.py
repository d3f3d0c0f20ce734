"""Uploads that meet a removal or a quarantine: both happen, one after the other, and nobody sees a failure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tests.builders import wheel
from warehouse.domain.packaging import ProjectStatus
from warehouse.errors import NotFound
from warehouse.operations.checking import check_index
from warehouse.operations.projects import find_project, remove_project, set_project_status
from warehouse.operations.releases import find_release, remove_release
from warehouse.work import OPERATOR, attempt


def _remove_release(work):
    project = find_project(work, "demo")
    remove_release(work, project, find_release(work, project, "1.0"))


def _remove_project(work):
    remove_project(work, find_project(work, "demo"))


def _quarantine(work):
    project = find_project(work, "demo")
    set_project_status(work, project, ProjectStatus.QUARANTINED)
    set_project_status(work, project, ProjectStatus.ACTIVE)


@pytest.mark.parametrize("operation", [_remove_release, _remove_project, _quarantine])
def test_files_arrive_while_what_they_belong_to_is_taken_away(index, operation):
    token = index.token(index.user("ada"))
    done = Event()

    def interfere() -> int:
        times = 0
        while not done.is_set():
            try:
                attempt(index.tools, OPERATOR, operation)
                times += 1
            except NotFound:
                pass
            done.wait(0.2)
        return times

    with ThreadPoolExecutor(4) as pool:
        interfering = pool.submit(interfere)
        dists = [wheel("demo", "1.0", build=str(number)) for number in range(60)]
        try:
            answers = list(pool.map(lambda dist: index.upload(dist, token=token), dists))
        finally:
            done.set()
        assert interfering.result() > 0
    refusals = {answer.reason for answer in answers if answer.status != 200}
    # Who meets one removal after the other is asked to come again.
    assert {answer.status for answer in answers} <= {200, 403, 503}, refusals
    assert check_index(index.tools).is_whole
    assert set(index.journal()) >= {"create", "new release"}
