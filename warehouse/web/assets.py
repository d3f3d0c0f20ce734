"""The style sheet and the scripts: made at start, at addresses that name their content."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pyramid.httpexceptions import HTTPFound
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import NotFound
from warehouse.web.request import Request

FOLDER = Path(__file__).parent
LAYERS = "@layer tokens, base, components, layout, pages;\n"
FOREVER = 31_536_000  # seconds: a year

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Asset:
    """A file for browsers. ``digest`` changes when its content does."""

    name: str
    digest: str
    plain: bytes
    gzipped: bytes

    @classmethod
    def of(cls, name: str, content: bytes) -> Asset:
        """The asset of this name."""
        digest = hashlib.sha256(content).hexdigest()[:16]
        return cls(name, digest, content, gzip.compress(content, mtime=0))

    @property
    def path(self) -> str:
        """Where pages find it."""
        return f"/static/{self.digest}/{self.name}"


@dataclass(frozen=True)
class Assets:
    """Everything that pages load: all rules in the order of their layers, and each script by its name."""

    stylesheet: Asset
    scripts: Mapping[str, Asset]

    @classmethod
    def build(cls) -> Assets:
        """Join the style sheets - what a rule's layer is, its file says - and read the scripts, which are modules."""
        files = [*(FOLDER / "layout").glob("*.css"), *(FOLDER / "components").glob("*.css")]
        files += FOLDER.glob("pages/**/page.css")
        rules = "".join(file.read_text(encoding="utf-8") for file in sorted(files))
        stylesheet = Asset.of("site.css", (LAYERS + _BLANK.sub(" ", _COMMENT.sub("", rules))).encode())
        scripts = {
            file.stem: Asset.of(file.name, file.read_bytes()) for file in sorted((FOLDER / "scripts").glob("*.js"))
        }
        return cls(stylesheet, scripts)


@view_config(route_name="stylesheet", request_method="GET")
def stylesheet(request: Request) -> Response:
    """The style sheet."""
    return _answer(request, request.registry.assets.stylesheet, "text/css")


@view_config(route_name="script", request_method="GET")
def script(request: Request) -> Response:
    """A script of this name; refuses with :class:`NotFound`."""
    found = request.registry.assets.scripts.get(request.matchdict["name"])
    if found is None:
        raise NotFound("There is no such script.")
    return _answer(request, found, "text/javascript")


def _answer(request: Request, asset: Asset, content_type: str) -> Response:
    """The asset.

    While machines are renewed one after the other, a page of one may ask another for its style sheet: it gets ours.
    """
    if request.matchdict["digest"] != asset.digest:
        return HTTPFound(location=asset.path, cache_control="no-store")
    zipped = bool(request.accept_encoding.acceptable_offers(["gzip"])) and "gzip" in request.headers.get(
        "Accept-Encoding", ""
    )
    response = Response(asset.gzipped if zipped else asset.plain, content_type=content_type, charset="UTF-8")
    if zipped:
        response.content_encoding = "gzip"
    response.vary = ("Accept-Encoding",)
    response.headers["Cache-Control"] = f"public, max-age={FOREVER}, immutable"
    return response
