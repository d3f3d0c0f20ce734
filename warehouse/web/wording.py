"""Numbers, sizes and times as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta
from gettext import NullTranslations

from markupsafe import Markup

from warehouse.infra.time_zones import time_zone

_LANGUAGE = NullTranslations()

_STEPS = (
    (timedelta(days=1), "day", "days"),
    (timedelta(hours=1), "hour", "hours"),
    (timedelta(minutes=1), "minute", "minutes"),
)
_LONG_AGO = timedelta(days=30)


def number(count: int) -> str:
    """``1234567`` as ``1,234,567``."""
    return f"{count:,}"


def size(count: int) -> str:
    """Bytes in the largest unit of which there is at least one (1 kB is 1000 bytes, as on other pages)."""
    if count < 1000:
        return f"{count} B"
    amount, unit = count / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if round(amount, 1) < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f} {unit}"


def ago(then: datetime, now: datetime) -> str:
    """How long ago, in the largest whole unit; the day itself when that is more than a month."""
    passed = now - then
    if passed >= _LONG_AGO:
        return f"{then:%Y-%m-%d}"
    for length, one, many in _STEPS:
        if passed >= length:
            count = passed // length
            return f"{count} {_LANGUAGE.ngettext(one, many, count)} ago"
    return _LANGUAGE.gettext("just now")


def moment(then: datetime, zone: str | None = None) -> str:
    """A time to the minute in this zone, UTC without one; it always says which, so that nobody has to guess."""
    there = then.astimezone(time_zone(zone))
    return f"{there:%Y-%m-%d %H:%M} {there.tzname()}"


def day(then: datetime, zone: str | None = None) -> str:
    """The day that it was in this zone then."""
    return f"{then.astimezone(time_zone(zone)):%Y-%m-%d}"


def time_element(then: datetime, text: str) -> Markup:
    """The text for people, and the time for what reads a page to somebody or translates it."""
    return Markup('<time datetime="{}">{}</time>').format(then.isoformat(), text)
