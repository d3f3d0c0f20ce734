"""A small WSGI client (PEP 3333), and the parts of a page that tests look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urlsplit
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import orjson

from warehouse.settings import load_settings
from warehouse.web.app import make_web_app
from warehouse.web.request import WSGIApplication
from warehouse.work import Tools


@dataclass(frozen=True)
class Got:
    """A response."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    cookies: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def page(self) -> Page:
        return Page(self.text)

    @property
    def leads_to(self) -> str:
        """Path and query of the page that the answer leads to on the same site; empty when it leads nowhere."""
        parts = urlsplit(self.headers.get("location", ""))
        assert parts.netloc in ("", "index.test"), parts.netloc
        return parts.path + (f"?{parts.query}" if parts.query else "")


class Client:
    """Asks one application; what it answers must be WSGI to the letter."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = validator(application)

    def get(self, path: str, **environ: Any) -> Got:
        return self.ask("GET", path, **environ)

    def post(self, path: str, form: Mapping[str, str] | bytes = b"", **environ: Any) -> Got:
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        environ.setdefault("CONTENT_TYPE", "application/x-www-form-urlencoded")
        return self.ask("POST", path, body, **environ)

    def ask(self, method: str, path: str, body: bytes = b"", **changes: Any) -> Got:
        path, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": "index.test",
            "REMOTE_ADDR": "192.0.2.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
        environ.update(changes)
        setup_testing_defaults(environ)
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            started[:] = [status, headers]
            return None

        answer = self._application(environ, start_response)
        try:
            content = b"".join(answer)
        finally:
            answer.close()  # type: ignore[attr-defined]
        status, headers = started
        cookies = [value for name, value in headers if name.lower() == "set-cookie"]
        others = {name.lower(): value for name, value in headers if name.lower() != "set-cookie"}
        assert len(others) == len(headers) - len(cookies), "a header field was sent twice"
        return Got(int(status[:3]), status[4:], others, content, cookies)


def site(tools: Tools, **environ: str) -> Client:
    """The site on these tools, with other settings where ``environ`` says so."""
    if environ:
        kept = {"WAREHOUSE_DATA": str(tools.settings.data)}
        tools = replace(tools, settings=load_settings({**kept, **environ}))
    return Client(make_web_app(tools))


@dataclass
class Element:
    """A start tag."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """What is on a page: its elements, each with the text inside it."""

    source: str
    elements: list[Element] = field(default_factory=list)

    VOID = frozenset({"meta", "link", "input", "path", "rect", "br", "hr", "img"})

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[Element] = []
        self.feed(self.source)
        self.close()
        assert not self._open, f"not closed: {[element.tag for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in self.VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open[-1].tag == tag, f"</{tag}> closes nothing"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    def text(self, tag: str) -> str:
        (element,) = self.all(tag)
        return " ".join(element.text.split())

    @property
    def commands(self) -> list[str]:
        """What is there to be copied."""
        return [element.text for element in self.all("pre")]
