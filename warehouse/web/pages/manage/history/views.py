"""The page of one's history, and the same as files."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.operations.history import SHOWN_FOR, all_of, history_of
from warehouse.web.pages.manage.history.export import as_csv, as_json
from warehouse.web.pages.manage.history.page import history_page, kind_of
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.gates import Needs

FORMS = {"json": (as_json, "application/json"), "csv": (as_csv, "text/csv")}


@view_config(route_name="manage.history", request_method="GET", needs=Needs.SIGNED_IN)
def show(request: Request) -> Response:
    """The last 90 days."""
    return render(request, "pages/manage/history/page.html", history_page(request, request.GET))


@view_config(route_name="manage.history.export", request_method="GET", needs=Needs.SIGNED_IN)
def export(request: Request) -> Response:
    """The same as a file, whole."""
    work, user = request.work, request.user
    assert user is not None
    kind = kind_of(request.GET)
    beginnings = kind.beginnings if kind is not None else ()
    since = work.now - SHOWN_FOR
    history_of(work, user, limit=1)  # asks for permission while a refusal can still be told
    write, content_type = FORMS[request.matchdict["format"]]
    response = Response(content_type=content_type, charset="UTF-8" if content_type == "text/csv" else None)
    response.app_iter = write(all_of(work, user, since=since, beginnings=beginnings))
    response.headers["Cache-Control"] = "private, no-store"
    response.content_disposition = f'attachment; filename="security-history.{request.matchdict["format"]}"'
    return response
