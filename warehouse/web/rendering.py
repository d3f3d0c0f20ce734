"""Turns a page object into a page."""

from __future__ import annotations

from dataclasses import dataclass
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pyramid.response import Response

from warehouse.web import wording

FOLDER = Path(__file__).parent

# The language of the sentences in the code; catalogues of other languages take its place when there are some.
TRANSLATIONS = NullTranslations()
_ = TRANSLATIONS.gettext


@dataclass(frozen=True)
class Layout:
    """What every page needs besides its own object."""

    site_name: str
    stylesheet: str


class Templates:
    """The templates of one site. Everything is escaped, and a name that is not there is an error."""

    def __init__(self, site_name: str, stylesheet: str) -> None:
        self._layout = Layout(site_name, stylesheet)
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

    def render(self, template: str, page: object) -> str:
        """The template, a path below this folder, filled in from the page object alone."""
        return self._environment.get_template(template).render(page=page, layout=self._layout)


def render(request: Any, template: str, page: object, *, status: int = 200) -> Response:
    """A response with this page, which browsers ask for again each time."""
    text = request.registry.templates.render(template, page)
    return Response(text, status=status, content_type="text/html", charset="UTF-8", cache_control="no-cache")
