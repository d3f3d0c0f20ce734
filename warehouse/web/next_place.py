"""Where a visitor was going before they were asked to sign in."""

from __future__ import annotations

from warehouse.standards.redirects import place_on_this_site
from warehouse.web.request import SAFE, Request


def next_place(request: Request) -> str:
    """The path of ours that the query, or the form that was sent, names as ``next``; empty when it is no such path."""
    said = request.GET.get("next")
    if request.method not in SAFE:
        said = request.form.get("next") or said
    return place_on_this_site(said, request.host) or ""
