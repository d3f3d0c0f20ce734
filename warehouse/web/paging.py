"""Long lists, a page at a time."""

from __future__ import annotations

from warehouse.errors import Invalid
from warehouse.web.request import Request

LAST = 1000


def page_number(request: Request) -> int:
    """Which page of a list is asked for in ``?page=``, the first when nothing is said; refuses what is no number."""
    text = request.GET.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= LAST):
        raise Invalid(f"A page has a number from 1 to {LAST}. Begin with the first.", code="page_number")
    return int(text)
