"""Pictures of people: what is at their address never changes, and nothing has to be looked up for it."""

from __future__ import annotations

import re

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import NotFound
from warehouse.web.assets import FOREVER
from warehouse.web.pages.avatar.drawing import NEUTRAL, draw
from warehouse.web.request import Request

DIGEST = re.compile("[0-9a-f]{16}")


@view_config(route_name="avatar", request_method="GET")
def avatar(request: Request) -> Response:
    """The picture that belongs to a digest, or that of those whose own is hidden."""
    name = request.matchdict["name"]
    if name == "neutral":
        return _kept(NEUTRAL)
    if not DIGEST.fullmatch(name):
        raise NotFound("There is no such picture.", code="no_such_picture")
    return _kept(draw(bytes.fromhex(name)))


def _kept(drawing: str) -> Response:
    response = Response(drawing, content_type="image/svg+xml", charset="UTF-8")
    response.headers["Cache-Control"] = f"public, max-age={FOREVER}, immutable"
    return response
