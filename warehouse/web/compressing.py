"""Compresses what a view answers with: pages that are kept are compressed where they are kept."""

from __future__ import annotations

from pyramid.response import Response

from warehouse.standards.compression import compress
from warehouse.standards.http import accepted_encoding
from warehouse.web.request import Request


def compressed(request: Request, response: Response) -> Response:
    """The response in the best coding that the client takes. Not for a page that holds a secret."""
    vary = response.vary or ()
    response.vary = vary if "Accept-Encoding" in vary else (*vary, "Accept-Encoding")
    match accepted_encoding(request.headers.get("Accept-Encoding"), ("zstd", "gzip", "identity")):
        case "zstd" | "gzip" as coding:
            response.body = compress(response.body, coding)
            response.content_encoding = coding
    return response
