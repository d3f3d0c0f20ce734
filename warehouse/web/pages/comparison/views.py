"""The pages about two releases."""

from __future__ import annotations

from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.head import Head
from warehouse.web.language import _
from warehouse.web.pages.comparison.page import change_page, comparison_page
from warehouse.web.pages.comparison.releases import Described, choice, comparison_path, require_releases
from warehouse.web.pages.contents.tree import member_path
from warehouse.web.pages.contents.views import being_prepared
from warehouse.web.redirects import see_path
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.shared import OF_ONE, Shared

FORM = "pages/comparison/choice.html"
COMPARISON = "pages/comparison/page.html"
CHANGE = "pages/comparison/change.html"


@view_config(route_name="project.compare", request_method="GET", reads=True)
def choose(request: Request) -> Response:
    """Which releases are to be compared; leads on when both are said."""
    name, old, new = request.matchdict["name"], request.GET.get("old", ""), request.GET.get("new", "")
    if old and new:
        one, other = require_releases(request.work, name, old, new)
        return see_path(comparison_path(other.project, one.version, other.version))
    page = choice(request.work, name, old, new)
    title = _("Compare releases of %(name)s") % {"name": page.project}
    head = Head(title=title, canonical=f"{page.project_path}compare/", is_indexed=False)
    return render(request, FORM, page, head=head, shared=_shared(page.normalized_name))


@view_config(route_name="project.comparison", request_method="GET", reads=True)
def comparison(request: Request) -> Response:
    """What changed from one release to another. Asking for it has their files unpacked, if nobody has yet."""
    old, new = _releases(request)
    path = comparison_path(new.project, old.version, new.version)
    if not _is_spelled_so(request, old, new):
        return HTTPMovedPermanently(location=path)
    page = comparison_page(request.work, old, new, request.GET.get("file"))
    head = Head(title=_title(old, new), canonical=path, is_indexed=False)
    if page.is_waiting:
        return being_prepared(request, COMPARISON, page, head)
    if not page.is_counted:
        # What there is can be read already; it comes again with the numbers of lines.
        response = render(request, COMPARISON, page, head=head)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Refresh"] = "3"
        return response
    return render(request, COMPARISON, page, head=head, shared=_shared(new.normalized_name))


@view_config(route_name="project.comparison.file", request_method="GET", reads=True)
def change(request: Request) -> Response:
    """What changed in one member."""
    old, new = _releases(request)
    path = request.matchdict["path"]
    address = member_path(comparison_path(new.project, old.version, new.version), path)
    if not _is_spelled_so(request, old, new):
        return HTTPMovedPermanently(location=address)
    page = change_page(request.work, old, new, request.GET.get("file"), path)
    if page is None:  # the page of both says what there is to wait for
        return comparison(request)
    head = Head(title=f"{page.name} · {_title(old, new)}", canonical=address, is_indexed=False)
    return render(request, CHANGE, page, head=head, shared=_shared(new.normalized_name))


def _releases(request: Request) -> tuple[Described, Described]:
    asked = request.matchdict
    return require_releases(request.work, asked["name"], asked["old"], asked["new"])


def _is_spelled_so(request: Request, old: Described, new: Described) -> bool:
    asked = request.matchdict
    return (asked["name"], asked["old"], asked["new"]) == (new.project, old.version, new.version)


def _title(old: Described, new: Described) -> str:
    names = {"name": new.project, "old": old.version, "new": new.version}
    return _("%(name)s: what changed from %(old)s to %(new)s") % names


def _shared(normalized_name: str) -> Shared:
    return Shared(keys=(f"project/{normalized_name}",), kept=OF_ONE)
