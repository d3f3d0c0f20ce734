"""Which picture stands beside a link."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.link_icons import ICONS, icon_of

LABELS = {
    "download": ["Download"],
    "home": ["Home", "HOMEPAGE", "Home Page", " home  page "],
    "changelog": ["Changelog", "Change Log", "Changes", "Release Notes", "News", "What's New", "What’s New", "History"],
    "docs": ["Docs", "docs (stable)", "Documentation", "Documentation: API"],
    "bug": ["Bug", "Bug Tracker", "Issues", "Issue Tracker", "Tracker", "Report a bug"],
    "funding": ["Funding", "Donate", "Donations", "Sponsor", "Sponsors"],
    "chat": ["Slack", "Slack channel", "Mastodon", "Bluesky"],
    "link": ["Downloads", "My home", "The docs", "Newsletter", ""],
}
HOSTS = {
    "docs": [
        "demo.readthedocs.io",
        "demo.readthedocs.org",
        "demo.rtfd.io",
        "docs.example.org",
        "documentation.demo.io",
    ],
    "code": ["github.com", "ada.github.io", "GitLab.com", "codeberg.org", "ada.codeberg.page", "bitbucket.org"],
    "chat": [
        *("gitter.im", "discord.com", "discordapp.com", "discord.gg", "reddit.com", "www.reddit.com", "ada.slack.com"),
        *("twitter.com", "x.com", "bsky.app", "youtube.com", "youtu.be"),
    ],
    "ci": ["ci.appveyor.com", "circleci.com", "app.circleci.com", "codecov.io", "coveralls.io", "travis-ci.org"],
    "python": ["python.org", "wiki.python.org", "index.example.org"],
    "link": ["example.org", "notgithub.com", "github.com.example.org", "netflix.com", "my.index.example.org"],
}


@pytest.mark.parametrize(("icon", "label"), [(icon, label) for icon, labels in LABELS.items() for label in labels])
def test_a_label_says_what_a_link_is(icon, label):
    assert icon_of(label, "https://example.org/") == icon


@pytest.mark.parametrize(("icon", "host"), [(icon, host) for icon, hosts in HOSTS.items() for host in hosts])
def test_a_host_says_it_where_the_label_does_not(icon, host):
    assert icon_of("Elsewhere", f"https://ada@{host}:8080/path?docs", own_host="index.example.org") == icon


def test_a_label_counts_more_than_a_host():
    assert icon_of("Documentation", "https://github.com/ada/demo") == "docs"


@given(st.text(), st.text())
def test_no_link_is_too_odd(label, url):
    assert icon_of(label, url) in ICONS
    assert icon_of("", f"https://{url}") in ICONS
