"""The upload address when it is not uploaded to, and the addresses at which uploads once were possible."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import Gone, NotFound
from warehouse.web.pages.publishing.page import publishing_page
from warehouse.web.refusals import MethodNotAllowed, refused
from warehouse.web.rendering import render
from warehouse.web.request import Request

FORMER_ACTIONS = frozenset({"submit", "submit_pkg_info", "doc_upload", "file_upload"})


@view_config(route_name="publishing", request_method="GET")
def publishing(request: Request) -> Response:
    """What the address is for. An upload that is not sent by POST is refused with 405."""
    if request.GET.get(":action") == "file_upload":
        raise MethodNotAllowed("Files are uploaded with POST.", "POST")
    return render(request, "pages/publishing/page.html", publishing_page(request.settings, request.base_url))


@view_config(route_name="publishing.former", request_method=("GET", "POST"), csrf=False)
@view_config(route_name="publishing.former.slash", request_method=("GET", "POST"), csrf=False)
def former(request: Request) -> Response:
    """Where tools of before 2017 uploaded to: gone (410), with the address to use instead.

    They name the action in the query or in the form, which is not read: nothing else sends multipart forms here.
    """
    if request.GET.get(":action") not in FORMER_ACTIONS and request.content_type != "multipart/form-data":
        raise NotFound("There is nothing at this address.")
    sentence = f"Uploads are not taken here any more. Set the repository to {request.base_url}/legacy/ and try again."
    response = refused(Gone(sentence), request)
    # These tools show the reason phrase and nothing else.
    response.status = f"410 {sentence.encode('ascii', 'replace').decode()}"
    return response
