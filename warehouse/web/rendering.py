"""Turns a page object into a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pyramid.response import Response

from warehouse import __version__
from warehouse.web import language, wording
from warehouse.web.assets import Assets
from warehouse.web.flashes import Flash
from warehouse.web.head import Head
from warehouse.web.language import Language
from warehouse.web.request import Request, Visitor
from warehouse.web.security.policy import allow
from warehouse.web.shared import Shared, is_for_everybody, let_everybody_keep, was_asked_by_the_cache

FOLDER = Path(__file__).parent
ONES_OWN = "private, no-store"  # Cache-Control of a page that says who reads it

ON_EVERY_PAGE = ("search",)
ON_SHARED_PAGES = ("fragments",)


@dataclass(frozen=True)
class Layout:
    """What every page needs besides its own object.

    A page that ``is_shared`` has no visitor: it leaves a place for them, and one for flashes if it has none.
    ``base_url`` is the address of the index without a slash at the end, ``path`` the page's own.
    """

    site_name: str
    stylesheet: str
    language: Language
    languages: tuple[Language, ...]
    base_url: str
    path: str
    head: Head | None = None
    scripts: tuple[str, ...] = ()
    visitor: Visitor | None = None
    flashes: tuple[Flash, ...] = ()
    may_register: bool = False
    is_shared: bool = False
    version: str = __version__

    def csrf(self) -> Markup:
        """The field by which a form shows that it stood on a page of this session."""
        if self.visitor is None:
            return Markup("")
        return Markup('<input type="hidden" name="csrf_token" value="{}">').format(self.visitor.csrf_token)

    def moment(self, then: datetime) -> Markup:
        """A time to the minute, where the reader lives if they said so."""
        return wording.time_element(then, wording.moment(then, self.visitor.time_zone if self.visitor else None))

    def day(self, then: datetime) -> Markup:
        """The day of a time, where the reader lives if they said so."""
        return wording.time_element(then, wording.day(then, self.visitor.time_zone if self.visitor else None))


class Templates:
    """The templates of the site. Everything is escaped, and a name that is not there is an error."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._environment.filters.update(
            ago=wording.ago,
            number=wording.number,
            percent=wording.percent,
            size=wording.size,
            translated=language.translated,
        )
        self._environment.policies["ext.i18n.trimmed"] = True
        self._environment.install_gettext_callables(  # type: ignore[attr-defined]
            language.gettext,
            language.ngettext,
            newstyle=True,
            pgettext=language.pgettext,
            npgettext=language.npgettext,
        )

    def render(self, template: str, page: object, layout: Layout) -> str:
        """The template, a path below this folder, filled in from the page object alone."""
        return self._environment.get_template(template).render(
            page=page, layout=layout, csrf=layout.csrf, moment=layout.moment, day=layout.day
        )


def render(
    request: Request,
    template: str,
    page: object,
    *,
    status: int = 200,
    scripts: Iterable[str] = (),
    head: Head | None = None,
    shared: Shared | None = None,
) -> Response:
    """A response with this page, which browsers ask for again each time, and keep nowhere if it is somebody's own.

    ``scripts`` are the modules in ``web/scripts`` that make the page more comfortable. With ``shared`` it is the same
    for everybody, if everybody may read the index and there is nothing to say to this visitor.
    """
    is_shared = is_for_everybody(request) and (shared is not None or was_asked_by_the_cache(request))
    always = (*ON_EVERY_PAGE, *(ON_SHARED_PAGES if is_shared else ()))
    layout = _layout(request, head, (*always, *scripts), is_shared=is_shared)
    text = request.registry.templates.render(template, page, layout)
    response = Response(text, status=status, content_type="text/html", charset="UTF-8")
    is_ones_own = layout.visitor is not None or layout.flashes
    response.headers["Cache-Control"] = ONES_OWN if is_ones_own else "no-cache"
    response.content_language = layout.language.tag
    if is_shared and shared is not None and not is_ones_own:
        let_everybody_keep(request.settings, response, template, shared)
    if head is not None and not head.is_indexed:
        response.headers["X-Robots-Tag"] = "noindex"
    if layout.scripts:
        allow(response, "script-src", "'self'")
        allow(response, "connect-src", "'self'")
    return response


def render_fragment(request: Request, template: str, page: object, *, status: int = 200) -> Response:
    """A response with a piece of HTML for a page that is there already; it is somebody's own."""
    layout = _layout(request, None, (), is_shared=False)
    text = request.registry.templates.render(template, page, layout)
    response = Response(text, status=status, content_type="text/html", charset="UTF-8")
    response.headers["Cache-Control"] = ONES_OWN
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _layout(request: Request, head: Head | None, scripts: Iterable[str], *, is_shared: bool) -> Layout:
    assets: Assets = request.registry.assets
    settings = request.settings
    return Layout(
        site_name=settings.site.name,
        stylesheet=assets.stylesheet.path,
        language=language.language(language.spoken()),
        languages=tuple(map(language.language, language.offered())),
        base_url=request.base_url,
        path=quote(request.environ.get("PATH_INFO", "").encode("latin-1")),
        head=head,
        scripts=tuple(assets.scripts[name].path for name in dict.fromkeys(scripts)),
        visitor=None if is_shared else request.visitor,
        flashes=request.read_flashes(),
        may_register=settings.accounts.registration == "open" and settings.sign_on.offers_passwords,
        is_shared=is_shared,
    )
