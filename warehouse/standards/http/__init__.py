"""HTTP as pure code (RFC 9110): what is asked, what is answered, conditions, ranges and negotiation."""

from warehouse.standards.http.message import Answer, Ask, FileSlice, Headers

__all__ = ["Answer", "Ask", "FileSlice", "Headers"]
