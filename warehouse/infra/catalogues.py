"""Translations: gettext catalogues, ``<language>/LC_MESSAGES/warehouse.mo`` in the folder ``locale``."""

from __future__ import annotations

from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "locale"
OURS = "en"
"""The language of the sentences in the code and the templates."""


def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """The languages that people can choose, as RFC 5646 names them, ours first."""
    return (OURS, *sorted(path.parents[1].name for path in folder.glob("*/LC_MESSAGES/warehouse.mo")))


def chosen(language: str | None) -> str:
    """The language in which somebody who chose this one is spoken to."""
    return language if language is not None and language in languages(FOLDER) else OURS


@lru_cache(maxsize=256)
def catalogue(language: str | None, folder: Path = FOLDER) -> NullTranslations:
    """The translations into a language; sentences stay as they are when there are none.

    The name may come from anywhere: only those of :func:`languages` are looked for on the disk.
    """
    if language is None or language not in languages(folder)[1:]:
        return NullTranslations()
    with open(folder / language / "LC_MESSAGES" / "warehouse.mo", "rb") as file:
        return GNUTranslations(file)
