"""Turns a page object into a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from gettext import NullTranslations
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pyramid.response import Response

from warehouse.web import wording
from warehouse.web.assets import Assets
from warehouse.web.flashes import Flash
from warehouse.web.request import Request, Visitor
from warehouse.web.security.policy import allow

FOLDER = Path(__file__).parent
ONES_OWN = "private, no-store"  # Cache-Control of a page that says who reads it

# The language of the sentences in the code; catalogues of other languages take its place when there are some.
TRANSLATIONS = NullTranslations()
_ = TRANSLATIONS.gettext


@dataclass(frozen=True)
class Layout:
    """What every page needs besides its own object."""

    site_name: str
    stylesheet: str
    scripts: tuple[str, ...] = ()
    visitor: Visitor | None = None
    flashes: tuple[Flash, ...] = ()
    may_register: bool = False

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
        self._environment.filters.update(ago=wording.ago, number=wording.number, size=wording.size)
        self._environment.install_gettext_translations(TRANSLATIONS, newstyle=True)  # type: ignore[attr-defined]

    def render(self, template: str, page: object, layout: Layout) -> str:
        """The template, a path below this folder, filled in from the page object alone."""
        return self._environment.get_template(template).render(
            page=page, layout=layout, csrf=layout.csrf, moment=layout.moment, day=layout.day
        )


def render(
    request: Request, template: str, page: object, *, status: int = 200, scripts: Iterable[str] = ()
) -> Response:
    """A response with this page, which browsers ask for again each time, and keep nowhere if it is somebody's own.

    ``scripts`` are the modules in ``web/scripts`` that make the page more comfortable.
    """
    assets: Assets = request.registry.assets
    layout = Layout(
        site_name=request.settings.site.name,
        stylesheet=assets.stylesheet.path,
        scripts=tuple(assets.scripts[name].path for name in scripts),
        visitor=request.visitor,
        flashes=request.read_flashes(),
        may_register=request.settings.accounts.registration == "open" and request.settings.sign_on.offers_passwords,
    )
    text = request.registry.templates.render(template, page, layout)
    response = Response(text, status=status, content_type="text/html", charset="UTF-8")
    is_ones_own = layout.visitor is not None or layout.flashes
    response.headers["Cache-Control"] = ONES_OWN if is_ones_own else "no-cache"
    if layout.scripts:
        allow(response, "script-src", "'self'")
        allow(response, "connect-src", "'self'")
    return response


def let_caches_keep(response: Response, headers: Iterable[tuple[str, str]]) -> None:
    """Give a page the header fields that caches go by, unless it says who reads it: then nobody keeps it."""
    if response.headers["Cache-Control"] != ONES_OWN:
        response.headers.update(headers)
