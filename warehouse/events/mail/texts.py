"""The texts of mail: one file per kind, filled in with what happened, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from warehouse.events.mail import markup
from warehouse.events.mail.words import fit, moment, one_line
from warehouse.infra import catalogues

FOLDER = Path(__file__).parent
FRAME = "frame.html"

LONGEST_SUBJECT = 200
"""Characters."""

_PLACE = re.compile(r"Subject: (?P<subject>[^\n]+)\n\n(?P<body>.+)", re.DOTALL)


@dataclass(frozen=True)
class Reader:
    """For whom a text is written. Somebody without an account has no name here."""

    address: str
    username: str = ""
    language: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True)
class Text:
    """A finished text."""

    subject: str
    plain: str
    html: str


def kinds() -> tuple[str, ...]:
    """The names of all texts."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.txt") if not path.stem.startswith("_")))


def render(kind: str, reader: Reader, context: Mapping[str, Any], *, site: str) -> Text:
    """The text of this kind. A name in it that ``context`` does not hold is an error, so that no mail has a hole."""
    environment = _environment(reader.language, catalogues.FOLDER)
    known = {"site": site, "to": reader.address, "username": reader.username, **context}
    values = {name: _shown(fit(value), reader.time_zone) for name, value in known.items()}
    written = environment.get_template(f"{kind}.txt").render(values).strip()
    found = _PLACE.fullmatch(written)
    if found is None:
        raise ValueError(f"The text {kind} does not begin with a subject and an empty line.")
    subject = one_line(f"[{one_line(site)}] {found['subject']}")[:LONGEST_SUBJECT].rstrip()
    blocks = markup.parse(found["body"])
    foot = markup.parse(environment.get_template("_foot.txt").render(values))
    html = environment.get_template(FRAME).render(
        language=catalogues.chosen(reader.language),
        subject=subject,
        body=markup.as_html(blocks),
        foot=markup.as_html(foot),
    )
    return Text(subject, f"{markup.plain(blocks)}\n-- \n{markup.plain(foot)}", html)


def duration(length: timedelta, into: NullTranslations) -> str:
    """``6 hours``: in the largest unit that leaves nothing over, else in minutes."""
    minutes = max(1, round(length.total_seconds() / 60))
    if minutes % 1440 == 0:
        return f"{minutes // 1440} {into.ngettext('day', 'days', minutes // 1440)}"
    if minutes % 60 == 0:
        return f"{minutes // 60} {into.ngettext('hour', 'hours', minutes // 60)}"
    return f"{minutes} {into.ngettext('minute', 'minutes', minutes)}"


def _shown(value: Any, zone: str | None) -> Any:
    return moment(value, zone) if isinstance(value, datetime) else value


@lru_cache(maxsize=64)
def _environment(language: str | None, folder: Path) -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        auto_reload=False,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    into = catalogues.catalogue(language, folder)
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(into, newstyle=True)  # type: ignore[attr-defined]
    made.filters["duration"] = lambda length: duration(length, into)
    return made
