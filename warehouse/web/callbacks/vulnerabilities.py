"""Where OSV posts what it knows to be wrong with releases."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Invalid, NotFound
from warehouse.infra.signing_keys import SigningKeys
from warehouse.operations.advisories import expect_reports
from warehouse.web.request import Request

LARGEST = 4 * 1024 * 1024  # bytes
MOST_REPORTS = 1000

HEADER = "VULN-PUBLIC-KEY"
"""The beginning of the header fields that name key and signature."""


@view_config(route_name="vulnerabilities", request_method="POST", csrf=False)
def report(request: Request) -> Response:
    """Take reports, and say nothing about what becomes of each.

    404 for who signs nothing, 400 for what OSV did not sign or is no list, 503 when its keys cannot be had.
    """
    key_id = request.headers.get(f"{HEADER}-IDENTIFIER")
    signature = request.headers.get(f"{HEADER}-SIGNATURE")
    url = request.settings.advisories.osv_keys_url
    if not key_id or not signature:
        raise NotFound("There is nothing at this address for whoever signs nothing.")
    if url is None:
        raise NotFound("This index takes no reports of vulnerabilities.")
    body = request.whole_body(largest=LARGEST)
    _opened(url).verify(body, key_id, signature)
    expect_reports(request.work, _listed(body))
    return Response(status=204, cache_control="no-store")


def _listed(body: bytes) -> list[dict[str, Any]]:
    try:
        reports: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid("The report is not JSON.", code="json") from error
    if not isinstance(reports, list) or len(reports) > MOST_REPORTS:
        raise Invalid(f"The report is no JSON array of at most {MOST_REPORTS} objects.", code="json")
    return [one for one in reports if isinstance(one, dict)]


# One for the process, with the keys that it has fetched.
_opened = lru_cache(maxsize=8)(lambda url: SigningKeys("OSV", url))
