"""The page of results, and what is suggested while somebody types."""

from __future__ import annotations

from datetime import timedelta

import orjson
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import TooLarge
from warehouse.operations.searching import LONGEST_QUESTION, suggest
from warehouse.settings.caching import Kept
from warehouse.web.compressing import compressed
from warehouse.web.head import Head
from warehouse.web.language import _
from warehouse.web.pages.search.page import search_page
from warehouse.web.pages.search.question import answered, asked, parameters
from warehouse.web.paging import paging
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.shared import Shared, is_for_everybody

KEPT = Shared(keys=("all-projects",), kept=Kept(None, None, timedelta(days=1)), cdn=timedelta(hours=1))


@view_config(route_name="search", request_method="GET", reads=True)
def search(request: Request) -> Response:
    """The projects that a question finds, a page at a time, and what they can be narrowed by."""
    request.registry.searches.searches.count(request)
    question = asked(request)
    found = answered(request.tools, question)
    now = request.work.now
    page = search_page(question, found, paging(request, question.page, found.pages), parameters(request), now=now)
    title = _("Results for “%(text)s”") % {"text": question.text} if question.text.strip() else _("Search")
    head = Head(title, _("Find Python projects by what they are called and what they do."), is_indexed=False)
    response = render(request, "pages/search/page.html", page, head=head, scripts=("filters",), shared=KEPT)
    # What is somebody's own holds a secret beside the words of the address: its size must not tell of it (BREACH).
    return compressed(request, response) if is_for_everybody(request) else response


@view_config(route_name="search.suggestions", request_method="GET", reads=True)
def suggestions(request: Request) -> Response:
    """OpenSearch suggestions 1.1: the question, and names, summaries and addresses of projects that it may mean."""
    request.registry.searches.suggestions.count(request)
    text = request.GET.get("q", "")
    if len(text) > LONGEST_QUESTION:
        raise TooLarge(_("Nothing has a name that long."), code="query_too_long")
    hits = suggest(request.tools, text) if text.strip() else []
    told = [
        text,
        [hit.name for hit in hits],
        [hit.summary for hit in hits],
        [f"{request.base_url}/project/{hit.normalized_name}/" for hit in hits],
    ]
    response = Response(orjson.dumps(told), content_type="application/x-suggestions+json", charset=None)
    response.headers["Cache-Control"] = "private, max-age=60" if request.visitor else "max-age=60"
    return response
