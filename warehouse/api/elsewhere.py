"""Files that are served from a host of their own: whoever asks the site for one is sent there."""

from __future__ import annotations

from urllib.parse import urlsplit

from warehouse.api.doors import Door
from warehouse.api.files import BASE
from warehouse.api.legacy_actions import refuse_breaks
from warehouse.api.refusals import CORS, plain
from warehouse.server.later import Later
from warehouse.server.reply import Ready
from warehouse.settings import Settings
from warehouse.standards.http import Answer, Ask
from warehouse.standards.json_api import segment


class FilesElsewhere:
    """Answers on the site's own host with the address on the files' host, on any other with the file.

    The files' host may well be a cache in front of this index, which asks it under the files' name.
    """

    def __init__(self, files: Door, site_host: str, files_url: str) -> None:
        self._files = files
        self._site_host = site_host
        self._files_url = files_url

    @classmethod
    def if_so(cls, settings: Settings, files: Door) -> Door:
        """The door to the files: this one, if the settings name another host for them, else ``files`` itself."""
        site = settings.site
        if site.url is None or site.files_url is None:
            return files
        site_host = urlsplit(site.url).netloc.lower()
        return files if urlsplit(site.files_url).netloc.lower() == site_host else cls(files, site_host, site.files_url)

    def owns(self, path: str) -> bool:
        """What the files' door owns."""
        return self._files.owns(path)

    def glance(self, ask: Ask) -> Answer | Ready | Later | None:
        """See :meth:`answer`."""
        return self._moved(ask) if self._is_for_the_site(ask) else self._files.glance(ask)

    def answer(self, ask: Ask) -> Answer | Ready | Later | None:
        """The file, or where it is served. Refuses with :class:`Invalid` what cannot stand in an address."""
        return self._moved(ask) if self._is_for_the_site(ask) else self._files.answer(ask)

    def _is_for_the_site(self, ask: Ask) -> bool:
        return (ask.headers.get("host") or "").lower() == self._site_host

    def _moved(self, ask: Ask) -> Answer:
        refuse_breaks(ask.path)
        path = "/".join(map(segment, ask.path.removeprefix(BASE).split("/")))
        return plain(301, "", [("location", f"{self._files_url}/{path}"), *CORS])
