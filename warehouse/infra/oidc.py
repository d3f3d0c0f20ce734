"""Asks OpenID Connect issuers: what they are (discovery), which keys they sign with, and who came with a code.

What an issuer says about itself is kept for an hour, and for a day when it does not answer meanwhile; after a failure
it is left alone for some seconds, so that an issuer that is away takes no threads from the rest of the site.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from warehouse.infra.oauth import Client, ProviderFailed, exchange_code, read_object

FRESH_SECONDS = 3600.0
KEPT_SECONDS = 86400.0
LEFT_ALONE_SECONDS = 5.0
KEYS_AGAIN_SECONDS = 30.0
"""How soon keys are read again for a token that none of them has signed: forged tokens must not become requests."""
MOST_KEYS = 100
TIME_LIMIT = timedelta(seconds=5)

T = TypeVar("T")


@dataclass(frozen=True)
class Provider:
    """What an issuer says of itself (OpenID Connect Discovery 1.0, 3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    takes_basic: bool
    names_itself: bool
    """RFC 9207: its answers to the browser carry an ``iss``, so that one without it is not its own."""


@dataclass(frozen=True)
class Given:
    """What an issuer gave for a code; both texts are for this moment and are kept nowhere."""

    id_token: str
    access_token: str | None


class Issuer:
    """One issuer, by the address that it is known by."""

    def __init__(self, url: str, *, time_limit: timedelta = TIME_LIMIT) -> None:
        self.url = url
        self._host = urlsplit(url).hostname
        self._time_limit = time_limit
        self._about = _Kept(self._discover)
        self._keys = _Kept(self._read_keys)

    def provider(self) -> Provider:
        """Its endpoints. Raises :class:`ProviderFailed`."""
        return self._about.get()

    def signing_keys(self, *, again: bool = False) -> tuple[Mapping[str, Any], ...]:
        """The keys it signs with; ``again`` asks for newer ones, not too often. Raises :class:`ProviderFailed`."""
        return self._keys.get(no_older_than=KEYS_AGAIN_SECONDS if again else FRESH_SECONDS)

    def exchange(self, client: Client, *, code: str, redirect_uri: str, verifier: str) -> Given:
        """The tokens for a code that a browser brought. Raises :class:`ProviderFailed`."""
        about = self.provider()
        answer = exchange_code(
            self.url,
            about.token_endpoint,
            client,
            code=code,
            redirect_uri=redirect_uri,
            verifier=verifier,
            time_limit=self._time_limit,
            in_header=about.takes_basic,
            inside=self._is_own(about.token_endpoint),
        )
        id_token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str):
            raise ProviderFailed(f"{self.url} gave no ID token: is 'openid' among the scopes?")
        return Given(id_token, access_token if isinstance(access_token, str) else None)

    def userinfo(self, access_token: str) -> Mapping[str, Any]:
        """What else it tells about who signed in. Raises :class:`ProviderFailed`."""
        endpoint = self.provider().userinfo_endpoint
        if endpoint is None:
            raise ProviderFailed(f"{self.url} has no userinfo endpoint.")
        return self._object(endpoint, token=access_token)

    def _discover(self) -> Provider:
        said = self._object(self.url.rstrip("/") + "/.well-known/openid-configuration")
        # Discovery 4.3: "The issuer value returned MUST be identical to the Issuer URL that was used as the prefix"
        if said.get("issuer") != self.url:
            raise ProviderFailed(f"{self.url} calls itself {str(said.get('issuer'))[:200]!r}: name it so exactly.")
        methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return Provider(
            authorization_endpoint=self._endpoint(said, "authorization_endpoint"),
            token_endpoint=self._endpoint(said, "token_endpoint"),
            jwks_uri=self._endpoint(said, "jwks_uri"),
            userinfo_endpoint=self._endpoint(said, "userinfo_endpoint") if "userinfo_endpoint" in said else None,
            takes_basic=not isinstance(methods, list) or "client_secret_basic" in methods,
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        )

    def _read_keys(self) -> tuple[Mapping[str, Any], ...]:
        found = self._object(self.provider().jwks_uri).get("keys")
        if not isinstance(found, list) or len(found) > MOST_KEYS:
            raise ProviderFailed(f"{self.url} publishes no list of at most {MOST_KEYS} keys.")
        return tuple(key for key in found if isinstance(key, dict))

    def _endpoint(self, said: Mapping[str, Any], name: str) -> str:
        value = said.get(name)
        if isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value:
            allowed = ("https", "http") if self.url.startswith("http:") else ("https",)
            try:
                parts = urlsplit(value)
                if parts.scheme in allowed and parts.hostname and "#" not in value and parts.port != 0:
                    return value
            except ValueError:  # a port that is none; said below
                pass
        raise ProviderFailed(f"{self.url} names no {name} that can be used.")

    def _object(self, url: str, *, token: str | None = None) -> Mapping[str, Any]:
        return read_object(self.url, url, time_limit=self._time_limit, token=token, inside=self._is_own(url))

    def _is_own(self, url: str) -> bool:
        """The operator named the issuer, wherever it is; what it names has to be there, or on the internet."""
        return urlsplit(url).hostname == self._host


class Issuers:
    """The issuers that this process speaks to, each remembered from its first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, Issuer] = {}

    def of(self, url: str) -> Issuer:
        """The issuer at this address."""
        with self._lock:
            return self._found.setdefault(url, Issuer(url))


class _Kept(Generic[T]):
    """Something read from elsewhere, by one thread at a time."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._value: T | None = None
        self._read_at = float("-inf")
        self._failed_at = float("-inf")
        self._failure: ProviderFailed | None = None

    def get(self, *, no_older_than: float = FRESH_SECONDS) -> T:
        with self._lock:
            now = time.monotonic()
            if self._value is not None and now - self._read_at < no_older_than:
                return self._value
            if self._failure is None or now - self._failed_at >= LEFT_ALONE_SECONDS:
                try:
                    self._value, self._read_at, self._failure = self._read(), now, None
                    return self._value
                except ProviderFailed as failure:
                    self._failed_at, self._failure = time.monotonic(), failure
            if self._value is not None and now - self._read_at < KEPT_SECONDS:
                return self._value
            raise ProviderFailed(str(self._failure)) from self._failure
