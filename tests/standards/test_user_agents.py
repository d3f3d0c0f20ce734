"""What programs say of themselves, in words."""

from __future__ import annotations

import re

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.user_agents import in_words

LINUX = "Mozilla/5.0 (X11; Linux x86_64"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (f"{LINUX}; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox 130 on Linux"),
        (f"{LINUX}) {WEBKIT} Chrome/128.0.0.0 Safari/537.36", "Chrome 128 on Linux"),
        (f"{LINUX}) {WEBKIT} HeadlessChrome/128.0.0.0 Safari/537.36", "Chrome 128 on Linux"),
        (f"{WINDOWS}) {WEBKIT} Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0", "Edge 128 on Windows"),
        (f"{WINDOWS}) {WEBKIT} Chrome/128.0.0.0 Safari/537.36 OPR/114.0.0.0", "Opera 114 on Windows"),
        (f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15", "Safari 17 on macOS"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari 17 on iPhone",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {WEBKIT} Chrome/128.0.0.0 Mobile Safari/537.36",
            "Chrome 128 on Android",
        ),
        (
            'pip/24.2 {"ci":true,"distro":{"name":"Debian GNU/Linux"},"implementation":{"name":"CPython"},'
            '"installer":{"name":"pip","version":"24.2"},"python":"3.11.7","system":{"name":"Linux","release":"6.1"}}',
            "pip 24.2 on Linux",
        ),
        ('pip/24.2 {"system":{"name":"Darwin"}}', "pip 24.2 on macOS"),
        ('uv/0.4.5 {"installer":{"name":"uv","version":"0.4.5"},"system":{"name":"Windows"}}', "uv 0.4.5 on Windows"),
        ("uv/0.4.5", "uv 0.4.5"),
        ("twine/5.1.1 pkginfo/1.11.1 requests/2.32.3 CPython/3.11.7", "twine 5.1.1"),
        ("poetry/1.8.3 CPython/3.11.7 Linux/6.1", "poetry 1.8.3 on Linux"),
        ("curl/8.9.1", "curl 8.9.1"),
        ("python-requests/2.32.3", "python-requests 2.32.3"),
        ("Mozilla/5.0", None),
        ("Mozilla/5.0 (Windows NT 10.0)", "Windows"),
        ("whatever", None),
        ("", None),
        (None, None),
        ("pip/24.2 {", "pip 24.2"),
        ('pip/24.2 {"system":[]}', "pip 24.2"),
        ('pip/24.2 {"system":{"name":"\\u202e"}}', "pip 24.2"),
        ("evil/1\x1b[2J", None),
        ("pip/25.0.dev0", "pip 25.0.dev0"),
        ("pip/25.0rc1.post2", "pip 25.0rc1.post2"),
        ("www.evil.example/1", None),
        ("evil/1.evil.example", "evil 1"),
        ("evil/1.2@evil.example", "evil 1.2"),
        ('pip/1 {"system":{"name":"https://evil.example/"}}', "pip 1"),
        ('pip/1 {"system":{"name":"Linux: see https://evil.example/"}}', "pip 1 on Linux"),
        ('pip/1.evil.example {"system":{"name":"Linux"}}', "pip 1 on Linux"),
        ('pip/1 {"distro":{"name":"call 555 0100"}}', "pip 1"),
        ("a" * 100 + "/1", "a" * 40 + " 1"),
    ],
)
def test_programs_are_named(said, words):
    assert in_words(said) == words


@given(st.text())
def test_whatever_is_said_the_words_are_few_and_can_be_shown(said):
    words = in_words(said)
    assert words is None or (words.isprintable() and 0 < len(words) <= 140)


@given(st.text(), st.text())
def test_whatever_is_said_there_is_no_address_in_the_words(name, version):
    for said in (
        f"{name}/1{version}",
        f"a/1 {name}",
        orjson.dumps({"system": {"name": name}}).decode().join(["a/1 ", ""]),
    ):
        words = in_words(said) or ""
        assert "/" not in words and ":" not in words and "@" not in words
        assert re.search(r"\.[^\W\d]{2}", words.replace(".dev", "").replace(".post", "").replace(".rc", "")) is None
