"""XML-RPC as pure code: a call is read from XML, within limits, and what is returned is written as XML."""

from warehouse.standards.xmlrpc.listing import SerialList
from warehouse.standards.xmlrpc.reading import Call, DateTime, Unreadable, Value, read_call
from warehouse.standards.xmlrpc.writing import LIST, STRUCT, Returned, element, fault, member, response

__all__ = [
    "LIST",
    "STRUCT",
    "Call",
    "DateTime",
    "Returned",
    "SerialList",
    "Unreadable",
    "Value",
    "element",
    "fault",
    "member",
    "read_call",
    "response",
]
