"""Trove classifiers: which ones exist, and what replaces those that are no longer used."""

from __future__ import annotations

from trove_classifiers import classifiers as KNOWN
from trove_classifiers import deprecated_classifiers as REPLACEMENTS

__all__ = ["KNOWN", "REPLACEMENTS", "unknown_or_deprecated"]


def unknown_or_deprecated(classifier: str) -> str | None:
    """What is wrong with a classifier, and what to write instead."""
    if classifier in REPLACEMENTS:
        replacements = REPLACEMENTS[classifier]
        if not replacements:
            return f"The classifier {classifier!r} is deprecated; leave it out."
        return f"The classifier {classifier!r} is deprecated; use {' or '.join(map(repr, replacements))} instead."
    if classifier not in KNOWN:
        return f"There is no classifier {_short(classifier)!r}; take one from the list of trove classifiers."
    return None


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:30]}...{text[-30:]}"
