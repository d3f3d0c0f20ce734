"""Comparing two served indexes byte for byte, as their readers see them."""

from __future__ import annotations

import re
from urllib.parse import quote

from tests.index import JSON
from tests.served import Response, Served

_OWNERSHIP = re.compile(rb'"ownership":\{"organization":null,"roles":\[[^\]]*\]\}')
KEPT_HEADERS = ("content-type", "cache-control", "etag", "x-pypi-last-serial", "location")


def seen(index: Served) -> dict[str, tuple[object, ...]]:
    """Everything that readers of simple pages, the JSON API and files can get: addresses and answers.

    Who owns a project is left out: accounts are not copied.
    """
    found = {}
    names = {entry["normalized-name"] for entry in index.get("/api/journal/?since=0&limit=10000").json()["entries"]}
    for name in ["", *sorted(names)]:
        path = f"/simple/{name}/" if name else "/simple/"
        for accept in (JSON, "text/html"):
            found[f"{path} {accept}"] = _plain(index.get(path, accept=accept))
    for name in names:
        found |= _project(index, name)
    return found


def _project(index: Served, name: str) -> dict[str, tuple[object, ...]]:
    page = index.get(f"/pypi/{name}/json")
    found = {f"/pypi/{name}/json": _plain(page)}
    if page.status != 200:
        return found
    for version, files in page.json()["releases"].items():
        path = f"/pypi/{name}/{quote(version)}/json"
        found[path] = _plain(index.get(path))
        for file in files:
            found[file["url"]] = _plain(index.get(file["url"]))
            companion = f"{file['url']}.metadata"
            found[companion] = _plain(index.get(companion))
    return found


def _plain(answer: Response) -> tuple[object, ...]:
    body = _OWNERSHIP.sub(b"", answer.body)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    kept = [headers.get(name) for name in KEPT_HEADERS if name != "etag" or body == answer.body]
    return answer.status, *kept, body


def difference(one: Served, other: Served) -> list[str]:
    """The addresses at which they do not answer alike."""
    left, right = seen(one), seen(other)
    return sorted(path for path in left.keys() | right.keys() if left.get(path) != right.get(path))
