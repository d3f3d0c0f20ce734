"""What people give as a reason: shown to everyone who installs, so it is one short line of text."""

from __future__ import annotations

import unicodedata

from warehouse.errors import Invalid

LONGEST = 500  # characters

# Control characters, halves of surrogate pairs, and what breaks lines or paragraphs: none of them is text.
_NO_TEXT = frozenset(("Cc", "Cs", "Zl", "Zp"))


def sound_reason(reason: str) -> str:
    """The reason without white space around it. Refuses with :class:`Invalid` what cannot be shown on one line."""
    text = reason.strip()
    if len(text) > LONGEST:
        raise Invalid(f"A reason has at most {LONGEST} characters, and this one {len(text):,}.", code="reason_too_long")
    if any(unicodedata.category(character) in _NO_TEXT for character in text):
        raise Invalid("A reason is one line of text: leave out line breaks and control characters.", code="reason")
    return text
