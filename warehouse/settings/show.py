"""How settings are shown to operators: as they would be written, with their source, and secrets hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic.fields import FieldInfo

from warehouse.settings.table import FIELDS, Settings
from warehouse.settings.written import HIDDEN, Written


@dataclass(frozen=True)
class Line:
    """One setting as `warehouse config` shows it: texts as they would be written, secrets hidden."""

    name: str
    value: str
    default: str
    meaning: str
    source: str


def where(settings: Settings) -> list[Line]:
    """Every setting with its value, default, meaning, and where the value came from.

    The source is ``default``, ``profile public``, ``environment WAREHOUSE_...`` or ``path:line`` of the file.
    """
    lines = []
    for name, field in FIELDS.items():
        value: Any = settings
        for part in name.split("."):
            value = getattr(value, part)
        shown, source = show(field, value), settings._sources.get(name, "default")
        lines.append(Line(name, shown, show_default(field), field.description or "", source))
    return lines


def show(field: FieldInfo, value: object) -> str:
    """A value of this setting as it would be written; a secret is hidden."""
    kind = _kind(field)
    if value is None:
        return "none"
    if is_secret(field) and not isinstance(value, Mapping):
        return HIDDEN
    if isinstance(value, bool):
        return str(value).lower()
    return kind.show(value) if kind else str(value)


def show_default(field: FieldInfo) -> str:
    """The setting's default in the private profile, the same on every machine."""
    if isinstance(field.json_schema_extra, dict):
        return str(field.json_schema_extra["default"])
    return f"./{field.default}" if isinstance(field.default, Path) else show(field, field.default)


def is_secret(field: FieldInfo) -> bool:
    """Whether the setting's value must never be shown."""
    kind = _kind(field)
    return "SecretStr" in str(field.annotation) or (kind is not None and kind.hides)


def _kind(field: FieldInfo) -> Written | None:
    nested = [getattr(part, "__metadata__", ()) for part in get_args(field.annotation)]
    return next((m for group in [field.metadata, *nested] for m in group if isinstance(m, Written)), None)
