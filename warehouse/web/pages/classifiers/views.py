"""The list of trove classifiers."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.head import Head
from warehouse.web.language import _
from warehouse.web.pages.classifiers.page import classifiers_page
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.shared import Shared


@view_config(route_name="classifiers", request_method="GET", reads=True)
def classifiers(request: Request) -> Response:
    """All classifiers that an upload may have, each with the projects that have it."""
    page = classifiers_page(request.tools)
    head = Head(_("Classifiers"), _("All classifiers that a project can say of itself."), canonical="/classifiers/")
    return render(
        request,
        "pages/classifiers/page.html",
        page,
        head=head,
        scripts=("copy", "classifiers"),
        shared=Shared(keys=("all-projects",)),
    )
