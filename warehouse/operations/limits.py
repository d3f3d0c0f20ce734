"""How often somebody may try: passwords, second factors, mails."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from warehouse.domain.accounts import User
from warehouse.domain.site import rates
from warehouse.errors import TooMany
from warehouse.settings import Rate
from warehouse.standards.networks import network_of
from warehouse.work import SYSTEM, ActorKind, Work, begin


@dataclass(frozen=True)
class Limit:
    """What is counted under ``key``, within all of ``rates``. ``sentence`` is told when there were too many."""

    key: str
    rates: tuple[Rate, ...]
    sentence: str

    def windows(self) -> Iterator[tuple[str, Rate]]:
        """Each rate and the key that it is counted under."""
        for rate in self.rates:
            yield f"{self.key}/{int(rate.period.total_seconds())}", rate


TOO_MANY_SIGN_INS = "There have been too many unsuccessful login attempts. Try again later."
TOO_MANY_FACTORS = "There have been too many unsuccessful two-factor attempts. Try again later."
TOO_MANY_ADDRESSES = "Too many e-mail addresses were added from your network. Try again tomorrow."
TOO_MANY_CHANGES = "The address was changed too often. Try again later."
TOO_MANY_VERIFICATIONS = "Too many verification mails were sent. Look into your mailbox, or try again later."
TOO_MANY_TOKENS = "Too many API tokens were made. Use one for several uploads, or try again later."
TOO_MANY_RESETS = "A new password was asked for too often. Look into your mailbox, or try again later."


def sign_in(work: Work, user: User | None) -> tuple[Limit, ...]:
    """Wrong passwords: by address, of all together, and for the account."""
    limits = work.settings.limits
    found = [
        *_by_address(work, "login.ip", limits.sign_in_per_address, TOO_MANY_SIGN_INS),
        Limit("login.all", limits.sign_in_in_all, TOO_MANY_SIGN_INS),
    ]
    if user is not None:
        found.append(Limit(f"login.user:{user.id}", limits.sign_in_per_user, TOO_MANY_SIGN_INS))
    return tuple(found)


def second_factor(work: Work, user: User) -> tuple[Limit, ...]:
    """Wrong TOTP codes, security keys and recovery codes: by address and for the account."""
    limits = work.settings.limits
    return (
        *_by_address(work, "2fa.ip", limits.second_factor_per_address, TOO_MANY_FACTORS),
        Limit(f"2fa.user:{user.id}", limits.second_factor_per_user, TOO_MANY_FACTORS),
    )


def new_address(work: Work) -> tuple[Limit, ...]:
    """E-mail addresses that are added from one network address."""
    return tuple(_by_address(work, "email.add", work.settings.limits.new_emails_per_address, TOO_MANY_ADDRESSES))


def address_change(work: Work, user: User) -> tuple[Limit, ...]:
    """Attempts to replace an address that is not verified."""
    return (Limit(f"email.change:{user.id}", work.settings.limits.email_changes_per_user, TOO_MANY_CHANGES),)


def verification(work: Work, user: User) -> tuple[Limit, ...]:
    """Mails that verify an address."""
    return (Limit(f"email.verify:{user.id}", work.settings.limits.verifications_per_user, TOO_MANY_VERIFICATIONS),)


def password_reset(work: Work, user: User) -> tuple[Limit, ...]:
    """Mails that reset a password."""
    return (Limit(f"password.reset:{user.id}", work.settings.limits.password_resets_per_user, TOO_MANY_RESETS),)


def reset_requests(work: Work) -> tuple[Limit, ...]:
    """Requests for a new password from one network address.

    They keep whoever types ever new names from filling the table of counters, and the queue.
    """
    allowed = work.settings.limits.password_resets_per_address
    return tuple(_by_address(work, "password.reset.ip", allowed, TOO_MANY_RESETS))


def reset_requests_for(work: Work, identifier: str) -> tuple[Limit, ...]:
    """Requests for a new password by what was typed, which tells nothing of who is there."""
    typed = hashlib.sha256(identifier.lower().encode()).hexdigest()[:32]
    return (Limit(f"password.reset.typed:{typed}", work.settings.limits.password_resets_per_user, TOO_MANY_RESETS),)


def new_token(work: Work, user: User) -> tuple[Limit, ...]:
    """API tokens that an account makes; for an operator's shell there is no limit."""
    if work.actor.kind is not ActorKind.USER:
        return ()
    return (Limit(f"token.user:{user.id}", work.settings.limits.tokens_per_user, TOO_MANY_TOKENS),)


def unpacking(work: Work) -> tuple[Limit, ...]:
    """Files that nobody has looked into yet."""
    rates_ = work.settings.limits.unpackings_per_address
    return tuple(_by_address(work, "contents", rates_, "You have looked into many new files. Go on in a while."))


def comparing(work: Work) -> tuple[Limit, ...]:
    """Pairs of files that nobody has compared yet."""
    rates_ = work.settings.limits.unpackings_per_address
    return tuple(_by_address(work, "contents.pairs", rates_, "You have compared many releases. Go on in a while."))


def people_search(work: Work) -> tuple[Limit, ...]:
    """Searches for user names."""
    rates_ = work.settings.limits.people_searches_per_address
    return tuple(_by_address(work, "accounts.search", rates_, "Too many searches. Try again later."))


def sign_on(work: Work) -> tuple[Limit, ...]:
    """Ways to an issuer of single sign-on that are begun from one network address."""
    return tuple(_by_address(work, "sso.ip", work.settings.limits.sign_ons_per_address, TOO_MANY_SIGN_INS))


def reserve(work: Work, limits: Iterable[Limit]) -> None:
    """Count one attempt before it is judged; refuses with :class:`TooMany`, and counts nothing, when one is used up.

    In a transaction of its own, which is over at once: whatever becomes of the attempt, it counts, and of a hundred
    attempts at the same time each sees how many came before it.
    """
    windows = [(limit, key, rate) for limit in limits for key, rate in limit.windows()]
    if not windows:
        return
    with begin(work.tools, SYSTEM) as counting:
        # In one order for everybody, so that no two wait for each other.
        for limit, key, rate in sorted(windows, key=lambda window: window[1]):
            rates.hit(counting.db, key, rate.period, now=work.now)
            left, seconds = rates.remaining(counting.db, key, rate.count + 1, rate.period, now=work.now)
            if not left:
                raise TooMany(limit.sentence, retry_after=seconds, code="too_many_attempts")


def give_back(work: Work, limits: Iterable[Limit]) -> None:
    """Uncount an attempt that was right, in a transaction of its own."""
    with begin(work.tools, SYSTEM) as counting:
        for key, rate in sorted((window for limit in limits for window in limit.windows()), key=lambda one: one[0]):
            rates.take_back(counting.db, key, rate.period, now=work.now)


def refuse_beyond(work: Work, limits: Iterable[Limit]) -> None:
    """Refuse with :class:`TooMany` when one is used up, and count nothing."""
    for limit in limits:
        for key, rate in limit.windows():
            left, seconds = rates.remaining(work.db, key, rate.count, rate.period, now=work.now)
            if not left:
                raise TooMany(limit.sentence, retry_after=seconds, code="too_many_attempts")


def forget(work: Work, limits: Iterable[Limit]) -> None:
    """Count from zero again, in a transaction of its own: in the work's, a later attempt would wait for it for ever."""
    with begin(work.tools, SYSTEM) as counting:
        for key in sorted(key for limit in limits for key, _ in limit.windows()):
            rates.forget(counting.db, key)


def _by_address(work: Work, name: str, allowed: tuple[Rate, ...], sentence: str) -> Iterator[Limit]:
    """Nothing for an actor without an address: the operator's shell."""
    if work.actor.address:
        yield Limit(f"{name}:{network_of(work.actor.address)}", allowed, sentence)
