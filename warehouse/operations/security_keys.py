"""Security keys: making them known, signing in with them, taking them away."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from warehouse.authz import Permission, require
from warehouse.domain.accounts import SecurityKey, User, hold_factors
from warehouse.domain.site import once
from warehouse.errors import Conflict, Invalid, NotFound
from warehouse.events import Failure, Method, SecondFactorAdded, SecondFactorFailed, SecondFactorRemoved, tell
from warehouse.infra import webauthn
from warehouse.infra.webauthn import BadAnswer, Site
from warehouse.operations import limits
from warehouse.operations.second_factors import (
    factors_of,
    forget_codes_without_factor,
    refuse_last,
    require_ready,
)
from warehouse.work import Work

log = logging.getLogger("warehouse.second_factors")

LABEL_LENGTH = 64
MOST_KEYS = 50
CHALLENGE_LIFETIME = timedelta(minutes=5)

TO_ADD = "security key to add"
TO_SIGN_IN = "security key to sign in"


def begin_adding(work: Work, user: User, site: Site, *, step: str) -> dict[str, Any]:
    """What the browser is asked to make a key with. ``step`` is where the challenge is found when it answers."""
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    require_ready(work, user)
    known = [key.credential_id for key in factors_of(work.db, user).keys]
    challenge = _challenge(work, TO_ADD, step)
    return webauthn.options_to_register(
        site, user_id=user.id.bytes, username=user.username, name=user.name, challenge=challenge, known=known
    )


def add_key(work: Work, user: User, site: Site, *, step: str, label: str, answer: object) -> SecurityKey:
    """Have signing in take this key, or another factor of the account.

    Refuses with :class:`Invalid` what is no answer to the challenge, which is used up all the same if the caller keeps
    this work, and with :class:`Conflict` a label or a key that is there already.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    challenge = _take(work, TO_ADD, step)
    hold_factors(work.db, user)
    require_ready(work, user)
    label = _checked_label(work, user, label)
    made = _made(site, answer, challenge)
    if work.db.scalar(select(SecurityKey.id).where(SecurityKey.credential_id == made.credential_id)) is not None:
        raise Conflict("This security key is in use already. Take another one.", code="key_taken")
    key = SecurityKey(
        id=uuid.uuid4(),
        user_id=user.id,
        label=label,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        created_at=work.now,
    )
    work.db.add(key)
    work.db.flush()
    tell(work, SecondFactorAdded(user, Method.SECURITY_KEY, label))
    return key


def remove_key(work: Work, user: User, key_id: uuid.UUID, *, typed_label: str) -> None:
    """Have the key sign nobody in any more.

    Refuses with :class:`Invalid` unless its label was typed, and with :class:`Conflict` the last factor where one is
    required.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    hold_factors(work.db, user)
    key = work.db.get(SecurityKey, key_id)
    if key is None or key.user_id != user.id:
        raise NotFound("There is no such security key; it may have been removed already.", code="no_such_factor")
    if typed_label.strip() != key.label:
        raise Invalid(f"Type {key.label!r} to remove this security key.", code="wrong_label")
    refuse_last(work, user)
    work.db.delete(key)
    tell(work, SecondFactorRemoved(user, Method.SECURITY_KEY, key.label))
    forget_codes_without_factor(work, user)


def begin_signing_in(work: Work, user: User, site: Site, *, step: str) -> dict[str, Any]:
    """What the browser is asked to sign. Whoever asks has given the password, so that no permission is asked for."""
    known = [key.credential_id for key in factors_of(work.db, user).keys]
    return webauthn.options_to_sign_in(site, challenge=_challenge(work, TO_SIGN_IN, step), known=known)


def check_key(work: Work, user: User, site: Site, *, step: str, answer: object) -> SecurityKey | None:
    """The user's key that signed this challenge; None when none did. Wrong answers are counted, like wrong codes.

    Returns rather than refuses, because what happened is kept. The signature is the proof, so no permission is asked
    for. Refuses with :class:`Invalid` when the browser was not asked, or has answered already.
    """
    challenge = _take(work, TO_SIGN_IN, step)
    attempt = limits.second_factor(work, user)
    limits.reserve(work, attempt)
    try:
        key = _signed(work, user, site, answer, challenge)
    except BadAnswer as error:
        log.info("the answer of a security key is refused: %s", error)
        tell(work, SecondFactorFailed(user, Failure.SECURITY_KEY))
        return None
    limits.give_back(work, attempt)
    return key


def _signed(work: Work, user: User, site: Site, answer: object, challenge: bytes) -> SecurityKey:
    mine = (SecurityKey.user_id == user.id, SecurityKey.credential_id == webauthn.named_key(answer))
    # Of two answers by one key at once the second must see the first one's count.
    key = work.db.scalar(select(SecurityKey).where(*mine).with_for_update(key_share=True))
    if key is None:
        raise BadAnswer("the key is not known")
    key.sign_count = webauthn.verified(
        site, answer, challenge=challenge, public_key=key.public_key, sign_count=key.sign_count
    )
    key.last_used_at = work.now
    return key


def _made(site: Site, answer: object, challenge: bytes) -> webauthn.NewKey:
    try:
        return webauthn.registered(site, answer, challenge=challenge)
    except BadAnswer as error:
        log.info("a new security key is refused: %s", error)
        raise Invalid("The security key could not be added. Try again, or take another one.", code="bad_key") from error


def _checked_label(work: Work, user: User, label: str) -> str:
    label = label.strip()
    if not 0 < len(label) <= LABEL_LENGTH or not label.isprintable():
        raise Invalid(f"Give the key a name of 1 to {LABEL_LENGTH} characters.", code="bad_label")
    keys = factors_of(work.db, user).keys
    if any(key.label == label for key in keys):
        raise Conflict(f"You have a key called {label!r} already. Choose another name.", code="label_taken")
    if len(keys) >= MOST_KEYS:
        raise Conflict(f"An account has up to {MOST_KEYS} security keys. Remove one first.", code="too_many_keys")
    return label


def _challenge(work: Work, purpose: str, step: str) -> bytes:
    challenge = webauthn.new_challenge()
    once.put(work.db, purpose, {"challenge": challenge.hex()}, until=work.now + CHALLENGE_LIFETIME, key=step)
    return challenge


def _take(work: Work, purpose: str, step: str) -> bytes:
    """The challenge, which answers nothing any more from now on."""
    kept = once.take(work.db, purpose, step, now=work.now)
    if kept is None:
        raise Invalid("Your browser took too long. Try again.", code="no_challenge")
    return bytes.fromhex(kept["challenge"])
