"""What no message may contain, whoever writes it: what would change its headers or its envelope."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.infra.mail import FolderMailer, InvalidMessage, Message, SmtpMailer

BREAKS = ["\n", "\r", "\r\n", "\0", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x1b", "\ud800"]


@pytest.mark.parametrize("character", BREAKS)
def test_nothing_can_be_smuggled_into_the_headers(character: str) -> None:
    smuggled = f"x{character}Bcc: eve@example.org"
    with pytest.raises(InvalidMessage, match="line"):
        Message(to="ada@example.org", subject=smuggled, text="t")
    with pytest.raises(InvalidMessage, match="e-mail address"):
        Message(to=f"ada@example.org{character}", subject="s", text="t")
    with pytest.raises(InvalidMessage, match="line"):
        Message(to="ada@example.org", subject="s", text="t", headers={"X-Project": smuggled})
    with pytest.raises(InvalidMessage, match="letters"):
        Message(to="ada@example.org", subject="s", text="t", headers={f"X{character}Y": "v"})
    with pytest.raises(InvalidMessage):
        FolderMailer(Path(), sender=f"A{character}B <a@example.org>")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "a@b@c",
        "a@x,b@y",
        "a@x;b@y",
        "a@x>,<b@y",
        "Ada <ada@example.org>",
        "a b@x",
        '"a b"@x',
        "a@[127.0.0.1]",
        "a(comment)@x",
        "a" * 65 + "@x",
        "a@" + "x" * 256,
    ],
)
def test_what_is_not_one_plain_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidMessage, match="e-mail address") as refused:
        Message(to=address, subject="s", text="t")
    assert refused.value.status == 400


@pytest.mark.parametrize("name", ["From", "to", "BCC", "Cc", "Subject", "Content-Type", "Resent-To", "MIME-Version"])
def test_a_header_that_every_message_has_is_not_given_twice(name: str) -> None:
    with pytest.raises(InvalidMessage, match="Leave it out"):
        Message(to="ada@example.org", subject="s", text="t", headers={name: "eve@example.org"})


def test_a_text_with_half_a_character_is_refused_before_it_is_queued() -> None:
    with pytest.raises(InvalidMessage, match="half a character"):
        Message(to="ada@example.org", subject="s", text="\udc80")
    with pytest.raises(InvalidMessage, match="half a character"):
        Message(to="ada@example.org", subject="s", text="t", html="\udc80")


@pytest.mark.parametrize("sender", ["", "nobody", "a@x, b@y", "Ada <ada@x> <eve@x>", "<>"])
def test_a_mailer_has_one_sender(sender: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidMessage):
        FolderMailer(tmp_path, sender=sender)
    with pytest.raises(InvalidMessage):
        SmtpMailer("localhost", 25, sender=sender)
