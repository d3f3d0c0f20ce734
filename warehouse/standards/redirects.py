"""Where a link may lead back to after signing in: a place on this site, and nowhere else."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

LONGEST = 2000
"""Characters; more are no address that this site has."""

_DROPPED = str.maketrans({"\\": "/", "\t": None, "\r": None, "\n": None})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|\Z)", re.IGNORECASE)
_KEPT = "/?#[]@!$&'()*+,;=:~%"


def place_on_this_site(text: str | None, host: str) -> str | None:
    """The path and query that ``text`` leads to on the site at ``host``, None when it leads elsewhere or nowhere.

    Read as browsers read it: they take a backslash for a slash, and pass over tabs and ends of lines (WHATWG URL, 4.4).
    Of an address with scheme and host only path and query are left, so that nobody is led from https to http.
    """
    if text is None or len(text) > LONGEST:
        return None
    read = text.strip().translate(_DROPPED)
    if not read or _CONTROL.search(read) or read.startswith("///"):
        return None
    try:
        parts = urlsplit(read)
    except ValueError:
        return None
    if parts.netloc:
        if parts.scheme not in ("", "http", "https") or parts.netloc.lower() != host.lower():
            return None
    elif parts.scheme:
        return None
    # What is left is read once more by the browser, so it must not begin like the name of another host, nor once its
    # dots are resolved (RFC 3986, 5.2.4).
    if not parts.path.startswith("/") or parts.path.startswith("//") or _DOTS.search(parts.path):
        return None
    place = parts.path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    return quote(place, safe=_KEPT)
