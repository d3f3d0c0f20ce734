"""Leads to the terms of service, and knows who went there."""

from __future__ import annotations

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config

from warehouse.operations import terms
from warehouse.web.request import Request


@view_config(route_name="account.terms", request_method="GET")
def view_terms(request: Request) -> HTTPSeeOther:
    """To where the terms can be read."""
    return HTTPSeeOther(location=terms.view(request.work, request.user), cache_control="no-store")
