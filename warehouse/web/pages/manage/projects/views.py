"""The list of one's own projects."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.pages.manage.projects.page import projects_page
from warehouse.web.paging import page_number
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.gates import Needs


@view_config(route_name="manage.projects", request_method="GET", needs=Needs.SECURED)
def projects(request: Request) -> Response:
    """What one keeps, as what, and when it was released to last."""
    assert request.user is not None
    page = projects_page(request.work, request.user, page_number(request))
    return render(request, "pages/manage/projects/page.html", page)
