"""What was downloaded in the last second: noted on the event loop, and taken from there by whoever counts."""

from __future__ import annotations

import re

from warehouse.standards.fetchers import LONGEST
from warehouse.standards.http import Ask
from warehouse.standards.http.ranges import begins_at_first_byte

MOST = 30_000  # files and agents; a process answers fewer in the second between two looks

# By digest. Whoever asks at another address is sent to this one, and whoever asks for ".metadata" downloads no file.
_PATH = re.compile(r"/packages/([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{60})/(?!.*\.metadata\Z)[^/]+")


class Notes:
    """Notes of downloads, so many different ones at most; ``dropped`` are those that found no room.

    A download is a GET that is answered with a whole file, with a part that begins at its first byte, or with the
    address of the bytes at an object store. Who goes on later, or looks at the table at the end of a wheel, downloads
    nothing new.
    """

    def __init__(self, most: int = MOST) -> None:
        self._noted: dict[tuple[str, str], int] = {}
        self._full: dict[tuple[str, str], int] = {}
        self._most = most
        self.dropped = 0

    def note(self, ask: Ask, status: int) -> None:
        """Told of every answer below ``/packages/``, on the event loop: all that takes time is left for later."""
        if ask.method != "GET":
            return
        if status != 200 and status != 302 and not (status == 206 and begins_at_first_byte(ask.headers.get("range"))):
            return
        noted = self._noted
        key = (ask.path, (ask.headers.get("user-agent") or "")[:LONGEST])
        number = noted.get(key, 0)
        if number or len(noted) < self._most:
            noted[key] = number + 1
        else:
            self.dropped += 1

    def take(self) -> dict[str, list[tuple[str, int]]]:
        """For each file, by its BLAKE2b-256, the user agents and how often they downloaded it; up to the time before.

        What was noted since then is put away and taken the next time: only then is it certain that the event loop does
        not write into it any more. For one thread, which takes twice at the end.
        """
        by_path: dict[str, list[tuple[str, int]]] = {}
        for (path, agent), number in self._full.items():
            by_path.setdefault(path, []).append((agent, number))
        self._full, self._noted = self._noted, {}
        found = ((_PATH.fullmatch(path), agents) for path, agents in by_path.items())
        return {"".join(match.groups()): agents for match, agents in found if match is not None}
