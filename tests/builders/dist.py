"""A built file, its metadata, and the form an upload client sends with it."""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

FieldValue = str | Sequence[str]

# Form names that follow the plural convention; every other one is the header in lower case with underscores.
_FORM_NAME = {"classifier": "classifiers", "project_url": "project_urls"}
_HEADER = {form: header for header, form in _FORM_NAME.items()}


@dataclass(frozen=True)
class Dist:
    """One wheel or sdist in memory; ``metadata`` is its METADATA or PKG-INFO, byte for byte."""

    filename: str
    content: bytes
    metadata: bytes
    filetype: str
    pyversion: str

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def blake2_256(self) -> str:
        return hashlib.blake2b(self.content, digest_size=32).hexdigest()

    @cached_property
    def md5(self) -> str:
        return hashlib.md5(self.content).hexdigest()

    def form(self, **changes: FieldValue | None) -> dict[str, list[str]]:
        """Every field an upload client sends except ``content``, read from the metadata.

        ``changes`` replaces fields by form name (``_action`` for ``:action``); None removes one.
        """
        form = {
            ":action": ["file_upload"],
            "protocol_version": ["1"],
            "filetype": [self.filetype],
            "pyversion": [self.pyversion],
            "md5_digest": [self.md5],
            "sha256_digest": [self.sha256],
            "blake2_256_digest": [self.blake2_256],
            **metadata_fields(self.metadata),
        }
        for key, value in changes.items():
            name = ":action" if key == "_action" else key
            if value is None:
                form.pop(name, None)
            else:
                form[name] = [value] if isinstance(value, str) else list(value)
        return form


def metadata_fields(metadata: bytes) -> dict[str, list[str]]:
    """Core metadata as form fields: name to values, in the order of the headers."""
    message = email.message_from_string(metadata.decode())
    fields: dict[str, list[str]] = {}
    for header, value in message.items():
        name = header.lower().replace("-", "_")
        fields.setdefault(_FORM_NAME.get(name, name), []).append(str(value))
    body = message.get_payload()
    if isinstance(body, str) and body:
        fields["description"] = [body]
    return fields


def core_metadata(name: str, version: str, fields: Mapping[str, FieldValue]) -> bytes:
    """METADATA of a project, its fields given by form name; ``description`` becomes the body."""
    rest = dict(fields)
    description = rest.pop("description", "")
    lines = [f"Metadata-Version: {rest.pop('metadata_version', '2.4')}", f"Name: {name}", f"Version: {version}"]
    for form_name, value in rest.items():
        header = _HEADER.get(form_name, form_name).replace("_", "-").title()
        lines += [f"{header}: {item}" for item in ([value] if isinstance(value, str) else value)]
    return ("\n".join(lines) + f"\n\n{description}").encode()


def escaped(name: str) -> str:
    """The name as file names have it (PEP 427, PEP 625)."""
    return re.sub(r"[-_.]+", "_", name).lower()


def as_bytes(content: str | bytes) -> bytes:
    """Text as UTF-8, bytes as they are."""
    return content.encode() if isinstance(content, str) else content
