"""The pages of API tokens."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Conflict, Invalid, NotFound
from warehouse.operations.passwords import WRONG, prove
from warehouse.operations.tokens import create_token, revoke_token
from warehouse.web.forms import mistakes_of
from warehouse.web.language import _
from warehouse.web.pages.manage.tokens.forms import FIELD_OF, TokenForm
from warehouse.web.pages.manage.tokens.page import created_page, tokens_page
from warehouse.web.redirects import see_other
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.gates import Needs


@view_config(route_name="manage.tokens", request_method="GET", needs=Needs.SECURED, recent=True)
def show(request: Request) -> Response:
    """The list, and the form for another one."""
    return render(request, "pages/manage/tokens/page.html", tokens_page(request))


@view_config(route_name="manage.tokens", request_method="POST", needs=Needs.SECURED, recent=True)
def create(request: Request) -> Response:
    """A new token, shown in this answer and never again."""
    assert request.user is not None
    form = TokenForm.of(request.form)
    try:
        token, text = create_token(
            request.work,
            request.user,
            description=form.description,
            projects=form.covered(),
            lifetime=form.lives_for(),
        )
    except (Invalid, Conflict, NotFound) as refusal:
        return _mistaken(request, mistakes_of(refusal, FIELD_OF), form)
    return render(request, "pages/manage/tokens/created.html", created_page(request, token, text), scripts=["copy"])


@view_config(route_name="manage.tokens.revoke", request_method="POST", needs=Needs.SECURED, recent=True)
def revoke(request: Request) -> Response:
    """A token is not wanted any more. Whoever has a password types it; whoever has none has just signed in again."""
    user = request.user
    assert user is not None
    token_id = request.matchdict["id"]
    if user.password_hash is not None and not prove(
        request.work, user, request.form.get("password", ""), session=request.visit
    ):
        return _mistaken(request, {f"password-{token_id}": WRONG})
    try:
        token = revoke_token(request.work, user, uuid.UUID(token_id))
    except (NotFound, ValueError):
        request.flash(_("You have no such token. It may be revoked already."), "warning")
    else:
        request.flash(_("The token “{name}” is revoked: it opens nothing any more.").format(name=token.description))
    return see_other(request, "manage.tokens")


def _mistaken(request: Request, mistakes: Mapping[str, str], form: TokenForm | None = None) -> Response:
    page = tokens_page(request, form, mistakes)
    return render(request, "pages/manage/tokens/page.html", page, status=400)
