"""Long lists, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from warehouse.errors import Invalid
from warehouse.web.request import Request

LAST = 1000
AROUND = 2  # pages before and after the one at hand to which a list leads


@dataclass(frozen=True)
class Paging:
    """Which page of a list this is, how many there are, and the question that they all answer."""

    number: int
    last: int
    asked: tuple[tuple[str, str], ...] = ()

    def address(self, number: int) -> str:
        """Where another page of the list is: what was asked stays, in its order, with its repetitions."""
        return "?" + urlencode([*self.asked, ("page", str(number))])

    @property
    def window(self) -> tuple[int | None, ...]:
        """The first page, those around this one and the last; None where some are left out."""
        near = range(self.number - AROUND, self.number + AROUND + 1)
        shown = sorted({1, self.last, *(number for number in near if 1 <= number <= self.last)})
        return tuple(_with_gaps(shown))


def paging(request: Request, number: int, last: int) -> Paging:
    """The pages of the list that this request asks for."""
    asked = tuple((name, value) for name, value in request.GET.items() if name != "page")
    return Paging(number, last, asked)


def page_number(request: Request) -> int:
    """Which page of a list is asked for in ``?page=``, the first when nothing is said; refuses what is no number."""
    text = request.GET.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= LAST):
        raise Invalid(f"A page has a number from 1 to {LAST}. Begin with the first.", code="page_number")
    return int(text)


def _with_gaps(numbers: Iterable[int]) -> Iterable[int | None]:
    before = 0
    for number in numbers:
        if number == before + 2:
            yield before + 1
        elif number > before + 2:
            yield None
        yield number
        before = number
