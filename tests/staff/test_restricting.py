"""What those who run the index forbid single people."""

from __future__ import annotations

import pytest

from tests.staff.people import do, history, user
from warehouse.errors import NotAllowed
from warehouse.operations.moderating_people import hide_avatar, prohibit_password_reset


def test_a_picture_is_hidden_and_shown_again(index, root, ada):
    for is_hidden in (True, True, False, False):
        do(index, hide_avatar, "ada", by=root, is_hidden=is_hidden)
        assert user(index, "ada").hide_avatar is is_hidden
    assert [details for _, details in history(index, "account:staff_restriction")] == [
        {"what": "avatar", "is_forbidden": True},
        {"what": "avatar", "is_forbidden": False},
    ]


def test_passwords_by_mail_are_forbidden_and_permitted_again(index, root, ada):
    for is_prohibited in (True, True, False, False):
        do(index, prohibit_password_reset, "ada", by=root, is_prohibited=is_prohibited)
        assert user(index, "ada").prohibit_password_reset is is_prohibited
    assert [details["is_forbidden"] for _, details in history(index, "account:staff_restriction")] == [True, False]


@pytest.mark.parametrize("operation", [hide_avatar, prohibit_password_reset])
def test_only_those_who_run_the_index_forbid(index, ada, operation):
    for by in (ada, index.user("eve")):
        with pytest.raises(NotAllowed):
            do(index, operation, "ada", by=by)
