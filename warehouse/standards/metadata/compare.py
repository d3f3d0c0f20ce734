"""Whether an archive says what its upload says about everything that installers act on."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from warehouse.standards import versions
from warehouse.standards.metadata.archive import ArchiveMetadata
from warehouse.standards.metadata.form import Metadata
from warehouse.standards.names import normalize


def disagreement(form: Metadata, archive: ArchiveMetadata) -> str | None:
    """A sentence naming the first field whose meaning in the archive is not that in the form, or None.

    Compared are Name, Version, Requires-Dist, Requires-Python and Provides-Extra, by meaning: spelling, order and
    repetition do not matter. Left alone is what honest tools do: an archive that states no Name or Version (no
    installer takes it), metadata older than a field, which cannot state it, and forms without Provides-Extra, which
    some upload tools never send.
    """
    differing = (
        ("Name", archive.name and normalize(archive.name) != normalize(form.name)),
        ("Version", archive.version and versions.canonical(archive.version) != versions.canonical(form.version)),
        ("Requires-Dist", _differ(_requirements, form.requires_dist, archive.requires_dist, "1.2", form, archive)),
        ("Requires-Python", _differ(_specifiers, form.requires_python, archive.requires_python, "1.2", form, archive)),
        (
            "Provides-Extra",
            form.provides_extra and _differ(_extras, form.provides_extra, archive.provides_extra, "2.1", form, archive),
        ),
    )
    for field, differs in differing:
        if differs:
            return (
                f"{field} in the archive's metadata is not the {field} that was uploaded with it; "
                "build the archive again and upload it with a tool that reads the metadata from it."
            )
    return None


def _differ(
    meaning: Callable[[Any], Hashable], said: Any, held: Any, since: str, form: Metadata, archive: ArchiveMetadata
) -> bool:
    if (not said and _is_older(form.metadata_version, since)) or (
        not held and _is_older(archive.metadata_version, since)
    ):
        return False
    return meaning(said) != meaning(held)


def _is_older(metadata_version: str | None, since: str) -> bool:
    """Whether metadata of this version cannot have a field; metadata without a version can have any."""
    try:
        major, minor = (metadata_version or "").split(".")
        return (int(major), int(minor)) < tuple(map(int, since.split(".")))
    except ValueError:
        return False


def _requirements(texts: Iterable[str]) -> Hashable:
    return frozenset(_requirement(text) for text in texts if _is_stated(text))


def _requirement(text: str) -> Hashable:
    """The meaning of a requirement; text that is none, which old archives hold, means itself."""
    try:
        parsed = Requirement(text)
        extras = frozenset(normalize(extra) for extra in parsed.extras)
        meaning = (normalize(parsed.name), extras, parsed.specifier, parsed.url, str(parsed.marker or ""))
        hash(meaning)  # compares versions, and so refuses numbers too long for Python
    except (InvalidRequirement, ValueError, RecursionError):
        return " ".join(text.split())
    return meaning


def _specifiers(text: str | None) -> Hashable:
    if text is None or not _is_stated(text):
        return None
    try:
        specifiers = SpecifierSet(text)
        hash(specifiers)
    except (InvalidSpecifier, ValueError):
        return "text", " ".join(text.split())
    return "specifiers", specifiers  # which, on their own, parse a text to compare with it


def _extras(texts: Iterable[str]) -> Hashable:
    return frozenset(normalize(text.strip()) for text in texts if _is_stated(text))


def _is_stated(text: str) -> bool:
    """Nothing, and what distutils wrote for nothing, is the same in form and archive."""
    return text.strip() not in ("", "UNKNOWN")
