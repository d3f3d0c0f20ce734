"""How durations, sizes, rates and addresses are written in settings, and shown again."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import Field, GetCoreSchemaHandler, SecretStr
from pydantic_core import CoreSchema, core_schema

HIDDEN = "******"


@dataclass(frozen=True)
class Written:
    """How one kind of value is read from what people write, and shown again. ``read`` refuses with what it expected.

    ``hides``: what cannot be read is not repeated, as somebody may have written a secret into it.
    """

    read: Callable[[object], object]
    show: Callable[[Any], str] = str
    hides: bool = False

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))


_RATE_WORDS = {timedelta(seconds=1): "second", timedelta(minutes=1): "minute", timedelta(hours=1): "hour"}
_RATE_WORDS |= {timedelta(days=1): "day", timedelta(weeks=1): "week"}


@dataclass(frozen=True)
class Rate:
    """At most ``count`` times in any ``period``."""

    count: int
    period: timedelta

    def __str__(self) -> str:
        return f"{self.count} per {_RATE_WORDS.get(self.period, show_duration(self.period))}"


class Listen(NamedTuple):
    """The address and TCP port the web server listens on; port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


_SECONDS = {"week": 604800, "day": 86400, "h": 3600, "min": 60, "s": 1, "ms": 0.001}
_DURATION_WORDS = {
    **dict.fromkeys(("w", "week", "weeks"), "week"),
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("h", "hour", "hours"), "h"),
    **dict.fromkeys(("m", "min", "minute", "minutes"), "min"),
    **dict.fromkeys(("s", "sec", "second", "seconds"), "s"),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), "ms"),
}
_NUMBER = r"\d+(?:\.\d+)?"
_ISO_DURATION = re.compile(
    rf"P(?:({_NUMBER})W)?(?:({_NUMBER})D)?(?:T(?:({_NUMBER})H)?(?:({_NUMBER})M)?(?:({_NUMBER})S)?)?"
)
_BYTES = {"": 1, "b": 1, "byte": 1, "bytes": 1} | {
    prefix.lower() + suffix: base**power
    for base, suffix in ((1024, "ib"), (1000, "b"))
    for power, prefix in enumerate("KMGTP", start=1)
}


def read_duration(value: object) -> timedelta:
    """``14 days``, ``1 h 30 min``, ISO 8601 (``P14D``, ``PT20S``) or a number of seconds, longer than zero."""
    seconds = value.total_seconds() if isinstance(value, timedelta) else _seconds(value)
    if seconds is None or not 0 < seconds <= timedelta.max.total_seconds() / 2:
        raise ValueError("a duration longer than zero such as '14 days', '20 s' or 'PT20S'")
    return timedelta(seconds=seconds)


def _seconds(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip().lower()
    if re.fullmatch(_NUMBER, text):
        return float(text)
    if (iso := _ISO_DURATION.fullmatch(text.upper())) and any(iso.groups()):
        return sum(float(n or 0) * _SECONDS[unit] for n, unit in zip(iso.groups(), _SECONDS, strict=False))
    if not re.fullmatch(rf"(?:{_NUMBER}\s*[a-z]+\s*)+", text):
        return None
    parts = re.findall(rf"({_NUMBER})\s*([a-z]+)", text)
    if not all(word in _DURATION_WORDS for _, word in parts):
        return None
    return sum(float(number) * _SECONDS[_DURATION_WORDS[word]] for number, word in parts)


def show_duration(value: timedelta) -> str:
    """The largest unit that divides the duration: ``14 days``, ``90 min``, ``0.5 s``."""
    for unit, seconds in (("day", 86400), ("h", 3600), ("min", 60)):
        count, rest = divmod(value, timedelta(seconds=seconds))
        if count and not rest:
            return f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}"
    return f"{value.total_seconds():.6f}".rstrip("0").rstrip(".") + " s"


def read_size(value: object) -> int:
    """``100 MiB``, ``10 GB`` or a number of bytes, at least 1; KiB, MiB, GiB count in 1024s, kB, MB, GB in 1000s."""
    size = 0
    if isinstance(value, int) and not isinstance(value, bool):
        size = value
    elif isinstance(value, str) and (match := re.fullmatch(rf"({_NUMBER})\s*([a-z]*)", value.strip().lower())):
        number, unit = match.groups()
        if unit in _BYTES:
            size = int(number) * _BYTES[unit] if number.isdigit() else round(float(number) * _BYTES[unit])
    if not 0 < size < 2**63:
        raise ValueError("a size such as '100 MiB', '10 GiB' or a number of bytes")
    return size


def show_size(value: int) -> str:
    """The largest of KiB, MiB, GiB, TiB that divides the size, else bytes."""
    for power, unit in ((4, "TiB"), (3, "GiB"), (2, "MiB"), (1, "KiB")):
        if value and value % 1024**power == 0:
            return f"{value // 1024**power} {unit}"
    return f"{value} bytes"


def read_rate(value: object) -> Rate:
    """``20 per hour``, ``5 per 10 minutes``, ``20/hour``; the period is in whole seconds, as they are counted."""
    if isinstance(value, Rate):
        return value
    match = re.fullmatch(r"\s*(\d{1,9})\s*(?:/|\bper\b)\s*(.+)", value) if isinstance(value, str) else None
    if match and int(match[1]) > 0:
        period = match[2] if match[2][0].isdigit() else f"1 {match[2]}"
        seconds = _seconds(period) or 0
        if seconds >= 1 and seconds == int(seconds):
            return Rate(int(match[1]), read_duration(seconds))
    raise ValueError("a rate such as '20 per hour' or '5 per 10 minutes'")


def read_rates(value: object) -> tuple[Rate, ...]:
    """Rates that all hold, separated by commas: ``5 per 5 minutes, 20 per hour``."""
    if isinstance(value, tuple) and all(isinstance(rate, Rate) for rate in value):
        return value
    try:
        return tuple(read_rate(part) for part in _parts(value))
    except ValueError:
        raise ValueError("rates such as '5 per 5 minutes, 20 per hour'") from None


def show_rates(value: tuple[Rate, ...]) -> str:
    """As they are read."""
    return ", ".join(map(str, value)) or "none"


def read_listen(value: object) -> Listen:
    """``host:port``; an IPv6 address stands in brackets."""
    if isinstance(value, Listen):
        return value
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.%\w]+)\]|([\w.-]+)):(\d{1,5})", value) if isinstance(value, str) else None
    if match is None or int(match[3]) > 65535 or (match[1] and not _is_address(match[1])):
        raise ValueError("host:port such as '127.0.0.1:8080' or '[::1]:8080'")
    return Listen(match[1] or match[2], int(match[3]))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def read_url(value: object) -> str:
    """An ``http`` or ``https`` address, kept without its trailing slash."""
    if isinstance(value, str) and re.fullmatch(r"https?://[^\s?#@/]+(/[^\s?#]*)?", value):
        return value.rstrip("/")
    raise ValueError("an address such as 'https://packages.example.org'")


def read_link(value: object) -> str:
    """Any ``http`` or ``https`` address, kept letter by letter."""
    if isinstance(value, str) and re.fullmatch(r"https?://[!-~]+", value):
        return value
    raise ValueError("an address such as 'https://example.org/security'")


def read_avatar_url(value: object) -> str:
    """An address with ``{hash}`` and, where a service wants to know it, ``{size}``; its host is written out."""
    if isinstance(value, str) and re.fullmatch(r"https?://[A-Za-z0-9.:-]+/[!-~]*", value):
        rest = value.replace("{hash}", "").replace("{size}", "")
        if "{hash}" in value and not set(rest) & set("{},;"):
            return value
    raise ValueError("an address such as 'https://avatars.example.org/{hash}?s={size}'")


def read_mail_address(value: object) -> str:
    """One plain address."""
    if isinstance(value, str) and re.fullmatch(r"[!-~]{1,64}@[A-Za-z0-9.-]{1,255}", value):
        return value
    raise ValueError("a mail address such as 'security@example.org'")


def read_urls(value: object) -> tuple[str, ...]:
    """Addresses, as a list or separated by commas, each of them once."""
    try:
        return tuple(dict.fromkeys(read_url(part) for part in _parts(value)))
    except ValueError:
        raise ValueError("addresses such as 'http://10.0.0.5:6081, http://10.0.0.6:6081'") from None


def read_database_url(value: object) -> object:
    """A libpq address; the value is secret, so what is expected never repeats it."""
    if isinstance(value, SecretStr):
        return value
    if isinstance(value, str) and re.match(r"postgres(ql)?(\+psycopg)?://", value):
        try:
            _ = urlsplit(value).port
            return value
        except ValueError:  # a port that is no number, or too large
            pass
    raise ValueError("an address such as 'postgresql://user:password@host:5432/database'")


def read_storage_url(value: object) -> str:
    """Where an object store keeps the files: ``s3://bucket/prefix``, ``gs://bucket/prefix``, ``az://container/prefix``."""
    if isinstance(value, str) and urlsplit(value).scheme in {"s3", "gs", "az"} and urlsplit(value).netloc:
        return value.rstrip("/")
    raise ValueError("an address such as 's3://bucket/prefix', 'gs://bucket/prefix' or 'az://container/prefix'")


def read_networks(value: object) -> tuple[object, ...]:
    """Networks or single addresses, as a list or separated by commas."""
    try:
        return tuple(ipaddress.ip_network(part) for part in _parts(value))  # type: ignore[arg-type]
    except ValueError:
        raise ValueError("networks such as '10.0.0.0/8, 2001:db8::/32'") from None


def read_options(value: object) -> Mapping[object, object]:
    """Names and values: a mapping in the file, ``name=value, name=value`` in the environment."""
    if isinstance(value, Mapping):
        return {name: str(v) if isinstance(v, int | float) else v for name, v in value.items()}
    pairs = [str(part).partition("=") for part in _parts(value)]
    if not all(name and equals for name, equals, _ in pairs):
        raise ValueError("options such as 'region=eu-west-1, endpoint=https://s3.example.org'")
    return {name.strip(): text.strip() for name, _, text in pairs}


def _parts(value: object) -> list[object]:
    if value is False or (isinstance(value, str) and value.strip().lower() == "none"):
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value) if isinstance(value, list | tuple) else [value]


def read_count(value: object) -> object:
    """A whole number; YAML's ``yes`` and ``on`` are not numbers."""
    if isinstance(value, bool):
        raise ValueError("a whole number")
    return value


def read_folder(value: object) -> Path:
    """A folder, ``~`` for the home, relative to where the command was started; kept absolute."""
    if isinstance(value, str | Path) and str(value).strip():
        return Path(value).expanduser().absolute()
    raise ValueError("the path of a folder")


def _show_networks(value: tuple[object, ...]) -> str:
    return ", ".join(map(str, value)) or "none"


def _show_urls(value: tuple[str, ...]) -> str:
    return ", ".join(value) or "none"


def _show_options(value: Mapping[str, SecretStr]) -> str:
    return ", ".join(f"{name}={HIDDEN}" for name in value) or "none"


Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Duration = Annotated[timedelta, Written(read_duration, show_duration)]
Size = Annotated[int, Written(read_size, show_size)]
Count = Annotated[int, Written(read_count), Field(ge=1)]
Networks = Annotated[tuple[Network, ...], Written(read_networks, _show_networks)]
Options = Annotated[dict[str, SecretStr], Written(read_options, _show_options)]
RateLimit = Annotated[Rate, Written(read_rate)]
RateLimits = Annotated[tuple[Rate, ...], Written(read_rates, show_rates)]
Url = Annotated[str, Written(read_url)]
Link = Annotated[str, Written(read_link)]
AvatarUrl = Annotated[str, Written(read_avatar_url)]
MailAddress = Annotated[str, Written(read_mail_address)]
Urls = Annotated[tuple[str, ...], Written(read_urls, _show_urls)]
