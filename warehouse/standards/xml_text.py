"""Text in XML documents: whatever somebody wrote, as characters that every parser takes."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

# XML 1.0, Char: "any Unicode character, excluding the surrogate blocks, FFFE, and FFFF". Of the control characters
# below the space it allows tab and line ends; they go too, for what is written here are single lines.
_NOT_TEXT = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    """The text as the content of an element or, in double quotes, of an attribute; what XML cannot hold is dropped."""
    return escape(_NOT_TEXT.sub("", text), {'"': "&quot;"})
