"""The page of second factors."""

from __future__ import annotations

from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.pages.manage.two_factor.page import two_factor_page
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.gates import Needs


@view_config(route_name="manage.two_factor", request_method="GET", needs=Needs.VERIFIED, recent=True)
def show(request: Request) -> Response:
    """What there is, and what to do next."""
    return render(request, "pages/manage/two_factor/page.html", two_factor_page(request))


@view_config(route_name="two_factor.former", request_method="GET")
def former(request: Request) -> Response:
    """The address that is printed on things."""
    return HTTPMovedPermanently(location=request.route_path("manage.two_factor"))
