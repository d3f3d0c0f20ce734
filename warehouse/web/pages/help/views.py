"""The answers to frequent questions."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.head import Head
from warehouse.web.language import _
from warehouse.web.pages.help.page import help_page
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.shared import Shared


@view_config(route_name="help", request_method="GET")
def help_(request: Request) -> Response:
    """The answers, true for this index: they hold its own limits."""
    page = help_page(request.settings, request.base_url)
    description = _("Answers about installing, publishing, accounts, names, limits and what can go wrong.")
    head = Head(_("Help"), description, canonical="/help/")
    return render(request, "pages/help/page.html", page, head=head, scripts=("copy",), shared=Shared())
