"""Asking an issuer who came back from it, and believing no more of that than it signed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from warehouse.errors import Invalid, Unavailable
from warehouse.infra.oauth import Client, ProviderFailed
from warehouse.operations.sign_on.beginning import Aim, Asked, callback, find_issuer, title_of
from warehouse.operations.sign_on.claims import Person, person_of
from warehouse.settings.sign_on import Issuer
from warehouse.standards.openid import BadToken, UnknownKey, read_id_token
from warehouse.work import Work

LONGEST_CODE = 4096  # characters

log = logging.getLogger("warehouse.sign_on")


def person_behind(work: Work, name: str, asked: Asked, query: Mapping[str, str]) -> Person:
    """Whom the issuer vouches for in answer to what was asked.

    Refuses with :class:`Invalid` when it does not, or not in a way that can be believed, and with
    :class:`Unavailable` when it cannot be asked. Why is in the log, for whoever runs the index: a stranger learns only
    that it did not work.
    """
    issuer = find_issuer(work, name)
    title = title_of(name, issuer)
    try:
        return _person(work, name, issuer, asked, query)
    except ProviderFailed as failure:
        log.warning("%s", failure, extra={"issuer": name})
        raise Unavailable(
            f"{title} gave no answer that can be used. Try again in a moment.", retry_after=10, code="issuer_away"
        ) from failure
    except BadToken as failure:
        log.warning("%s", failure, extra={"issuer": name})
        raise Invalid(
            f"What {title} says cannot be believed. Try again; if it stays so, tell those who run this index.",
            code="not_vouched_for",
        ) from failure


def _person(work: Work, name: str, issuer: Issuer, asked: Asked, query: Mapping[str, str]) -> Person:
    elsewhere = work.tools.issuers.of(issuer.issuer)
    # RFC 9207, 2.4: "If the value does not match the expected issuer identifier, clients MUST reject the authorization
    # response": otherwise one issuer could be handed the codes of another.
    named = query.get("iss")
    if named != issuer.issuer and (named is not None or elsewhere.provider().names_itself):
        raise BadToken(f"The answer does not come from {issuer.issuer}: its iss says otherwise, or is missing.")
    code = query.get("code", "")
    if "error" in query or not code:
        raise Invalid(f"You did not sign in at {title_of(name, issuer)}. Try again.", code="issuer_declined")
    if len(code) > LONGEST_CODE:
        raise BadToken(f"The code is longer than {LONGEST_CODE} characters.")
    secret = work.settings.sign_on.client_secrets.get(name)
    client = Client(issuer.client_id, secret.get_secret_value() if secret is not None else None)
    given = elsewhere.exchange(client, code=code, redirect_uri=callback(work, name), verifier=asked.verifier)
    claims = _claims(work, issuer, asked, given.id_token)
    if issuer.userinfo and given.access_token is not None:
        claims = _with_more(claims, elsewhere.userinfo(given.access_token))
    return person_of(claims, issuer)


def _claims(work: Work, issuer: Issuer, asked: Asked, id_token: str) -> Mapping[str, Any]:
    elsewhere = work.tools.issuers.of(issuer.issuer)
    expected: dict[str, Any] = {
        "issuer": issuer.issuer,
        "client_id": issuer.client_id,
        "nonce": asked.nonce,
        "now": work.now,
        "authenticated_after": asked.begun_at if asked.aim is Aim.PROVE else None,
    }
    try:
        return read_id_token(id_token, elsewhere.signing_keys(), **expected)
    except UnknownKey:
        return read_id_token(id_token, elsewhere.signing_keys(again=True), **expected)


def _with_more(claims: Mapping[str, Any], more: Mapping[str, Any]) -> Mapping[str, Any]:
    """Core 5.3.2: "The sub Claim in the UserInfo Response MUST be verified to exactly match the sub Claim in the ID
    Token; if they do not match, the UserInfo Response values MUST NOT be used."
    """
    if more.get("sub") != claims["sub"]:
        raise BadToken("The userinfo is about somebody else than the ID token.")
    return {**more, **claims}
