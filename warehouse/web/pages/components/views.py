"""The page of components, for whoever works on the site."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import NotFound
from warehouse.web.head import Head
from warehouse.web.pages.components.page import components_page
from warehouse.web.rendering import render
from warehouse.web.request import Request


@view_config(route_name="components", request_method="GET")
def components(request: Request) -> Response:
    """Every component in each of its forms; refuses with :class:`NotFound` where nobody works on the site."""
    if not request.settings.site.development:
        raise NotFound("There is nothing at this address.")
    page = components_page(request.GET.get("scheme", ""), request.GET.get("direction", ""))
    head = Head("Components", "What pages are made of.", is_indexed=False)
    return render(request, "pages/components/page.html", page, head=head, scripts=("copy", "tabs"))
