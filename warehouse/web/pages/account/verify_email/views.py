"""The link that verifies an address."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Conflict, Invalid
from warehouse.operations.emails import verify_email
from warehouse.operations.second_factors import lacks_factor
from warehouse.web.language import _
from warehouse.web.redirects import see_other
from warehouse.web.request import Request
from warehouse.web.security.gates import Needs


@view_config(route_name="account.verify_email", request_method="GET", needs=Needs.SIGNED_IN)
def verify(request: Request) -> Response:
    """Believe the link, when it was sent to whoever is signed in, and lead on to what is still missing."""
    user = request.user
    assert user is not None
    try:
        email = verify_email(request.work, user, request.GET.get("token", ""))
    except (Invalid, Conflict) as refusal:
        request.flash(refusal.sentence, "warning" if refusal.code == "is_verified" else "error")
        return see_other(request, "manage.unverified_account")  # which leads on when there is nothing to do
    request.flash(_("%(address)s is verified.") % {"address": email.address})
    if lacks_factor(request.work, user):
        return see_other(request, "manage.two_factor")
    return see_other(request, "manage.emails")
