"""Python source that hides what it does: PyArmor and SourceDefender files, found by their markers."""

from __future__ import annotations

import re
from collections.abc import Callable

from warehouse.standards.archives.refusal import invalid_file, quoted

MAX_SCANNED = 5 * 2**20
MAX_TOTAL = 256 * 2**20

# A call of the runtime, as in `__pyarmor__(__name__, __file__, b'...')`, or what newer versions wrap functions in.
_PYARMOR = re.compile(rb"__pyarmor_(?:_\s{0,9}\(\s{0,9}__name__\s{0,9},|(?:enter|exit|assert|bcc)__)")
_BEGIN = re.compile(rb"---BEGIN (?:PYE|SOURCEDEFENDER) FILE---")
_END = re.compile(rb"---END (?:PYE|SOURCEDEFENDER) FILE---")


def obfuscator(content: bytes) -> str | None:
    """The tool that protected this source, None for ordinary source."""
    if b"__pyarmor_" in content and _PYARMOR.search(content):
        return "PyArmor"
    if b"---BEGIN " in content and _BEGIN.search(content) and _END.search(content):
        return "SourceDefender"
    return None


class Scan:
    """The look into the source of one archive; ``unfinished`` says why it did not see all of it, None if it did.

    Members above 5 MiB are not looked into. After 256 MiB in all the scan stops and lets the rest pass: it is a
    courtesy to readers of the source, not a defence that others rely on.
    """

    def __init__(self) -> None:
        self.unfinished: str | None = None
        self._left = MAX_TOTAL

    def look(self, name: str, size: int, read: Callable[[], bytes]) -> None:
        """Refuse protected source; ``read`` is called only for members to be looked into."""
        if not name.endswith((".py", ".pye")):
            return
        if size > MAX_SCANNED:
            self.unfinished = self.unfinished or f"{quoted(name)} is larger than {MAX_SCANNED} bytes."
            return
        if size > self._left:
            self.unfinished = f"There are more than {MAX_TOTAL} bytes of source."
            return
        self._left -= size
        if tool := obfuscator(read()):
            raise invalid_file(f"{quoted(name)} is protected by {tool}. Publish source that people can read.")
