"""Dates in HTTP header fields (RFC 9110 section 5.6.7), as seconds since the epoch."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime
from email.utils import formatdate

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>\d{{2}}) {_MONTH} (?P<year>\d{{4}}) {_TIME} GMT",
        rf"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?P<day>\d{{2}})-{_MONTH}-(?P<year>\d{{2}}) {_TIME} GMT",
        rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})",
    )
)


def format_http_date(moment: datetime | int) -> str:
    """``Sun, 06 Nov 1994 08:49:37 GMT``, from a time with a zone or from seconds since the epoch."""
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ValueError("A date needs a time zone.")
        moment = calendar.timegm(moment.utctimetuple())
    return formatdate(moment, usegmt=True)


def parse_http_date(text: str) -> int | None:
    """Seconds since the epoch, or None for what is no date.

    RFC 9110: "A recipient that parses a timestamp value in an HTTP field MUST accept all three HTTP-date formats",
    two of which are obsolete. Whether the weekday fits the day is not checked.
    """
    for form in _FORMS:
        if found := form.fullmatch(text.strip()):
            return _seconds(found)
    return None


def _seconds(found: re.Match[str]) -> int | None:
    year = int(found["year"])
    if len(found["year"]) == 2:
        # "a timestamp that appears to be more than 50 years in the future" is "the most recent year in the past that
        # had the same last two digits". Which year it is now does not matter to a form nobody has sent for decades.
        year += 1900 if year >= 70 else 2000
    month = _MONTHS.index(found["month"]) + 1
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"])
    try:
        # A leap second is valid and has no place in the epoch; it counts as the second before.
        moment = datetime(year, month, int(found["day"]), hour, minute, 59 if second == 60 else second, tzinfo=UTC)
    except ValueError:
        return None
    return calendar.timegm(moment.utctimetuple())
