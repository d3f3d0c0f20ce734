"""The style sheet: one file made at start from those beside the templates, under an address that names its content."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from pyramid.httpexceptions import HTTPFound
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.request import Request

FOLDER = Path(__file__).parent
LAYERS = "@layer tokens, base, components, layout, pages;\n"
FOREVER = 31_536_000  # seconds: a year

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Stylesheet:
    """All rules in the order of their layers. ``digest`` changes when any of them does."""

    digest: str
    plain: bytes
    gzipped: bytes

    @classmethod
    def build(cls) -> Stylesheet:
        """Join the files; what a rule's layer is, its file says."""
        files = [*(FOLDER / "layout").glob("*.css"), *(FOLDER / "components").glob("*.css")]
        files += FOLDER.glob("pages/*/page.css")
        rules = "".join(file.read_text(encoding="utf-8") for file in sorted(files))
        content = (LAYERS + _BLANK.sub(" ", _COMMENT.sub("", rules))).encode()
        digest = hashlib.sha256(content).hexdigest()[:16]
        return cls(digest, content, gzip.compress(content, mtime=0))

    @property
    def path(self) -> str:
        """Where pages find it."""
        return f"/static/{self.digest}/site.css"


@view_config(route_name="stylesheet", request_method="GET")
def stylesheet(request: Request) -> Response:
    """The style sheet.

    While machines are renewed one after the other, a page of one may ask another for its style sheet: it gets ours.
    """
    sheet: Stylesheet = request.registry.stylesheet
    if request.matchdict["digest"] != sheet.digest:
        return HTTPFound(location=sheet.path, cache_control="no-store")
    zipped = bool(request.accept_encoding.acceptable_offers(["gzip"])) and "gzip" in request.headers.get(
        "Accept-Encoding", ""
    )
    response = Response(sheet.gzipped if zipped else sheet.plain, content_type="text/css", charset="UTF-8")
    if zipped:
        response.content_encoding = "gzip"
    response.vary = ("Accept-Encoding",)
    response.headers["Cache-Control"] = f"public, max-age={FOREVER}, immutable"
    return response
