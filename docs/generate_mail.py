"""Writes docs/mail.md to standard output: every mail that the index sends, filled in with an example."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from warehouse.events.mail.texts import FOLDER, Reader, kinds, render

HEAD = """\
# The mail that an index sends

Each mail is sent if, and only if, what it tells of happened, by a worker; one that the mail server cannot take now is
sent later. It goes to the verified primary address of the account unless its description here says otherwise; what
warns of a danger or helps somebody in (verify-email, password-compromised-hibp, password-reset-by-admin,
unrecognized-login and their like) also goes to one that is not verified. It comes as plain text and as HTML with the
same words, without images and without anything that would tell that it was read. The history of the account tells when
it was sent.

What strangers gave, such as names and what a browser calls itself, stands on one line and without control characters.
Links lead to `site.url`. The network address and the browser are told when the reader caused the mail, or somebody who
had not signed in, and never those of another account. `mail.support` is named where somebody may need help, and answers
go there. Times are on the clock of the reader's time zone.

How mail is sent, and what is made of bounces: [operating.md](operating.md#mail).

## Writing another one

A text is a file in `warehouse/events/mail/`, a Jinja template: a comment that says when it is written and which names
it takes, the line `Subject: ...`, and blocks parted by empty lines:

* a line that is only an address, or `[what is there]` and an address, becomes a link, in HTML a button;
* lines that begin with four spaces stay as they are;
* everything else is a paragraph.

Every text knows `site`, `site_url`, `username`, `to` (the address it goes to), `when`, `place` and `device` (from
where, if the reader may know), `support` and `lifetime` (how long its link is good). An event says who is written to:
`told()` gives a `Letter` for each. Sentences are marked with `{% trans %}`; they are told in the language that the
reader chose when there is a gettext catalogue `warehouse/locale/<language>/LC_MESSAGES/warehouse.mo`.

This page is made by `python docs/generate_mail.py > docs/mail.md`.
"""

SITE = "Example index"
READER = Reader("ada@example.org", "ada", time_zone="Europe/Berlin")
GUEST = Reader("bob@example.org")
KNOWN = {
    "when": datetime(2026, 11, 20, 17, 40, tzinfo=UTC),
    "place": "192.0.2.1",
    "device": "Firefox 140 on Linux",
    "site_url": "https://packages.example.org",
    "support": "help@example.org",
    "lifetime": timedelta(hours=6),
}
LINK = {"link": "https://packages.example.org/…"}
LINKED = {"service": "GitHub", "external_username": "ada-l"}
EXAMPLES = {
    "account-association-added": LINKED,
    "account-association-removed": LINKED,
    "account-recovery-initiated": {
        "token": "8b1f0c6e2d4a9357",
        "project": "demo",
        "request_url": "https://tracker.example.org/42",
    },
    "invitation": {**LINK, "inviter": "ada", "lifetime": timedelta(days=7)},
    "new-email-added": {"new_address": "ada@new.example.org"},
    "password-compromised-hibp": {"by_mail": True},
    "password-reset": LINK,
    "password-reset-by-admin": {"by_mail": True},
    "primary-email-change": {"new_address": "ada@new.example.org"},
    "recovery-code-used": {"left": 6},
    "token-compromised-leak": {
        "token": "laptop",
        "origin": "GitHub",
        "public_url": "https://code.example.org/ada/demo",
    },
    "two-factor-added": {"method": "webauthn", "label": "blue key"},
    "two-factor-removed": {"method": "totp", "label": ""},
    "unrecognized-login": LINK,
    "user-terms-of-service-updated": {"revision": "2026-11", "url": "https://packages.example.org/terms"},
    "verify-email": LINK,
}


def markdown() -> str:
    """The whole page."""
    return "".join([HEAD, *(_entry(kind) for kind in kinds())])


def _entry(kind: str) -> str:
    reader = GUEST if kind == "invitation" else READER
    text = render(kind, reader, {**KNOWN, **EXAMPLES.get(kind, {})}, site=SITE)
    return f"\n## {kind}\n\n{_meaning(kind)}\n\n```text\nSubject: {text.subject}\n\n{text.plain}```\n"


def _meaning(kind: str) -> str:
    """The first paragraph of the comment at the top of the text."""
    found = re.match(r"{#\s*(.+?)\s*(?:\n\n|#})", (FOLDER / f"{kind}.txt").read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, f"{kind} does not say when it is written"
    return " ".join(found[1].split())


if __name__ == "__main__":
    print(markdown(), end="")
