"""The page of one file."""

from __future__ import annotations

from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.head import Head
from warehouse.web.language import _
from warehouse.web.pages.file.page import file_page, find_file, path_of
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.shared import OF_ONE, Shared


@view_config(route_name="file", request_method="GET", reads=True)
def file(request: Request) -> Response:
    """All that is known of a file. Its name finds it: a wrong version or spelling leads to the right address."""
    asked = request.matchdict
    found = find_file(request.work, asked["name"], asked["filename"])
    if (asked["name"], asked["version"]) != (found.name, found.version):
        return HTTPMovedPermanently(location=path_of(found))
    page = file_page(request.settings, found, request.base_url)
    # Search engines are to find the project, not its hundred files.
    head = Head(
        title=page.filename,
        description=_("Hashes, origin and contents of a file of %(name)s.") % {"name": page.name},
        canonical=page.path,
        is_indexed=False,
    )
    shared = Shared(keys=(f"project/{page.normalized_name}",), kept=OF_ONE)
    return render(request, "pages/file/page.html", page, scripts=("copy",), head=head, shared=shared)
