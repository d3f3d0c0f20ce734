"""HTTP as pure code (RFC 9110): what is asked, what is answered, conditions, ranges and negotiation."""

from warehouse.standards.http.conditions import Verdict, is_same_range_base, judge, not_modified
from warehouse.standards.http.dates import format_http_date, parse_http_date
from warehouse.standards.http.message import Answer, Ask, FileSlice, Headers
from warehouse.standards.http.negotiation import BadFormat, Representation, accepted_encoding, simple_representation
from warehouse.standards.http.ranges import Span, file_answer, parse_range

__all__ = [
    "Answer",
    "Ask",
    "BadFormat",
    "FileSlice",
    "Headers",
    "Representation",
    "Span",
    "Verdict",
    "accepted_encoding",
    "file_answer",
    "format_http_date",
    "is_same_range_base",
    "judge",
    "not_modified",
    "parse_http_date",
    "parse_range",
    "simple_representation",
]
