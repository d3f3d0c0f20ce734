"""The map of the site."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.head import Head
from warehouse.web.language import _
from warehouse.web.pages.sitemap.page import sitemap_page
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.shared import Shared


@view_config(route_name="sitemap", request_method="GET")
def sitemap(request: Request) -> Response:
    """Where everything is."""
    head = Head(_("Site map"), _("All pages of this index."), canonical="/sitemap/")
    return render(request, "pages/sitemap/page.html", sitemap_page(request.settings), head=head, shared=Shared())
