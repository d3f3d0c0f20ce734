"""XML-RPC: what mirrors call, as they call the public index."""

from warehouse.api.xmlrpc.door import XmlRpc, is_call

__all__ = ["XmlRpc", "is_call"]
