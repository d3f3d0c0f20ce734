"""What is told to somebody who tried too often."""

from __future__ import annotations

import math

from pyramid.response import Response

from warehouse.errors import TooMany
from warehouse.web.language import ngettext


def told_to_wait(response: Response, refusal: TooMany) -> Response:
    """The page with the form, marked as the answer to one attempt too many."""
    response.status = f"{refusal.status} Too Many Failed Login Attempts"
    response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def wait(refusal: TooMany) -> str:
    """The sentence that tells how long to wait."""
    minutes = math.ceil(refusal.retry_after / 60)
    return ngettext(
        "There have been too many unsuccessful attempts. Try again in %(minutes)s minute.",
        "There have been too many unsuccessful attempts. Try again in %(minutes)s minutes.",
        minutes,
    ) % {"minutes": minutes}
