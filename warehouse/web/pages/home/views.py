"""The home page."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.head import Head
from warehouse.web.language import _
from warehouse.web.pages.home.page import home_page
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.shared import Shared


@view_config(route_name="home", request_method="GET")
def home(request: Request) -> Response:
    """What this index is, what is in it and how to use it."""
    page = home_page(request.work, request.base_url)
    description = _("Find, install and publish Python packages.")
    head = Head(_("Python package index"), description, canonical="/")
    return render(
        request, "pages/home/page.html", page, head=head, scripts=("copy",), shared=Shared(keys=("all-projects",))
    )
