"""What every provider of OAuth 2.0 is asked: a code for a token, and with the token who somebody is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from warehouse.infra.asking import NotAnswered, Reply, ask


class ProviderFailed(Exception):
    """A provider gave no answer that can be used; the message is one sentence for the operator's log."""


@dataclass(frozen=True)
class Client:
    """What this index is to a provider. Without a secret it is a public client, which proves itself by PKCE alone."""

    id: str
    secret: str | None = field(default=None, repr=False)


def exchange_code(
    who: str,
    endpoint: str,
    client: Client,
    *,
    code: str,
    redirect_uri: str,
    verifier: str,
    time_limit: timedelta,
    in_header: bool = False,
    inside: bool = True,
) -> Mapping[str, Any]:
    """What the token endpoint gives for a code (RFC 6749, 4.1.3, with RFC 7636). Raises :class:`ProviderFailed`.

    ``in_header``: the client shows its secret as HTTP Basic does, rather than in the form.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if client.secret is None or not in_header:
        form["client_id"] = client.id
        if client.secret is not None:
            form["client_secret"] = client.secret
    else:
        headers["Authorization"] = _basic(client.id, client.secret)
    body = urlencode(form).encode()
    try:
        reply = ask(who, "POST", endpoint, headers=headers, body=body, time_limit=time_limit, inside=inside)
    except NotAnswered as error:
        raise ProviderFailed(str(error)) from error
    answer = _object(who, reply)
    if reply.status != 200 or "error" in answer:  # GitHub says 200 also when it refuses
        said = str(answer.get("error", reply.status))[:100]
        raise ProviderFailed(f"{who} does not exchange the code: {said!r}.")
    return answer


def read_object(
    who: str,
    url: str,
    *,
    time_limit: timedelta,
    token: str | None = None,
    inside: bool = True,
) -> Mapping[str, Any]:
    """The JSON object at this address, read with an access token if one is given. Raises :class:`ProviderFailed`."""
    headers = {"Accept": "application/json"}
    if token is not None:
        if not token.isascii() or not token.isprintable():
            raise ProviderFailed(f"{who} gave an access token that cannot be sent.")
        headers["Authorization"] = f"Bearer {token}"
    try:
        reply = ask(who, "GET", url, headers=headers, time_limit=time_limit, inside=inside)
    except NotAnswered as error:
        raise ProviderFailed(str(error)) from error
    if reply.status != 200:
        raise ProviderFailed(f"{who} answered with {reply.status} when it was asked for {url}.")
    return _object(who, reply)


def _object(who: str, reply: Reply) -> Mapping[str, Any]:
    try:
        found = orjson.loads(reply.body)
    except orjson.JSONDecodeError as error:
        raise ProviderFailed(f"{who} answered with {reply.status} and no JSON.") from error
    if not isinstance(found, dict):
        raise ProviderFailed(f"{who} answered with JSON that is no object.")
    return found


def _basic(name: str, secret: str) -> str:
    """RFC 6749, 2.3.1: the client identifier and its secret are form-encoded before they become name and password."""
    return "Basic " + b64encode(f"{quote(name, safe='')}:{quote(secret, safe='')}".encode()).decode()
