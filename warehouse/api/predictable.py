"""Files at addresses that can be told from their names: each leads to the address by digest."""

from __future__ import annotations

import re

from warehouse.api.doors import KeptPages, Wanted, missing
from warehouse.api.pages import Page
from warehouse.api.refusals import CORS
from warehouse.infra.cache import PageCache
from warehouse.settings import Settings
from warehouse.settings.caching import cache_headers, vary
from warehouse.sources import LocalSource
from warehouse.standards.http import Ask
from warehouse.standards.names import is_valid_name, normalize

# No text in the database holds a NUL.
_PATH = re.compile(r"/packages/(?P<tag>[^/\0]+)/(?P<initial>[^/\0])/(?P<name>[^/\0]+)/(?P<filename>[^/\0]+)")


def is_predictable(path: str) -> bool:
    """Whether an address reads like one of these; no address by digest does."""
    return _PATH.fullmatch(path) is not None


class PredictableFiles(KeptPages):
    """Answers ``/packages/{tag}/{initial}/{name}/{filename}``.

    The tag is ``source``, or the Python tag of a wheel. The name may be spelled in any way, its initial as it is or in
    lower case.
    """

    def __init__(self, settings: Settings, source: LocalSource, cache: PageCache) -> None:
        super().__init__(cache)
        self._settings = settings
        self._source = source

    def owns(self, path: str) -> bool:
        """See :func:`is_predictable`."""
        return is_predictable(path)

    def wanted(self, ask: Ask) -> Wanted | None:
        """Where the file is, or that there is none: either until the project changes."""
        match = _PATH.fullmatch(ask.path)
        if match is None:
            return None
        project = normalize(match["name"])
        return Wanted(("predictable", ask.path), project, lambda: self._page(project, match))

    def _page(self, project: str, match: re.Match[str]) -> Page:
        name, initial = match["name"], match["initial"]
        url = None
        if is_valid_name(name) and initial in (name[0], name[0].lower()):
            url = self._source.address(project, match["tag"], match["filename"])
        if url is None:
            return missing("There is no such file.", CORS)
        keys = [f"project/{project}"]
        headers = [("location", url), *cache_headers(self._settings, keys), *vary(self._settings), *CORS]
        return Page(302, [("content-type", "text/plain; charset=UTF-8"), *headers], b"")
