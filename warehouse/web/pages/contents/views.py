"""The pages about the inside of a file."""

from __future__ import annotations

from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.operations.contents.looking import look, require_file
from warehouse.web.head import Head
from warehouse.web.language import _
from warehouse.web.pages.contents.page import ContentsPage, Trail, contents_page, member_page
from warehouse.web.pages.contents.tree import member_path
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.shared import OF_ONE, Shared

AGAIN = 3  # seconds after which a page that is being prepared is asked for again


@view_config(route_name="contents", request_method="GET", reads=True)
def contents(request: Request) -> Response:
    """What is in a file. Asking for it has it unpacked, if nobody has yet."""
    file = require_file(request.work, request.matchdict["name"], request.matchdict["filename"])
    trail = Trail.of(file)
    if (request.matchdict["name"], request.matchdict["version"]) != (file.project, file.version):
        return HTTPMovedPermanently(location=trail.path)
    (seen,) = look(request.work, [file])
    page = contents_page(request.work, seen)
    head = _head(_("Contents of %(name)s") % {"name": file.filename}, trail.path)
    if page.is_waiting:
        return being_prepared(request, "pages/contents/page.html", page, head)
    return render(request, "pages/contents/page.html", page, head=head, shared=_shared(page.trail))


@view_config(route_name="contents.member", request_method="GET", reads=True)
def member(request: Request) -> Response:
    """One member of a file, in colours if it is a text in a language that is known."""
    path = request.matchdict["path"]
    file = require_file(request.work, request.matchdict["name"], request.matchdict["filename"])
    trail = Trail.of(file)
    if (request.matchdict["name"], request.matchdict["version"]) != (file.project, file.version):
        return HTTPMovedPermanently(location=member_path(trail.path, path))
    (seen,) = look(request.work, [file])
    if not seen.is_unpacked:
        page = ContentsPage(trail, seen.state, seen.problem)
        head = _head(_("Contents of %(name)s") % {"name": file.filename}, trail.path)
        if page.is_waiting:
            return being_prepared(request, "pages/contents/page.html", page, head)
        return render(request, "pages/contents/page.html", page, head=head, shared=_shared(trail))
    found = member_page(request.work, file, path)
    head = _head(f"{found.name} · {file.project} {file.version}", member_path(trail.path, path))
    return render(request, "pages/contents/member.html", found, head=head, shared=_shared(trail))


def being_prepared(request: Request, template: str, page: object, head: Head) -> Response:
    """A page that says to wait, which browsers ask for again: with a script soon, without one a little later."""
    response = render(request, template, page, status=202, scripts=("again",), head=head)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Retry-After"] = response.headers["Refresh"] = str(AGAIN)
    return response


def _head(title: str, path: str) -> Head:
    return Head(title=title, canonical=path, is_indexed=False)


def _shared(trail: Trail) -> Shared:
    return Shared(keys=(f"project/{trail.normalized_name}",), kept=OF_ONE)
