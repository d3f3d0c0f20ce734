"""Which picture stands beside a link of a project: by what it is called, else by where it leads."""

from __future__ import annotations

from urllib.parse import urlsplit

ICONS = ("download", "home", "changelog", "docs", "bug", "funding", "code", "chat", "ci", "python", "link")
"""Every answer of `icon_of`; the last one is for all that is not known."""

_LABELS = {
    "download": "download",
    "home": "home",
    "homepage": "home",
    "home page": "home",
    "changelog": "changelog",
    "change log": "changelog",
    "changes": "changelog",
    "release notes": "changelog",
    "news": "changelog",
    "what's new": "changelog",
    "history": "changelog",
    "mastodon": "chat",
    "bluesky": "chat",
}
_LABEL_BEGINNINGS = {
    "docs": "docs",
    "documentation": "docs",
    "bug": "bug",
    "issue": "bug",
    "tracker": "bug",
    "report": "bug",
    "funding": "funding",
    "donate": "funding",
    "donation": "funding",
    "sponsor": "funding",
    "slack": "chat",
}
_HOSTS = {
    **dict.fromkeys(("readthedocs.io", "readthedocs.org", "rtfd.io", "rtfd.org"), "docs"),
    **dict.fromkeys(("github.com", "github.io", "gitlab.com", "codeberg.org", "codeberg.page"), "code"),
    **dict.fromkeys(("bitbucket.org", "google.com"), "code"),
    **dict.fromkeys(("gitter.im", "discord.com", "discordapp.com", "discord.gg", "reddit.com", "slack.com"), "chat"),
    **dict.fromkeys(("twitter.com", "x.com", "bsky.app", "youtube.com", "youtu.be"), "chat"),
    **dict.fromkeys(("appveyor.com", "circleci.com", "codecov.io", "coveralls.io"), "ci"),
    **dict.fromkeys(("travis-ci.org", "travis-ci.com"), "ci"),
    "python.org": "python",
}
_DOCS_HOSTS = ("docs.", "documentation.")


def icon_of(label: str, url: str, *, own_host: str = "") -> str:
    """One of `ICONS` for a link that is called this and leads there.

    ``own_host`` is the index's own. Addresses that cannot be read are as good as unknown ones.
    """
    words = " ".join(label.lower().replace("\u2019", "'").split())
    if words in _LABELS:
        return _LABELS[words]
    for beginning, icon in _LABEL_BEGINNINGS.items():
        if words.startswith(beginning):
            return icon
    return _icon_of_host(_host(url), own_host.lower())


def _icon_of_host(host: str, own_host: str) -> str:
    if own_host and host == own_host:
        return "python"
    if host.startswith(_DOCS_HOSTS):
        return "docs"
    while host:
        if host in _HOSTS:
            return _HOSTS[host]
        host = host.partition(".")[2]
    return "link"


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
