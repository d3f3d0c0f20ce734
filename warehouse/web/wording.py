"""Numbers, sizes and times as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from markupsafe import Markup

from warehouse.infra.time_zones import time_zone
from warehouse.web import language
from warehouse.web.language import _, ngettext

_LONG_AGO = timedelta(days=30)


@lru_cache(maxsize=64)
def _symbols(tag: str) -> tuple[str, str]:
    """What a language sets thousands apart with, and what stands before decimals."""
    from babel import Locale

    symbols = Locale.parse(tag, sep="-").number_symbols["latn"]
    return symbols["group"], symbols["decimal"]


def number(count: int) -> str:
    """``1234567`` as ``1,234,567``, or as the reader's language writes it."""
    group, _decimal = _symbols(language.spoken())
    return f"{count:,}".replace(",", group)


def percent(share: float) -> str:
    """``12.3`` as ``12%``, or as the reader's language writes it; less than one is not said to be nothing."""
    from babel.numbers import format_percent

    locale = language.spoken().replace("-", "_")
    return f"< {format_percent(0.01, locale=locale)}" if 0 < share < 0.5 else format_percent(share / 100, locale=locale)


def size(count: int) -> str:
    """Bytes in the largest unit of which there is at least one (1 kB is 1000 bytes, as on other pages)."""
    if count < 1000:
        return f"{count} B"
    amount, unit = count / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if round(amount, 1) < 1000:
            break
        amount, unit = amount / 1000, larger
    _group, decimal = _symbols(language.spoken())
    return f"{amount:.1f} {unit}".replace(".", decimal)


def ago(then: datetime, now: datetime) -> str:
    """How long ago, in the largest whole unit; the day itself when that is more than a month."""
    passed = now - then
    if passed >= _LONG_AGO:
        return f"{then:%Y-%m-%d}"
    if passed >= timedelta(days=1):
        return ngettext("%(num)s day ago", "%(num)s days ago", passed.days) % {"num": passed.days}
    minutes = passed // timedelta(minutes=1)
    if minutes >= 60:
        return ngettext("%(num)s hour ago", "%(num)s hours ago", minutes // 60) % {"num": minutes // 60}
    if minutes >= 1:
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", minutes) % {"num": minutes}
    return _("just now")


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
