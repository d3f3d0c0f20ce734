"""Every text of mail: what it says, and that nothing it names is missing."""

from __future__ import annotations

import re
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jinja2 import Environment, UndefinedError, meta

from warehouse.events.mail.markup import Code, Link, Paragraph, as_html, parse, plain
from warehouse.events.mail.texts import FOLDER, Reader, kinds, render
from warehouse.events.mail.words import moment, one_line

ROOT = Path(__file__).parents[2]

ALWAYS = {"site", "site_url", "username", "to", "when", "place", "device", "support", "lifetime"}

# What spec and operators call them; who sends a letter relies on these names and on what each takes.
TAKES = {
    "account-association-added": {"service", "external_username"},
    "account-association-removed": {"service", "external_username"},
    "account-deleted": set(),
    "account-recovery-initiated": {"token", "project", "request_url"},
    "invitation": {"link", "inviter"},
    "new-email-added": {"new_address"},
    "password-change": set(),
    "password-compromised-hibp": {"by_mail"},
    "password-reset": {"link"},
    "password-reset-by-admin": {"by_mail"},
    "password-reset-unverified": set(),
    "primary-email-change": {"new_address"},
    "recovery-code-reminder": set(),
    "recovery-code-used": {"left"},
    "recovery-codes-generated": set(),
    "second-factor-reset": set(),
    "token-compromised-leak": {"token", "public_url", "origin"},
    "two-factor-added": {"method", "label"},
    "two-factor-removed": {"method", "label"},
    "unrecognized-login": {"link"},
    "user-terms-of-service-updated": {"revision", "url"},
    "verify-email": {"link"},
}

KNOWN = {
    "when": datetime(2026, 11, 20, 17, 40, tzinfo=UTC),
    "place": "192.0.2.1",
    "device": "Firefox on Linux",
    "site_url": "https://packages.example.org",
    "support": "help@example.org",
    "lifetime": timedelta(hours=6),
}


def text(kind, **changes):
    """The text, everything it takes given."""
    values = dict.fromkeys(TAKES[kind], "something") | ({"left": 7} if "left" in TAKES[kind] else {}) | changes
    return render(kind, Reader("ada@example.org", "ada"), {**KNOWN, **values}, site="Example")


def test_the_page_about_mail_shows_every_text_as_it_is():
    page = runpy.run_path(str(ROOT / "docs/generate_mail.py"))["markdown"]()
    assert (ROOT / "docs/mail.md").read_text() == page, "run: python docs/generate_mail.py > docs/mail.md"
    assert all(f"\n## {kind}\n" in page for kind in kinds())


def test_there_is_a_text_for_every_kind_of_letter():
    assert set(kinds()) == set(TAKES)


@pytest.mark.parametrize("kind", TAKES)
def test_a_text_says_at_its_top_what_it_takes_and_takes_nothing_else(kind):
    source = (FOLDER / f"{kind}.txt").read_text()
    environment = Environment(extensions=["jinja2.ext.i18n"])
    environment.filters["duration"] = str
    names = meta.find_undeclared_variables(environment.parse(source)) - {"_", "gettext", "ngettext"}
    head = re.match(r"{#(.*?)#}\nSubject: ", source, re.DOTALL)
    assert head is not None
    assert set(re.findall(r"^   (\w+): ", head[1], re.MULTILINE)) == TAKES[kind]
    assert names - ALWAYS == TAKES[kind]


@pytest.mark.parametrize("kind", TAKES)
def test_a_text_names_the_account_the_site_and_when_it_happened(kind):
    made = text(kind)
    assert made.subject.startswith("[Example] ") and len(made.subject) < 80
    tells_of_an_event = kind not in ("invitation", "user-terms-of-service-updated")
    for name in ("Example", "ada", "2026-11-20 17:40 UTC") if tells_of_an_event else ("Example",):
        assert name in made.plain and name in made.html
    assert "{" not in made.plain and "None" not in made.plain
    assert max(len(line) for line in made.plain.splitlines() if "://" not in line) <= 76


@pytest.mark.parametrize("kind", TAKES)
def test_a_page_of_a_mail_loads_nothing(kind):
    html = text(kind).html
    assert not re.search(r"<(img|link|script|style|iframe|object)\b|url\(|@import", html)
    assert html.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("kind", [kind for kind, names in TAKES.items() if names])
def test_a_mail_has_no_holes(kind):
    with pytest.raises(UndefinedError):
        render(kind, Reader("ada@example.org", "ada"), KNOWN, site="Example")


def test_a_text_leaves_out_from_where_when_nobody_may_know():
    made = text("password-change", place=None, device=None)
    assert "Network address" not in made.plain and "Browser" not in made.plain
    assert "    When: 2026-11-20 17:40 UTC\n\n" in made.plain


@pytest.mark.parametrize("kind", [kind for kind, names in TAKES.items() if "by_mail" in names])
def test_nobody_is_sent_to_a_page_that_gives_them_no_password(kind):
    assert "/account/request-password-reset/" in text(kind, by_mail=True).plain
    assert "/account/request-password-reset/" not in text(kind, by_mail=False).plain


def test_help_is_where_the_operator_says():
    assert "write to help@example.org" in text("account-deleted").plain
    assert "ask the people who run Example" in text("account-deleted", support=None).plain


@pytest.mark.parametrize(
    ("left", "said"), [(0, "It was the last one."), (1, "1 code is left."), (7, "7 codes are left.")]
)
def test_used_recovery_codes_are_counted(left, said):
    assert said in text("recovery-code-used", left=left).plain


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(days=7), "7 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=6), "6 hours"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(seconds=20), "1 minute"),
    ],
)
def test_a_link_says_how_long_it_is_good(length, said):
    assert f"The link is good for {said}" in text("verify-email", lifetime=length).plain


def test_the_subject_is_one_line_of_bounded_length():
    made = text("account-association-added", service="Git\r\nBcc: eve@example.org" + "x" * 500)
    assert made.subject.startswith("[Example] Your account was linked with Git Bcc: eve@example.orgxxx")
    assert len(made.subject) == 200


@pytest.mark.parametrize(
    ("written", "block"),
    [
        ("Hello\nthere.", Paragraph("Hello there.")),
        ("https://example.org/a?b=c", Link("", "https://example.org/a?b=c")),
        ("[Read it] https://example.org/", Link("Read it", "https://example.org/")),
        ("[Read it] https://example.org/ now", Paragraph("[Read it] https://example.org/ now")),
        ("[Read it] javascript:alert(1)", Paragraph("[Read it] javascript:alert(1)")),
        ("See https://example.org/", Paragraph("See https://example.org/")),
        ("    one\n      two", Code(("one", "  two"))),
        ("    one\nnot code", Paragraph("one not code")),
    ],
)
def test_blocks_of_a_text(written, block):
    assert parse(f"\n\n{written}\n\n") == [block]


def test_blocks_as_plain_text_and_as_html():
    blocks = parse("A <b> & c.\n\n[Do it] https://example.org/?a=1&b=2\n\n    x < y\n")
    assert plain(blocks) == "A <b> & c.\n\nDo it:\nhttps://example.org/?a=1&b=2\n\n    x < y\n"
    html = as_html(blocks)
    assert "A &lt;b&gt; &amp; c.</p>" in html and "x &lt; y</pre>" in html
    assert 'href="https://example.org/?a=1&amp;b=2"' in html and ">Do it</a>" in html


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("plain", "plain"),
        ("  two   words ", "two words"),
        ("a\r\nb\tc\x00d\x1b[31m", "a b c d [31m"),
        ("ab\u202egnp.exe", "abgnp.exe"),
        ("a\u2028b\u2029c\ud800", "a b c"),
        ("👩‍🚀 Ада", "👩‍🚀 Ада"),
        ("x" * 5000, "x" * 4096),
    ],
)
def test_what_strangers_give_stands_on_one_line(given, shown):
    assert one_line(given) == shown


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        (None, "2026-11-20 17:40 UTC"),
        ("Europe/Berlin", "2026-11-20 18:40 CET"),
        ("Nowhere/Land", "2026-11-20 17:40 UTC"),
        ("../../etc/passwd", "2026-11-20 17:40 UTC"),
    ],
)
def test_times_are_told_by_the_reader_s_clock(zone, shown):
    assert moment(KNOWN["when"], zone) == shown
