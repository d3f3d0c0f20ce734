"""What the claims of an issuer say about a person, in our words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from warehouse.settings.sign_on import Issuer
from warehouse.standards import usernames

MOST_GROUPS = 10_000
LONGEST_TEXT = 1000


# RFC 8176: that more than something known was asked for. Neither "sms" and "tel" are among them, since a call can be
# led elsewhere, nor "swk" and "user", which say nothing of a second thing.
FACTORS = frozenset({"mfa", "mca", "otp", "hwk", "sc", "fido"})


@dataclass(frozen=True)
class Person:
    """Somebody an issuer vouches for. ``subject`` is who it is; everything else may change, or become another's."""

    subject: str
    username: str
    name: str
    email: str | None
    email_is_verified: bool
    groups: frozenset[str]
    has_second_factor: bool
    """Whether the issuer saw a second factor, where it is trusted with that."""
    lacks_groups: bool
    """The issuer has groups to tell, and left them out for being too many."""


def person_of(claims: Mapping[str, Any], issuer: Issuer) -> Person:
    """Reads what is of the right kind, and passes over the rest."""
    email = _text(claims, issuer.email_claim)
    factors = claims.get("amr")
    was_seen = isinstance(factors, list) and any(factor in FACTORS for factor in factors if isinstance(factor, str))
    elsewhere = claims.get("_claim_names")  # OpenID Connect Core 5.6.2: the claims that have to be fetched
    return Person(
        subject=claims["sub"],
        username=username_from(_text(claims, issuer.username_claim) or email or "user"),
        name=_name(_text(claims, "name")),
        email=email,
        email_is_verified=email is not None and (issuer.trust_email or claims.get("email_verified") is True),
        groups=_groups(_found(claims, issuer.groups_claim)),
        has_second_factor=issuer.second_factor == "trusted" or (issuer.second_factor == "amr" and was_seen),
        lacks_groups=isinstance(elsewhere, Mapping) and issuer.groups_claim in elsewhere,
    )


def username_from(text: str) -> str:
    """A user name like this text: what stands before the @ of an address, in the letters that names have here."""
    text = text[:LONGEST_TEXT].partition("@")[0]
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("._-")[: usernames.LONGEST].strip("._-")
    return name if len(name) > 1 else f"user-{name}".rstrip("-")


def _found(claims: Mapping[str, Any], path: str) -> Any:
    """The claim of this name, or, dot by dot, inside of others: Keycloak's roles are ``realm_access.roles``."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _text(claims: Mapping[str, Any], path: str) -> str | None:
    value = _found(claims, path)
    is_text = isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and value.isprintable()
    return value if is_text else None


def _groups(value: Any) -> frozenset[str]:
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return frozenset(group for group in listed[:MOST_GROUPS] if isinstance(group, str))


def _name(text: str | None) -> str:
    """A name as accounts have it; an address in one would stand in mails as if we had written it."""
    return text if text is not None and len(text) <= 100 and "://" not in text else ""
