"""GitHub and GitLab on this machine, as far as OAuth 2.0 and the question who somebody is go."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

GITHUB = ("/login/oauth/authorize", "/login/oauth/access_token", "/api/v3/user")
GITLAB = ("/oauth/authorize", "/oauth/token", "/api/v4/user")


class Forge:
    """A forge, listening on a free port from ``with`` on. ``profile`` is whoever is signed in there."""

    def __init__(self) -> None:
        self.client_id, self.client_secret = "an-app", "s3cret"
        self.profile: dict[str, Any] = {"id": 583231, "login": "octo-ada", "username": "lab-ada"}
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()

        class Handler(_Handler):
            forge = self

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def authorize(self, location: str) -> str:
        """Agree to what the browser was sent with; where it is sent back to."""
        address = urlsplit(location)
        assert location.startswith(self.url) and address.path in (GITHUB[0], GITLAB[0])
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        assert query["client_id"] == self.client_id and query["code_challenge_method"] == "S256"
        assert query.get("scope", "") == ("read_user" if address.path == GITLAB[0] else "")
        code = secrets.token_hex(10)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def exchange(self, form: dict[str, str]) -> dict[str, Any]:
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or (form["client_id"], form["client_secret"]) != (self.client_id, self.client_secret):
            return {"error": "bad_verification_code"}
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return {"error": "bad_verification_code"}
        token = secrets.token_hex(10)
        self.tokens.add(token)
        return {"access_token": token, "token_type": "bearer", "scope": ""}


class _Handler(BaseHTTPRequestHandler):
    forge: Forge

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._answer({name: values[0] for name, values in form.items()})

    def do_GET(self) -> None:
        self._answer({})

    def _answer(self, form: dict[str, str]) -> None:
        forge = self.forge
        status, body = 404, b"{}"
        if self.path in forge.answers:
            status, body = forge.answers[self.path]
        elif self.path in (GITHUB[1], GITLAB[1]):
            status, body = 200, json.dumps(forge.exchange(form)).encode()
        elif self.path in (GITHUB[2], GITLAB[2]):
            is_known = (self.headers["Authorization"] or "").removeprefix("Bearer ") in forge.tokens
            status, body = (200, json.dumps(forge.profile).encode()) if is_known else (401, b"{}")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
