"""Mail from the index that says what an attacker wants it to say."""

from __future__ import annotations

import pytest

from tests.attacks.accounts import ELSEWHERE, victim, with_settings
from tests.index import Index
from tests.jobs.test_queue import waiting
from warehouse.operations.passwords import mail_password_reset
from warehouse.work import SYSTEM, Tools

LURES = {
    "a product": "www.evil.example/1 (your account is locked)",
    "a version": "Mozilla/1.evil.example",
    "another version": "pip/1.evil.example",
    "a system": 'pip/1 {"system":{"name":"see https://evil.example/"}}',
    "a distribution": 'pip/1 {"distro":{"name":"see evil.example"}}',
    "a line of its own": "curl/8\n\n[Sign in] https://evil.example/",
}


@pytest.mark.parametrize("lure", LURES)
def test_whoever_asks_for_anothers_password_puts_no_address_into_the_mail(tools: Tools, lure: str) -> None:
    """The mail names the program that asked, and its words are the stranger's."""
    tools = with_settings(tools)
    victim(tools)
    with Index(tools).work(SYSTEM) as work:
        mail_password_reset(work, "ada", ELSEWHERE, LURES[lure])
    mail = [args for name, args in waiting(tools) if name == "send_mail"][-1]
    assert "/account/reset-password/?token=" in mail["text"]
    assert mail["to"] == "ada@example.com"
    assert "evil.example" not in mail["text"] + mail["html"]
