"""Where OSV posts what it knows to be wrong with releases."""

from __future__ import annotations

from functools import lru_cache

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import NotFound
from warehouse.infra.signing_keys import SigningKeys
from warehouse.operations.advisories import expect_reports
from warehouse.web.callbacks.reports import reports_in
from warehouse.web.request import Request

LARGEST = 4 * 1024 * 1024  # bytes

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
    expect_reports(request.work, [one for one in reports_in(body) if isinstance(one, dict)])
    return Response(status=204, cache_control="no-store")


# One for the process, with the keys that it has fetched.
_opened = lru_cache(maxsize=8)(lambda url: SigningKeys("OSV", url))
