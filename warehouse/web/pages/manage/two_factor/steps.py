"""Leads whoever skipped a step of setting up a second factor back to it."""

from __future__ import annotations

from pyramid.response import Response

from warehouse.errors import Conflict
from warehouse.operations.second_factors import require_ready
from warehouse.web.redirects import see_other
from warehouse.web.request import Request

STEPS = {"no_recovery_codes": "manage.two_factor", "codes_not_proven": "manage.recovery_codes.burn"}


def step_before(request: Request) -> Response | None:
    """Where recovery codes are generated or tried; None when that is done."""
    assert request.user is not None
    try:
        require_ready(request.work, request.user)
    except Conflict as refusal:
        request.flash(refusal.sentence, "warning")
        return see_other(request, STEPS[refusal.code])
    return None
