"""Licenses (PEP 639): expressions in their canonical form, and the paths of license files."""

from __future__ import annotations

import re

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from warehouse.errors import Invalid

LONGEST_EXPRESSION = 1000
"""Characters; real expressions stay below two hundred."""


class BadLicenseExpression(Invalid):
    """Text that is no SPDX license expression; the message says where it goes wrong."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, code="bad-license-expression")


def canonical_expression(text: str) -> str:
    """The expression with identifiers and operators in reference case; raises `BadLicenseExpression`.

    PEP 639 takes SPDX license expressions; identifiers starting with ``LicenseRef-`` may be invented.
    """
    if not text.isascii() or len(text) > LONGEST_EXPRESSION:
        raise BadLicenseExpression(f"A license expression holds at most {LONGEST_EXPRESSION} ASCII characters.")
    try:
        return str(canonicalize_license_expression(text))
    except (InvalidLicenseExpression, RecursionError, MemoryError) as wrong:
        detail = str(wrong) if isinstance(wrong, InvalidLicenseExpression) else "it is nested too deeply"
        raise BadLicenseExpression(f"It is no SPDX license expression: {detail}.") from wrong


def bad_license_path(path: str) -> str | None:
    """What is wrong with the path of a license file.

    PEP 639: paths are relative, "Path delimiters MUST be the forward slash character (/)" and "Parent directory
    indicators (..) MUST NOT be used"; in an archive's metadata they are no patterns any more.
    """
    if ".." in path:
        return "The path of a license file must not contain '..'."
    if "*" in path:
        return "The path of a license file names one file; patterns with '*' are not allowed."
    if "\\" in path:
        return "The path of a license file separates folders by '/'."
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return "The path of a license file must be relative."
    if any(part in ("", ".") for part in path.split("/")) or any(ord(c) < 32 or ord(c) == 127 for c in path):
        return "The path of a license file must be the plain path of a file."
    return None
