"""The page of a project, the pages of its releases, and what they show to those who work on it."""

from __future__ import annotations

from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.response import Response
from pyramid.view import view_config

from warehouse.authz import Permission, allowed
from warehouse.errors import NotAllowed
from warehouse.operations.images import image_sources
from warehouse.operations.projects import find_project
from warehouse.standards.json_api import segment
from warehouse.standards.wheel_filters import WheelFilter
from warehouse.web.avatars import avatar_origin
from warehouse.web.head import Head, Picture
from warehouse.web.language import _
from warehouse.web.pages.project.page import ProjectPage, find_release, project_page
from warehouse.web.rendering import render, render_fragment
from warehouse.web.request import Request
from warehouse.web.security.policy import allow
from warehouse.web.shared import NUMBERS, OF_ONE, Shared, is_for_everybody

_LONGEST_FILTER = 200  # characters
_SCRIPTS = ("tabs", "copy", "wheels")


@view_config(route_name="project", request_method="GET", reads=True)
def project(request: Request) -> Response:
    """The release that somebody who does not name one should look at."""
    return _shown(request, None)


@view_config(route_name="release", request_method="GET", reads=True)
def release(request: Request) -> Response:
    """One release, found by any spelling of its version."""
    return _shown(request, request.matchdict["version"])


@view_config(route_name="fragment.project", request_method="GET")
def manage_button(request: Request) -> Response:
    """The way to managing the project for those who may; refuses all others with :class:`NotAllowed`."""
    if request.user is None:
        raise NotAllowed(_("You are not signed in."), code="not_signed_in")
    found = find_project(request.work, request.matchdict["name"])
    ways = (Permission.UPLOAD, Permission.READ_PROJECT_HISTORY)  # what is archived takes no uploads
    if not any(allowed(request.work.actor, way, found) for way in ways):
        raise NotAllowed(_("You do not work on this project."), code="no_role")
    return render_fragment(request, "pages/project/manage.html", None)


def _shown(request: Request, version: str | None) -> Response:
    """The page, or the one address at which it is: the name and the version are put right in one step."""
    found = find_release(request.work, request.matchdict["name"], version)
    spelled = (request.matchdict["name"], version)
    right = (found.project.name, None if version is None else found.release.version)
    if spelled != right:
        path = "/".join(segment(part) for part in right if part is not None)
        return HTTPMovedPermanently(location=f"/project/{path}/")
    page = project_page(
        request.work, found, request.base_url, is_pinned=version is not None, asked=_asked_wheels(request)
    )
    shared = Shared(keys=(f"project/{page.normalized_name}",), kept=OF_ONE, cdn=NUMBERS)
    response = render(
        request, "pages/project/page.html", page, scripts=_SCRIPTS, head=_head(request, page), shared=shared
    )
    for origin in filter(None, (avatar_origin(request.settings), *image_sources(request.settings))):
        allow(response, "img-src", origin)
    return response


def _asked_wheels(request: Request) -> WheelFilter:
    asked = (request.GET.get(name, "")[:_LONGEST_FILTER].strip() for name in WheelFilter._fields)
    return WheelFilter(*asked)


def _head(request: Request, page: ProjectPage) -> Head:
    """What others are told. A project that has only just come is not for search engines yet: it may be a trap.

    Nor has it a picture to be seen by where it is linked, as no project has where pages are not for everybody.
    """
    has_picture = not page.is_new and page.is_offered and is_for_everybody(request)
    picture = Picture(
        f"/project/{page.normalized_name}/card.png", f"{page.name} {page.version}. {page.summary}".strip()
    )
    title = f"{page.name} {page.version}" if page.is_pinned else page.name
    return Head(
        title=title,
        description=page.summary,
        canonical=page.path,
        picture=picture if has_picture else None,
        is_indexed=not page.is_new and page.is_offered,
        feeds=((_("Releases of %(name)s") % {"name": page.name}, f"/rss/project/{page.normalized_name}/releases.xml"),),
    )
