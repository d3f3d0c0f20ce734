"""An OpenID Connect issuer on this machine, which signs everybody in at once and misbehaves when it is told to.

``python -m tests.sign_on.issuer`` runs one to try things by hand: it says what to write into the settings, and asks who
you want to be.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

Change = Callable[[dict[str, Any]], object]

ADA = {
    "sub": "248289761001",
    "preferred_username": "ada",
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "email_verified": True,
    "groups": ["staff"],
}
BOB = {"sub": "248289761002", "preferred_username": "bob", "email": "bob@example.com", "email_verified": True}


def new_key(algorithm: str, kid: str, bits: int = 2048) -> SigningKey:
    """A fresh key for tokens signed this way."""
    private: Any
    public: dict[str, Any]
    if algorithm.startswith("ES"):
        private = ec.generate_private_key(ec.SECP256R1())
        public = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    elif algorithm == "EdDSA":
        private = ed25519.Ed25519PrivateKey.generate()
        public = OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
    else:
        private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        public = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return SigningKey(algorithm, private, {**public, "kid": kid, "use": "sig", "alg": algorithm})


@dataclass
class SigningKey:
    """A key, and what is published of it."""

    algorithm: str
    private: Any
    public: dict[str, Any]

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        return jwt.encode(claims, self.private, self.algorithm, headers={"kid": self.public["kid"], **header})

    def pem(self) -> bytes:
        """The public key as anybody may read it."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


RSA_KEY = new_key("RS256", "first")


@dataclass
class Misbehaviour:
    """How the issuer differs from a good one. What changes something is given the document and changes it in place."""

    discovery: Change = lambda said: None
    keys: Change = lambda said: None
    claims: Change = lambda claims: None
    answer: Change = lambda query: None
    """The query that the browser is sent back with."""
    tokens: Change = lambda said: None
    """The answer of the token endpoint."""
    token: Callable[[dict[str, Any]], str] | None = None
    """Makes the ID token from its claims."""
    raw: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Answers for whole paths."""


class LocalIssuer:
    """The issuer, listening on a free port from ``with`` on. ``person`` is who is signed in there."""

    def __init__(self, port: int = 0, *, asks_who: bool = False) -> None:
        self.client_id, self.client_secret = "warehouse", "s3cret/with: signs"
        self.person: dict[str, Any] = dict(ADA)
        self.userinfo: dict[str, Any] = {}
        self.signing = RSA_KEY
        self.published = [RSA_KEY.public]
        self.bad = Misbehaviour()
        self.asked: list[str] = []
        self.auth_methods = ["client_secret_basic"]
        self.names_itself = True
        self.asks_who = asks_who
        self.codes: dict[str, dict[str, Any]] = {}
        self.access_tokens: dict[str, dict[str, Any]] = {}
        issuer = self

        class Handler(_Handler):
            pass

        Handler.issuer = issuer
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def discovery(self) -> dict[str, Any]:
        said = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
            "token_endpoint_auth_methods_supported": self.auth_methods,
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": self.names_itself,
        }
        self.bad.discovery(said)
        return said

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes next: back, with a code for whoever is signed in."""
        assert query["response_type"] == "code" and query["client_id"] == self.client_id, query
        assert "openid" in query["scope"].split() and query["code_challenge_method"] == "S256", query
        assert len(query["nonce"]) >= 22 and len(query["state"]) >= 22, query
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**query, "person": dict(self.person)}
        back = {"code": code, "state": query["state"]} | ({"iss": self.url} if self.names_itself else {})
        self.bad.answer(back)
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def exchange(self, form: dict[str, str], authorization: str | None) -> tuple[int, dict[str, Any]]:
        """The token endpoint: everything that a good issuer checks is checked."""
        if self._client_of(form, authorization) != (self.client_id, self.client_secret):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)  # a code is good once
        if asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant", "error_description": "PKCE"}
        access_token = secrets.token_urlsafe(16)
        self.access_tokens[access_token] = asked["person"]
        said = {"access_token": access_token, "token_type": "Bearer", "expires_in": 60}
        said["id_token"] = self._id_token(asked)
        self.bad.tokens(said)
        return 200, said

    def _id_token(self, asked: dict[str, Any]) -> str:
        now = int(time.time())
        claims = {**asked["person"], "iss": self.url, "aud": self.client_id, "nonce": asked["nonce"]}
        claims |= {"iat": now, "exp": now + 300}
        if "max_age" in asked:
            claims["auth_time"] = now
        self.bad.claims(claims)
        return self.bad.token(claims) if self.bad.token else self.signing.sign(claims)

    def _client_of(self, form: dict[str, str], authorization: str | None) -> tuple[str, str]:
        if "client_secret_basic" in self.auth_methods:
            name, _, secret = base64.b64decode((authorization or "Basic Og==").split()[1]).decode().partition(":")
            return unquote(name), unquote(secret)
        return form.get("client_id", ""), form.get("client_secret", "")


class _Handler(BaseHTTPRequestHandler):
    issuer: LocalIssuer

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.issuer.asked.append(address.path)
        if address.path in self.issuer.bad.raw:
            self._send(*self.issuer.bad.raw[address.path])
        elif address.path == "/.well-known/openid-configuration":
            self._json(200, self.issuer.discovery())
        elif address.path == "/jwks":
            said = {"keys": list(self.issuer.published)}
            self.issuer.bad.keys(said)
            self._json(200, said)
        elif address.path == "/authorize" and self.issuer.asks_who and "who" not in query:
            self._send(200, _choices(self.path).encode(), "text/html")
        elif address.path == "/authorize":
            if "who" in query:
                self.issuer.person = dict(PEOPLE[query["who"]])
            self._send(302, b"", location=self.issuer.authorize(query))
        elif address.path == "/userinfo":
            token = (self.headers["Authorization"] or "").removeprefix("Bearer ")
            person = self.issuer.access_tokens.get(token)
            self._json(*((200, {**person, **self.issuer.userinfo}) if person else (401, {"error": "invalid_token"})))
        else:
            self._send(404, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.issuer.asked.append(self.path)
        if self.path in self.issuer.bad.raw:
            self._send(*self.issuer.bad.raw[self.path])
        elif self.path == "/token":
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._json(*self.issuer.exchange(form, self.headers["Authorization"]))
        else:
            self._send(404, b"")

    def _json(self, status: int, said: object) -> None:
        self._send(status, json.dumps(said).encode())

    def _send(self, status: int, body: bytes, kind: str = "application/json", location: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if location is not None:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


PEOPLE = {
    "ada": {**ADA, "groups": ["admins", "staff"]},
    "bob": {**BOB, "groups": ["staff"]},
    "eve": {"sub": "666", "preferred_username": "ada", "email": "ada@example.com", "email_verified": False},
}


def _choices(path: str) -> str:
    links = "".join(f"<p><a href='{html.escape(path)}&who={who}'>{who}</a></p>" for who in PEOPLE)
    return f"<!doctype html><title>Who are you?</title><h1>Who are you?</h1>{links}"


def main() -> None:
    """Run an issuer until Ctrl-C."""
    with LocalIssuer(8081, asks_who=True) as issuer:
        about = {"issuer": issuer.url, "client_id": issuer.client_id, "title": "Local issuer"}
        about |= {"roles": {"admins": "administrator"}}
        print("WAREHOUSE_SIGN_ON__ISSUERS='" + json.dumps({"local": about}) + "'")  # noqa: T201
        print(f"WAREHOUSE_SIGN_ON__CLIENT_SECRETS='local={issuer.client_secret}'")  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    main()
