"""The first-start link."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Mistakes
from warehouse.operations.registration import check_first_start_key
from warehouse.operations.sessions import admit
from warehouse.web.pages.setup.forms import AccountForm
from warehouse.web.pages.setup.page import FormPage, done, first_account
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.origins import form_can_be_sent
from warehouse.web.signing_in import admit_visitor

FORM = "pages/setup/page.html"


@view_config(route_name="setup", request_method="GET")
def ask(request: Request) -> Response:
    """The form, as long as the link is good."""
    check_first_start_key(request.work, request.matchdict["key"])
    return _form(request, FormPage())


@view_config(route_name="setup", request_method="POST")
def become(request: Request) -> Response:
    """Make the administrator, sign them in, and show the first token, which is shown nowhere again."""
    key = request.matchdict["key"]
    check_first_start_key(request.work, key)
    form = AccountForm.of(request.form)
    try:
        user, token = first_account(request.work, key, form)
    except Mistakes as refusal:
        request.undo()
        return _form(request, FormPage(form, refusal.by_field), status=refusal.status)
    # The page says who is signed in, so they have to be before it is written.
    signed_in = Response()
    admit_visitor(request, signed_in, admit(request.work, user, method="registration"), user)
    response = render(request, "pages/setup/done.html", done(request.work, user, token, request.base_url))
    return form_can_be_sent(signed_in.merge_cookies(response))


def _form(request: Request, page: FormPage, *, status: int = 200) -> Response:
    return form_can_be_sent(render(request, FORM, page, status=status))
