"""The header field Host: what of it is a host name."""

from __future__ import annotations

import re

# Narrower than the grammar of URLs: pages show the host inside commands that people copy into a shell, and feeds in
# links that people follow. DNS ends a name after 253 characters.
_HOST = re.compile(r"(?=.{1,260}\Z)(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")


def is_host(text: str) -> bool:
    """Whether this is a host name or an address, with or without a port."""
    return _HOST.fullmatch(text) is not None
