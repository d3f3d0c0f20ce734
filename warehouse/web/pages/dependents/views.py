"""The page of those who depend on a project."""

from __future__ import annotations

from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.head import Head
from warehouse.web.language import _
from warehouse.web.pages.dependents.page import dependents_page, find_depended_on
from warehouse.web.paging import page_number
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.shared import NUMBERS, OF_ONE, Shared


@view_config(route_name="project.dependents", request_method="GET", reads=True)
def dependents(request: Request) -> Response:
    """Who depends on a project, those most used first; with ``?with=extra`` those who need it for an extra only."""
    found = find_depended_on(request.work, request.matchdict["name"])
    if request.matchdict["name"] != found.name:
        return HTTPMovedPermanently(location=f"{found.path}dependents/")
    only_optional = request.GET.get("with") == "extra"
    page = dependents_page(request.work, found, page_number(request), only_optional=only_optional)
    head = Head(
        title=_("Projects that depend on %(name)s") % {"name": page.name},
        description=_("Who depends on %(name)s, and on which versions of it; those most used first.")
        % {"name": page.name},
        canonical=page.path,
        is_indexed=page.paging.number == 1 and not only_optional,
    )
    shared = Shared(keys=(f"project/{page.normalized_name}",), kept=OF_ONE, cdn=NUMBERS)
    return render(request, "pages/dependents/page.html", page, head=head, shared=shared)
