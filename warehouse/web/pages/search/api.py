"""The search for programs, in JSON (docs/reading.md)."""

from __future__ import annotations

from typing import Any

import orjson
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import NotAuthenticated, Refusal, TooMany, Unavailable
from warehouse.operations.searching import PER_PAGE, Hit
from warehouse.web.compressing import compressed
from warehouse.web.pages.search.question import answered, asked
from warehouse.web.request import Request
from warehouse.web.security.programs import require_reader

CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET"),
    ("Access-Control-Expose-Headers", "RateLimit, RateLimit-Policy, Retry-After"),
)


@view_config(route_name="api.search", request_method="GET")
def search(request: Request) -> Response:
    """What a question finds, a page at a time; what is wrong with one is told in JSON, whatever the client accepts."""
    try:
        require_reader(request)
        request.registry.searches.searches.count(request)
        question = asked(request)
        found = answered(request.tools, question)
    except Refusal as refusal:
        return _refused(refusal)
    told = {
        "query": question.text,
        "order": question.order,
        "page": question.page,
        "pages": found.pages,
        "per_page": PER_PAGE,
        "total": found.total,
        "total_is_exact": not found.is_more,
        "did_you_mean": found.meant,
        "results": [_result(request, hit) for hit in found.hits],
        "classifiers": {name: count for name, count in sorted(found.classifiers.items()) if count},
    }
    return compressed(request, _json(200, told))


def _result(request: Request, hit: Hit) -> dict[str, Any]:
    return {
        "name": hit.name,
        "version": hit.version,
        "summary": hit.summary,
        "released_at": hit.released_at.isoformat(),
        "downloads": hit.downloads,
        "dependents": hit.dependents,
        "url": f"{request.base_url}/project/{hit.normalized_name}/",
        "simple_url": f"{request.base_url}/simple/{hit.normalized_name}/",
    }


def _refused(refusal: Refusal) -> Response:
    response = _json(refusal.status, {"message": refusal.sentence, "code": refusal.code})
    if isinstance(refusal, NotAuthenticated):
        response.headers["WWW-Authenticate"] = 'Basic realm="Warehouse", charset="UTF-8"'
    if isinstance(refusal, TooMany | Unavailable):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _json(status: int, told: dict[str, Any]) -> Response:
    response = Response(orjson.dumps(told), status=status, content_type="application/json", charset=None)
    response.headers["Cache-Control"] = "no-cache" if status == 200 else "no-store"
    response.headers.update(CORS)
    return response
