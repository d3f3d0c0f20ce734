"""Reads the small forms of pages, and tells what was wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from warehouse.errors import Invalid, Mistakes, Refusal, TooLarge

LARGEST = 64 * 1024  # bytes
MOST_FIELDS = 50


def read_form(request: Any) -> dict[str, str]:
    """The fields of a form sent as ``application/x-www-form-urlencoded``.

    Refuses another type, bytes that are not UTF-8 and a field that comes twice (:class:`Invalid`), and more than
    64 KiB (:class:`TooLarge`).
    """
    if request.content_type != "application/x-www-form-urlencoded":
        raise Invalid("Send the form as application/x-www-form-urlencoded.", code="form_type")
    body = request.body_file.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise TooLarge(f"The form is larger than {LARGEST} bytes.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Invalid("The form could not be read. Send its fields percent-encoded as UTF-8.", code="form") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Invalid("A field of the form was sent twice.", code="form_field_twice")
    return fields


def mistakes_of(refusal: Refusal, fields: Mapping[str, str] | None = None) -> dict[str, str]:
    """What was wrong, by field; under the empty name what is about no field. ``fields`` leads from codes to fields."""
    if isinstance(refusal, Mistakes):
        return refusal.by_field
    return {(fields or {}).get(refusal.code, ""): refusal.sentence}
