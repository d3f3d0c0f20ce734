"""Where those post what they found who look for API tokens in public places."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Invalid, NotFound
from warehouse.infra.signing_keys import SigningKeys
from warehouse.operations.leaks import report_leaks
from warehouse.settings import Settings
from warehouse.web.callbacks.reports import reports_in
from warehouse.web.request import Request

LARGEST = 1024 * 1024  # bytes
LONGEST_URL = 2000

OURS = "pypi_api_token"
"""What tokens of this form are called by those who look for them."""

HEADERS = {"GitHub": "GITHUB-PUBLIC-KEY", "deps.dev": "GOSST-PUBLIC-KEY"}
"""The beginnings of the header fields that name key and signature."""


@view_config(route_name="leaks", request_method="POST", csrf=False)
@view_config(route_name="leaks.former", request_method="POST", csrf=False)
def disclose(request: Request) -> Response:
    """Take a report, and say nothing about what becomes of it.

    404 for who is not known, 400 for what they did not sign or is no report, 503 when their keys cannot be had.
    """
    origin, key_id, signature = _signed_by(request)
    keys = _keys_of(request.settings, origin)
    body = request.whole_body(largest=LARGEST)
    keys.verify(body, key_id, signature)
    report_leaks(request.work, list(_found(body)), origin=origin)
    return Response(status=204, cache_control="no-store")


def _signed_by(request: Request) -> tuple[str, str, str]:
    for origin, beginning in HEADERS.items():
        key_id = request.headers.get(f"{beginning}-IDENTIFIER")
        signature = request.headers.get(f"{beginning}-SIGNATURE")
        if key_id and signature:
            return origin, key_id, signature
    raise NotFound("There is nothing at this address for whoever signs nothing.")


def _keys_of(settings: Settings, origin: str) -> SigningKeys:
    leaks = settings.leaks
    url = leaks.github_keys_url if origin == "GitHub" else leaks.depsdev_keys_url
    if url is None:
        raise NotFound(f"This index takes no reports from {origin}.")
    token = leaks.github_token.get_secret_value() if origin == "GitHub" and leaks.github_token else None
    return _opened(origin, url, token)


def _found(body: bytes) -> Iterator[tuple[str, str | None]]:
    """The text and the address of each report that is about a token of ours."""
    for report in reports_in(body):
        match report:
            case {"token": str(token), "type": str(kind)}:
                if kind == OURS:
                    yield token, _address(report.get("url"))
            case _:
                raise Invalid("Each report has a token and a type.", code="bad_report")


def _address(url: object) -> str | None:
    is_one = isinstance(url, str) and len(url) <= LONGEST_URL and url.isprintable()
    return url if isinstance(url, str) and is_one and url.startswith(("https://", "http://")) else None


# One for the process, with the keys that it has fetched.
_opened = lru_cache(maxsize=8)(lambda who, url, token: SigningKeys(who, url, token=token))
