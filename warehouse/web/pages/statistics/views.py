"""The page of a project's downloads; programs get the numbers from `warehouse.api.downloads`."""

from __future__ import annotations

from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.head import Head
from warehouse.web.language import _
from warehouse.web.pages.statistics.page import statistics_page
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.shared import NUMBERS, OF_ONE, Shared


@view_config(route_name="project.statistics", request_method="GET", reads=True)
def statistics(request: Request) -> Response:
    """How often the project is downloaded, and by what; it is at one address, whatever spelling was asked for."""
    page = statistics_page(request.tools.database, request.matchdict["name"], request.work.now.date())
    if request.matchdict["name"] != page.name:
        return HTTPMovedPermanently(location=f"{page.path}statistics/")
    head = Head(
        _("Downloads of %(name)s") % {"name": page.name},
        _("How often %(name)s is downloaded: by day, version, Python, installer and system.") % {"name": page.name},
        canonical=f"{page.path}statistics/",
    )
    shared = Shared(keys=(f"project/{page.normalized_name}",), kept=OF_ONE, cdn=NUMBERS)
    return render(request, "pages/statistics/page.html", page, head=head, shared=shared)
