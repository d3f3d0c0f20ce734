"""Calls as a client makes them, on a fresh index."""

from __future__ import annotations

import gzip
import xmlrpc.client
from dataclasses import replace
from typing import Any

import pytest

from tests.web.client import Client, Got
from warehouse.api.xmlrpc import XmlRpc
from warehouse.settings import load_settings
from warehouse.work import Tools


class Caller:
    """Calls by XML-RPC, and reads what is returned with Python's own reader."""

    def __init__(self, tools: Tools, **environ: str) -> None:
        kept = {"WAREHOUSE_DATA": str(tools.settings.data)}
        self.tools = replace(tools, settings=load_settings({**kept, **environ})) if environ else tools
        self._client = Client(XmlRpc(self.tools))

    def post(self, body: bytes, path: str = "/pypi", **environ: Any) -> Got:
        """Any body."""
        return self._client.post(path, body, **{"CONTENT_TYPE": "text/xml", **environ})

    def ask(self, method: str, **environ: Any) -> Got:
        """Another method of HTTP."""
        return self._client.ask(method, "/pypi", CONTENT_TYPE="text/xml", **environ)

    def __call__(self, method: str, *arguments: Any, **environ: Any) -> Any:
        """What is returned; raises ``xmlrpc.client.Fault``."""
        return returned(self.post(xmlrpc.client.dumps(arguments, method, allow_none=True).encode(), **environ))

    def fault(self, method: str, *arguments: Any, **environ: Any) -> tuple[int, str]:
        """Code and text of the fault that it must end with."""
        with pytest.raises(xmlrpc.client.Fault) as told:
            self(method, *arguments, **environ)
        return told.value.faultCode, told.value.faultString


def returned(got: Got) -> Any:
    """What an answer holds."""
    assert got.status == 200, got
    assert got.headers["content-type"] == "text/xml; charset=utf-8"
    body = gzip.decompress(got.body) if got.headers.get("content-encoding") == "gzip" else got.body
    assert body.isascii()
    (value,), method = xmlrpc.client.loads(body, use_builtin_types=True)
    assert method is None
    return value


@pytest.fixture
def call(tools: Tools) -> Caller:
    """The private profile's settings."""
    return Caller(tools)
