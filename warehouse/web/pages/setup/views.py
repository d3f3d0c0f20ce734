"""The first-start link."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Conflict, Invalid
from warehouse.operations.registration import check_first_start_key
from warehouse.web.pages.setup.forms import AccountForm, Mistake
from warehouse.web.pages.setup.page import FormPage, first_account
from warehouse.web.rendering import render
from warehouse.web.request import Request

FORM = "pages/setup/page.html"


@view_config(route_name="setup", request_method="GET")
def ask(request: Request) -> Response:
    """The form, as long as the link is good."""
    check_first_start_key(request.work, request.matchdict["key"])
    return _form(request, FormPage())


@view_config(route_name="setup", request_method="POST")
def become(request: Request) -> Response:
    """Make the administrator and show the first token, which is shown nowhere again."""
    key = request.matchdict["key"]
    check_first_start_key(request.work, key)
    form = AccountForm.of(request.form)
    try:
        done = first_account(request.work, key, form, request.base_url)
    except (Invalid, Conflict) as refusal:
        request.undo()
        return _form(request, FormPage(form, Mistake.of(refusal)), status=refusal.status)
    return render(request, "pages/setup/done.html", done)


def _form(request: Request, page: FormPage, *, status: int = 200) -> Response:
    response = render(request, FORM, page, status=status)
    # With "no-referrer" browsers send "Origin: null" along with the form, and we could not tell whose form it is.
    response.headers["Referrer-Policy"] = "same-origin"
    return response
