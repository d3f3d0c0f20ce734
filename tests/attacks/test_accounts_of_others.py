"""What belongs to others, or did: addresses that somebody only claims, and names that were somebody else's."""

from __future__ import annotations

from tests.attacks.accounts import signed_in, victim, with_settings
from tests.index import Index
from warehouse.domain.accounts import User
from warehouse.operations.emails import add_email
from warehouse.operations.invitations import invite
from warehouse.work import Tools


def test_whoever_claims_an_address_learns_nothing_of_the_mail_that_went_there(tools: Tools) -> None:
    tools = with_settings(tools)
    thief = victim(tools, "mallory", secured=False)
    with Index(tools).work() as work:
        invite(work, "grace@example.org")
        add_email(work, work.db.get_one(User, thief), "grace@example.org")
    got = signed_in(tools, thief).get("/manage/account/export.json")
    assert "grace@example.org" in [email["address"] for email in got.json["emails"]]
    assert [mail["subject"] for mail in got.json["mails"] if mail["address"] == "grace@example.org"] == []
