"""Who fetches a file: agents as real programs write them, and as strangers might."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.fetchers import BROWSER, INSTALLER, KINDS, LONGEST, MIRROR, NOBODY, OTHER, Fetcher, fetcher

PIP = (
    'pip/24.2 {"ci":null,"cpu":"x86_64","distro":{"id":"noble","libc":{"lib":"glibc","version":"2.39"},'
    '"name":"Ubuntu","version":"24.04"},"implementation":{"name":"CPython","version":"3.12.5"},'
    '"installer":{"name":"pip","version":"24.2"},"openssl_version":"OpenSSL 3.0.13","python":"3.12.5",'
    '"rustc_version":"1.80.0","setuptools_version":"72.1.0","system":{"name":"Linux","release":"6.8.0"}}'
)
UV = (
    'uv/0.4.18 {"installer":{"name":"uv","version":"0.4.18"},"python":"3.13.0","implementation":{"name":"CPython",'
    '"version":"3.13.0"},"distro":{"name":"macOS","version":"14.6.1","id":null,"libc":null},'
    '"system":{"name":"Darwin","release":"23.6.0"},"cpu":"arm64","openssl_version":null,"ci":null}'
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36"
)
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.6 Mobile/15E148 Safari/604.1"
)

REAL = [
    (PIP, Fetcher(INSTALLER, "pip", "3.12", "Linux")),
    (PIP.replace('"Linux"', '"Windows"'), Fetcher(INSTALLER, "pip", "3.12", "Windows")),
    (PIP.replace('"python":"3.12.5"', '"python":"2.7.18"'), Fetcher(INSTALLER, "pip", "2.7", "Linux")),
    (PIP.replace('"Linux"', '"Plan9"'), Fetcher(INSTALLER, "pip", "3.12", "other")),
    (UV, Fetcher(INSTALLER, "uv", "3.13", "macOS")),
    ("uv/0.1.0", Fetcher(INSTALLER, "uv")),
    ("pip/1.5.6 CPython/2.7.6 Linux/3.13.0-24-generic", Fetcher(INSTALLER, "pip", "2.7", "Linux")),
    ("poetry/1.8.3 CPython/3.12.5 Darwin/23.6.0", Fetcher(INSTALLER, "poetry", "3.12", "macOS")),
    ("pdm/2.18.1 CPython/3.11.9 Windows/10", Fetcher(INSTALLER, "pdm", "3.11", "Windows")),
    ("unearth/0.17.2 PyPy/3.10.14 Linux/6.8", Fetcher(INSTALLER, "pdm", "3.10", "Linux")),
    ("pipenv/2024.0.1", Fetcher(INSTALLER, "pipenv")),
    ("Python-urllib/2.7 setuptools/36.0.1", Fetcher(INSTALLER, "setuptools", "2.7")),
    ("Python-urllib/2.7 distribute/0.6.49", Fetcher(INSTALLER, "setuptools", "2.7")),
    (
        "conda/24.5.0 requests/2.31.0 CPython/3.11.9 Linux/5.15.0 ubuntu/22.04.4 glibc/2.35",
        Fetcher(INSTALLER, "conda", "3.11", "Linux"),
    ),
    ("pixi/0.30.0", Fetcher(INSTALLER, "pixi")),
    ("Bazel/release 7.1.0", Fetcher(INSTALLER, "Bazel")),
    ("Homebrew/4.3.2 (Macintosh; arm64 Mac OS X 14.5) curl/8.6.0", Fetcher(INSTALLER, "Homebrew", "", "macOS")),
    ("curl/8.4.0 Nix/2.18.1", Fetcher(INSTALLER, "Nix")),
    ("bandersnatch/6.5.0 (CPython 3.12.3; Linux x86_64) (aiohttp 3.9.5)", Fetcher(MIRROR, "bandersnatch", "", "Linux")),
    ("devpi-server/6.12.0 (py3.11.2 linux)", Fetcher(MIRROR, "devpi", "", "Linux")),
    ("Artifactory/7.77.5 77705900", Fetcher(MIRROR, "Artifactory")),
    ("Nexus/3.68.1-02 (PRO; Linux; 5.15.0; amd64; 1.8.0_412)", Fetcher(MIRROR, "Nexus", "", "Linux")),
    ("pulpcore/3.49.1 (cpython 3.9.18-final0, Linux x86_64)", Fetcher(MIRROR, "Pulp", "", "Linux")),
    ("warehouse/1.0", Fetcher(MIRROR, "warehouse")),
    (FIREFOX, Fetcher(BROWSER, "Firefox", "", "Linux")),
    (CHROME, Fetcher(BROWSER, "Chrome", "", "Windows")),
    (PHONE, Fetcher(BROWSER, "Safari", "", "other")),
    ("python-requests/2.32.3", Fetcher(OTHER, "requests")),
    ("Python-urllib/3.12", Fetcher(OTHER, "urllib", "3.12")),
    ("Python/3.12 aiohttp/3.9.5", Fetcher(OTHER, "aiohttp", "3.12")),
    ("curl/8.5.0", Fetcher(OTHER, "curl")),
    ("Wget/1.21.4", Fetcher(OTHER, "Wget")),
    ("twine/5.1.1 CPython/3.12.5", Fetcher(OTHER, "twine", "3.12")),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.example.com/bot.html)", Fetcher(OTHER, "other")),
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0) Chrome/116.0",
        Fetcher(OTHER, "other"),
    ),
    ("acme-installer/3.1 (Linux)", Fetcher(OTHER, "other", "", "Linux")),
    ("Mozilla/5.0", Fetcher(OTHER, "other")),
    ("", NOBODY),
    ("   ", NOBODY),
]


@pytest.mark.parametrize(("agent", "expected"), REAL, ids=lambda value: value[:30] if isinstance(value, str) else None)
def test_a_program_is_known_by_what_it_says(agent, expected):
    assert fetcher(agent) == expected


@pytest.mark.parametrize(
    "details",
    [
        "{",
        "{}",
        '{"python":3.12,"system":"Linux"}',
        '{"python":["3.12"],"system":{"name":{"name":"Linux"}}}',
        '{"python":"three","system":{"name":7}}',
        '{"python":"3.100","system":{"name":""}}',
        '{"a":' * 1000,
        "[" * 100_000,
        json.dumps({"user_data": "x" * 1_000_000, "python": "3.12.1"}),
        '{"python":"\\ud800"}',
    ],
    ids=lambda details: details[:24],
)
def test_what_cannot_be_made_sense_of_is_left_empty(details):
    assert fetcher(f"pip/24.2 {details}") == Fetcher(INSTALLER, "pip")


@pytest.mark.parametrize("version", ["1.5", "2.5", "3.", "3.40", "3.123", "9.9", "x3.12", "33.12"])
def test_a_python_that_there_cannot_be_is_none(version):
    assert fetcher(f'pip/24.2 {{"python":"{version}"}}').python == ""


@given(st.text(max_size=200) | st.sampled_from([agent for agent, _ in REAL]).flatmap(lambda a: st.just(a[::-1])))
def test_whatever_is_said_there_are_few_answers(agent):
    told = fetcher(agent)
    assert told.kind in KINDS
    assert told.system in ("", "Linux", "macOS", "Windows", "other")
    assert len(told.installer) <= 16 and len(told.python) <= 4


def test_more_than_is_looked_at_is_not_kept():
    assert fetcher(PIP + " " * LONGEST + "x") == fetcher(PIP)
