"""The page about security."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.head import Head
from warehouse.web.language import _
from warehouse.web.pages.security.page import security_page
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.shared import Shared


@view_config(route_name="security", request_method="GET")
def security(request: Request) -> Response:
    """Where to report a weakness of the index and malware in a project, and what happens then."""
    head = Head(_("Security"), _("How to report a weakness of this index, or malware on it."), canonical="/security/")
    return render(request, "pages/security/page.html", security_page(request.settings), head=head, shared=Shared())
