"""The page of statistics; programs get the same numbers from `warehouse.api.stats`."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.settings.caching import STATS, cache_headers, vary
from warehouse.web.pages.stats.page import stats_page
from warehouse.web.rendering import let_caches_keep, render
from warehouse.web.request import Request

TEMPLATE = "pages/stats/page.html"


@view_config(route_name="stats", request_method="GET")
def stats(request: Request) -> Response:
    """How large the index and its largest projects are.

    Whoever gets here may read the index: the machine doors are asked before the site, and let nobody else pass.
    """
    response = render(request, TEMPLATE, stats_page(request.tools.database))
    keys = ["all-html", TEMPLATE]
    let_caches_keep(response, cache_headers(request.settings, keys, kept=STATS) + vary(request.settings, "Accept"))
    return response
