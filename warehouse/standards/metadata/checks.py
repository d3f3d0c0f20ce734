"""The rules for single values of core metadata: each returns the value to keep, or raises `Wrong`.

The first line of a docstring is the rule as the documentation shows it; the text of `Wrong` follows the field's name.
"""

from __future__ import annotations

import keyword
import re

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion

from warehouse.standards import versions
from warehouse.standards.classifiers import unknown_or_deprecated
from warehouse.standards.emails import bad_address_field
from warehouse.standards.licenses import BadLicenseExpression, bad_license_path, canonical_expression
from warehouse.standards.names import is_valid_name, normalize
from warehouse.standards.urls import LONGEST_LABEL, is_valid_uri, project_url_label

VERSIONS = ("1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6")
"""The versions of core metadata there are, oldest first; 2.0 was never a standard."""

LONGEST_SUMMARY = 512
"""Characters."""

_CONTENT_TYPES = ("text/plain", "text/x-rst", "text/markdown")
_VARIANTS = ("GFM", "CommonMark")
_PARAMETER = re.compile(
    r"""\s*([a-z]+)\s*=\s*(?:"([^"\\]*)"|([^\s";,()<>@:\\/\[\]?=]+))\s*""", re.IGNORECASE | re.ASCII
)


class Wrong(ValueError):
    """A value that breaks its rule; the text follows the name of the field and ends without a full stop."""


def short(value: str) -> str:
    """A value as a message may show it: quoted, without control characters, the middle left out."""
    return repr(value if len(value) <= 60 else f"{value[:30]}...{value[-30:]}")


def anything(value: str) -> str:
    """Any text."""
    return value


def metadata_version(value: str) -> str:
    """A known version of the core metadata specification, but not 2.0, which was never a standard."""
    if value not in VERSIONS:
        raise Wrong(f"must be one of {', '.join(VERSIONS)}")
    return value


def name(value: str) -> str:
    """ASCII letters, digits, `.`, `_` and `-`, with a letter or digit first and last."""
    if not is_valid_name(value):
        raise Wrong(
            f"{short(value)} is not valid: use only ASCII letters, digits, '.', '_' and '-', "
            "and start and end with a letter or digit"
        )
    return value


def version(value: str) -> str:
    """A PEP 440 version; a local segment (`+local`) only where the index allows it."""
    try:
        return versions.normalized_version(value)
    except InvalidVersion as wrong:
        raise Wrong("must be a valid version (PEP 440), such as 1.0 or 2.1rc1") from wrong


def summary(value: str) -> str:
    """One line of at most 512 characters."""
    if value and value.splitlines() != [value]:
        raise Wrong("must be a single line")
    if len(value) > LONGEST_SUMMARY:
        raise Wrong(f"must have at most {LONGEST_SUMMARY} characters")
    return value


def keywords(value: str) -> str:
    """One text, separated by commas."""
    return ", ".join(word.strip() for word in value.split(","))


def url(value: str) -> str:
    """An absolute `http` or `https` URL."""
    if not is_valid_uri(value):
        raise Wrong("must be a valid http or https URL")
    return value


def address(value: str) -> str:
    """RFC 822 addresses, of which the first is a valid mailbox, or names only."""
    wrong = bad_address_field(value)
    if wrong is not None:
        raise Wrong(f"must start with a valid e-mail address: {wrong.removesuffix('.')}")
    return value


def classifier(value: str) -> str:
    """A trove classifier that is not deprecated."""
    wrong = unknown_or_deprecated(value)
    if wrong is not None:
        raise Wrong(f"is not valid: {wrong.removesuffix('.')}")
    return value


def requirement(value: str) -> str:
    """A PEP 508 requirement, without a direct URL."""
    try:
        parsed = Requirement(value)
        text = str(parsed)
    except (InvalidRequirement, RecursionError, ValueError) as wrong:
        raise Wrong(f"{short(value)} must be a valid requirement (PEP 508)") from wrong
    if parsed.url:
        # An index cannot vouch for files elsewhere, and resolvers would have to fetch them to go on.
        raise Wrong(f"{short(value)} must not point to a URL; name a project and its versions")
    return text


def requirement_as_given(value: str) -> str:
    """A PEP 508 requirement, without a direct URL; kept as it was given."""
    requirement(value)
    return value


def requires_python(value: str) -> str:
    """PEP 440 version specifiers, separated by commas."""
    try:
        return str(SpecifierSet(value))
    except (InvalidSpecifier, ValueError) as wrong:
        raise Wrong("must be valid version specifiers (PEP 440), such as >=3.11") from wrong


def project_url(value: str) -> tuple[str, str]:
    """`Label, URL`: a label of at most 32 characters and an `http` or `https` URL."""
    label, target = project_url_label(value)
    if not label:
        raise Wrong(f"{short(value)} must have a label before its URL, separated by a comma")
    if len(label) > LONGEST_LABEL:
        raise Wrong(f"{short(value)} must have a label of at most {LONGEST_LABEL} characters")
    if not target:
        raise Wrong(f"{short(value)} must have a URL behind its label, separated by a comma")
    if not is_valid_uri(target):
        raise Wrong(f"{short(value)} must have a valid http or https URL")
    return label, target


def content_type(value: str) -> str:
    """`text/plain`, `text/x-rst` or `text/markdown`; charset `UTF-8`; for Markdown a variant `GFM` or `CommonMark`."""
    media_type, *parameters = value.split(";")
    if media_type.strip().lower() not in _CONTENT_TYPES:
        raise Wrong(f"must be one of {', '.join(_CONTENT_TYPES)}")
    for parameter in parameters:
        match = _PARAMETER.fullmatch(parameter)
        if match is None:
            raise Wrong("has parameters that cannot be read; write 'text/markdown; charset=UTF-8; variant=GFM'")
        key, given = match[1].lower(), match[2] or match[3]
        if key == "charset" and (given or "").lower() != "utf-8":
            raise Wrong("must have the charset UTF-8")
        if key == "variant" and media_type.strip().lower() == "text/markdown" and given not in _VARIANTS:
            raise Wrong(f"must have one of the Markdown variants {', '.join(_VARIANTS)}")
    return value


def extra(value: str) -> str:
    """A valid name; kept normalised."""
    if not is_valid_name(value):
        raise Wrong(f"{short(value)} is not a valid name of an extra")
    return normalize(value)


def license_expression(value: str) -> str:
    """An SPDX license expression; kept in reference case."""
    try:
        return canonical_expression(value)
    except BadLicenseExpression as wrong:
        raise Wrong(f"must be a valid SPDX expression: {wrong.sentence.removesuffix('.')}") from wrong


def license_file(value: str) -> str:
    """A relative path with `/`, without `..` or patterns."""
    wrong = bad_license_path(value)
    if wrong is not None:
        raise Wrong(f"{short(value)} is not valid: {wrong.removesuffix('.')}")
    return value


def import_name(value: str) -> str:
    """A dotted name Python can import, optionally followed by `; private`; empty if nothing can be imported."""
    return value if value == "" else import_namespace(value)


def import_namespace(value: str) -> str:
    """A dotted name Python can import, optionally followed by `; private`."""
    dotted, semicolon, private = value.partition(";")
    for identifier in dotted.rstrip().split("."):
        if not identifier.isidentifier() or keyword.iskeyword(identifier):
            raise Wrong(f"{short(value)} is not a name that Python can import")
    if semicolon and private.strip() != "private":
        raise Wrong(f"{short(value)} may be followed by '; private' and nothing else")
    return f"{dotted.rstrip()}; private" if semicolon else dotted.rstrip()
