"""Which of the sitemaps an address is listed in."""

from __future__ import annotations

from sqlalchemy import Computed


def sitemap_bucket(name: str) -> Computed:
    """The first two hexadecimal digits of the SHA-512 of the text in the column ``name``.

    An address stays in its sitemap whatever else comes and goes. The database computes it, so that it is there however
    a row is written; escaping backslashes is what makes the bytes of any text without depending on a session.
    """
    column = rf"decode(replace({name}::text, '\'::text, '\\'::text), 'escape'::text)"
    return Computed(f"substr(encode(sha512({column}), 'hex'::text), 1, 2)", persisted=True)
