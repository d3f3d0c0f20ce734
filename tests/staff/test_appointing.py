"""Giving people a part in running the index, and relieving them of it."""

from __future__ import annotations

import threading

import pytest

from tests.staff.people import do, history, user
from warehouse.errors import Conflict, NotAllowed
from warehouse.operations.moderating_people import StaffRole, appoint, dismiss

ADMINISTRATOR, MODERATOR = StaffRole.ADMINISTRATOR, StaffRole.MODERATOR


def roles(index, name):
    found = user(index, name)
    return found.is_administrator, found.is_moderator


def test_people_are_appointed_and_dismissed_once(index, root, ada):
    for operation, role in ((appoint, MODERATOR), (appoint, MODERATOR), (appoint, ADMINISTRATOR)):
        do(index, operation, "ada", role, by=root)
    assert roles(index, "ada") == (True, True)
    for operation, role in ((dismiss, ADMINISTRATOR), (dismiss, ADMINISTRATOR), (dismiss, MODERATOR)):
        do(index, operation, "ada", role, by=root)
    assert roles(index, "ada") == (False, False)
    assert [(details["staff_role"], details["is_given"]) for _, details in history(index, "account:staff_role")] == [
        ("moderator", True),
        ("administrator", True),
        ("administrator", False),
        ("moderator", False),
    ]


@pytest.mark.parametrize("operation", [appoint, dismiss])
def test_nobody_appoints_themselves(index, root, ada, operation):
    with pytest.raises(NotAllowed):
        do(index, operation, "ada", ADMINISTRATOR, by=ada)
    assert roles(index, "ada") == (False, False)


def test_the_last_administrator_stays_so_that_the_first_start_link_stays_used(index, root, ada):
    with pytest.raises(Conflict, match="root is the last administrator"):
        do(index, dismiss, "root", ADMINISTRATOR)
    do(index, dismiss, "root", MODERATOR)
    do(index, appoint, "ada", ADMINISTRATOR)
    do(index, dismiss, "root", ADMINISTRATOR)
    assert (roles(index, "root"), roles(index, "ada")) == ((False, False), (True, False))


def test_of_two_administrators_who_are_dismissed_at_once_one_stays(index, root, ada):
    do(index, appoint, "ada", ADMINISTRATOR)
    begun, outcomes = threading.Barrier(2), []

    def leave(name):
        begun.wait()
        try:
            do(index, dismiss, name, ADMINISTRATOR)
            outcomes.append("left")
        except Conflict:
            outcomes.append("stayed")

    threads = [threading.Thread(target=leave, args=(name,)) for name in ("root", "ada")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["left", "stayed"]
