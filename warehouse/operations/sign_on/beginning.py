"""Sending somebody to an issuer, so that it says who they are, and knowing them again when they come back.

What was asked is kept here under a name that is good once, and is bound to the browser by a cookie: an answer that was
asked for by another browser signs nobody in (RFC 6749, 10.12), whoever made our visitor bring it.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from warehouse.domain.accounts import UserSession
from warehouse.domain.site import once
from warehouse.errors import Invalid, NotFound, Unavailable
from warehouse.infra.oauth import ProviderFailed
from warehouse.operations import limits
from warehouse.settings.sign_on import Issuer
from warehouse.standards.openid import authorization_address
from warehouse.work import Work, begin

log = logging.getLogger("warehouse.sign_on")

LIFETIME = timedelta(minutes=10)
"""How long somebody may take at the issuer."""
STATE = "single sign-on"
LONGEST_STATE = 200  # characters


class Aim(StrEnum):
    """What somebody goes to an issuer for."""

    SIGN_IN = "sign in"
    CONNECT = "connect"  # the account there with the one that is signed in here
    PROVE = "prove"  # that they are still who signed in here


@dataclass(frozen=True)
class Leaving:
    """Where the browser goes, and what its cookie holds for the way back."""

    location: str
    browser: str = field(repr=False)


@dataclass(frozen=True)
class Asked:
    """What was asked of the issuer. ``session_id`` is of whoever was signed in, when it matters."""

    aim: Aim
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    next: str
    begun_at: datetime
    session_id: uuid.UUID | None


def find_issuer(work: Work, name: str) -> Issuer:
    """The issuer of this name; refuses with :class:`NotFound`."""
    issuer = work.settings.sign_on.issuers.get(name)
    if issuer is None:
        raise NotFound("There is no such way to sign in.", code="no_such_issuer")
    return issuer


def title_of(name: str, issuer: Issuer) -> str:
    """What the issuer is called on pages and in mails."""
    return issuer.title or name


def leave(
    work: Work,
    name: str,
    *,
    aim: Aim = Aim.SIGN_IN,
    next: str = "",
    browser: str | None = None,
    session: UserSession | None = None,
) -> Leaving:
    """Send the browser to the issuer. ``browser`` is what its cookie holds already: several windows may be on the way.

    ``next`` is a path of ours. Refuses with :class:`Unavailable` when the issuer is away, and :class:`TooMany`.
    """
    issuer = find_issuer(work, name)
    limits.reserve(work, limits.sign_on(work))
    endpoint = _reachable(work, name, issuer)
    if browser is None or not 20 <= len(browser) <= 100:
        browser = secrets.token_urlsafe(32)
    nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    kept = {
        "issuer": name,
        "aim": aim.value,
        "nonce": nonce,
        "verifier": verifier,
        "next": next,
        "begun_at": work.now.isoformat(),
        "browser": _digest(browser),
        "session": str(session.id) if session is not None else None,
    }
    state = once.put(work.db, STATE, kept, until=work.now + LIFETIME)
    location = authorization_address(
        endpoint,
        client_id=issuer.client_id,
        redirect_uri=callback(work, name),
        scopes=tuple(dict.fromkeys(("openid", *issuer.scopes))),
        state=state,
        nonce=nonce,
        verifier=verifier,
        again=aim is Aim.PROVE,
    )
    return Leaving(location, browser)


def come_back(work: Work, name: str, query: Mapping[str, str], browser: str | None) -> Asked:
    """What was asked of whoever comes back now; nobody is told again.

    Refuses with :class:`Invalid` what was not asked, was answered before or too late, or was asked by another browser
    or of another issuer.
    """
    state = query.get("state", "")
    with begin(work.tools, work.actor) as taking:  # whatever becomes of the rest, it was used
        kept = once.take(taking.db, STATE, state, now=work.now) if 0 < len(state) <= LONGEST_STATE else None
    if kept is None:
        raise Invalid("This way of signing in was used already, or took too long. Start again.", code="state_unknown")
    if browser is None or not hmac.compare_digest(_digest(browser), kept["browser"]):
        raise Invalid(
            f"Signing in began in another browser or at another address. Start again at {work.settings.public_url}.",
            code="state_elsewhere",
        )
    if kept["issuer"] != name:
        raise Invalid("The answer comes from another issuer than was asked. Start again.", code="state_mixed_up")
    return Asked(
        aim=Aim(kept["aim"]),
        nonce=kept["nonce"],
        verifier=kept["verifier"],
        next=kept["next"],
        begun_at=datetime.fromisoformat(kept["begun_at"]),
        session_id=uuid.UUID(kept["session"]) if kept["session"] else None,
    )


def callback(work: Work, name: str) -> str:
    """Where the issuer sends browsers back to: never the host that a request named."""
    return f"{work.settings.public_url}/account/sso/{name}/callback"


def _reachable(work: Work, name: str, issuer: Issuer) -> str:
    try:
        return work.tools.issuers.of(issuer.issuer).provider().authorization_endpoint
    except ProviderFailed as failure:
        log.warning("%s", failure, extra={"issuer": name})
        raise Unavailable(
            f"{title_of(name, issuer)} cannot be reached at present. Try again in a moment.",
            retry_after=10,
            code="issuer_away",
        ) from failure


def _digest(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()
