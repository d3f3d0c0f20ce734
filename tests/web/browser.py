"""A browser as far as forms and cookies go: keeps cookies, fills in the forms of the page it looks at."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from tests.web.client import Client, Got, site
from warehouse.work import Tools

PASSWORD = "correct horse"
ON_EVERY_PAGE = {"/account/logout/", "/search/", "/locale/"}  # forms that are not what a page is about


class Browser:
    """One person's browser on one site, at one network address."""

    def __init__(self, client: Client, *, address: str = "192.0.2.1", user_agent: str = "Firefox") -> None:
        self._client = client
        self.cookies: dict[str, str] = {}
        self.set_cookies: list[str] = []
        self.environ: dict[str, Any] = {"REMOTE_ADDR": address, "HTTP_USER_AGENT": user_agent}
        self.path = "/"
        self.got: Got | None = None

    def get(self, path: str, **environ: Any) -> Got:
        """Ask for a page, and do not follow where it leads."""
        return self._ask("GET", path, b"", environ)

    def open(self, path: str, **environ: Any) -> Got:
        """Ask for a page, and follow where it leads."""
        return self._followed(self.get(path, **environ))

    def post(self, path: str, *, follow: bool = True, **fields: str) -> Got:
        """Send these fields and, when signed in, the token that the page at hand has."""
        token = self.csrf_token
        if token is not None:
            fields.setdefault("csrf_token", token)
        got = self._ask("POST", path, urlencode(fields).encode(), {})
        return self._followed(got) if follow else got

    def submit(self, *, action: str | None = None, follow: bool = True, **fields: str) -> Got:
        """Fill in a form of the page at hand, the one with this action or the only one, and send it."""
        form = self._form(action)
        sent = {**form["fields"], **fields}
        got = self._ask("POST", urljoin(self.path, form["action"]), urlencode(sent).encode(), {})
        return self._followed(got) if follow else got

    @property
    def csrf_token(self) -> str | None:
        """The token on the page at hand."""
        if self.got is None or not self.got.headers.get("content-type", "").startswith("text/html"):
            return self._csrf
        for element in self.got.page.all("input"):
            if element.attributes.get("name") == "csrf_token":
                self._csrf = element.attributes["value"]
        return self._csrf

    _csrf: str | None = None

    def sign_in(self, username: str, password: str = PASSWORD) -> Got:
        """By the form, with the password."""
        self.open("/account/login/")
        return self.submit(action="/account/login/", username=username, password=password)

    def _form(self, action: str | None) -> dict[str, Any]:
        assert self.got is not None
        forms: list[dict[str, Any]] = []
        for element in self.got.page.elements:
            if element.tag == "form":
                forms.append({"action": element.attributes.get("action") or self.path, "fields": {}})
            elif element.tag in ("input", "button") and forms and element.attributes.get("type") == "hidden":
                forms[-1]["fields"][element.attributes["name"]] = element.attributes.get("value") or ""
        found = [
            form
            for form in forms
            if (action is None and form["action"] not in ON_EVERY_PAGE)
            or (action is not None and form["action"].partition("?")[0] == action)
        ]
        assert len(found) == 1, f"{len(found)} forms fit: {[form['action'] for form in forms]}"
        return found[0]

    def _ask(self, method: str, path: str, body: bytes, environ: dict[str, Any]) -> Got:
        sent = {**self.environ, **environ}
        if self.cookies:
            sent["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            sent.setdefault("CONTENT_TYPE", "application/x-www-form-urlencoded")
            sent.setdefault("HTTP_ORIGIN", "http://index.test")
        got = self._client.ask(method, path, body, **sent)
        self._keep(got)
        self.path, self.got = path, got
        return got

    def _keep(self, got: Got) -> None:
        self.set_cookies = got.cookies
        for line in got.cookies:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value

    def _followed(self, got: Got) -> Got:
        for _ in range(5):
            if got.status not in (301, 302, 303, 307, 308):
                return got
            parts = urlsplit(urljoin(self.path, got.headers["location"]))
            got = self.get(parts.path + (f"?{parts.query}" if parts.query else ""))
        raise AssertionError("it leads on and on")


def browser(tools: Tools, *, address: str = "192.0.2.1", user_agent: str = "Firefox", **environ: str) -> Browser:
    """A fresh browser on the site of these tools, with other settings where ``environ`` says so."""
    return Browser(site(tools, **environ), address=address, user_agent=user_agent)
