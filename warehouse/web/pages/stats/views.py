"""The page of statistics; programs get the same numbers from `warehouse.api.stats`."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.settings.caching import STATS
from warehouse.web.head import Head
from warehouse.web.language import _
from warehouse.web.pages.stats.page import stats_page
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.shared import Shared


@view_config(route_name="stats", request_method="GET", reads=True)
def stats(request: Request) -> Response:
    """How large the index and its largest projects are, and what is downloaded most."""
    page = stats_page(request.tools.database, request.work.now.date())
    head = Head(
        _("Statistics"),
        _("How large this index is, and which of its projects are downloaded most."),
        canonical="/stats/",
    )
    response = render(request, "pages/stats/page.html", page, head=head, shared=Shared(kept=STATS))
    response.vary = (*(response.vary or ()), "Accept")
    return response
