"""What others report, as they all write it: a JSON array."""

from __future__ import annotations

from typing import Any

import orjson

from warehouse.errors import Invalid

MOST_REPORTS = 1000


def reports_in(body: bytes) -> list[Any]:
    """The reports; refuses with :class:`Invalid` what is no array, or one of more than so many."""
    try:
        reports: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid("The report is not JSON.", code="json") from error
    if not isinstance(reports, list) or len(reports) > MOST_REPORTS:
        raise Invalid(f"The report is no JSON array of at most {MOST_REPORTS} objects.", code="json")
    return reports
