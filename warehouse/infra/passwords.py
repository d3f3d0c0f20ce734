"""Passwords: argon2id hashes, a bounded number of them at once."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type


class Passwords:
    """Hashes and verifies. ``memory`` is KiB per hash; at most ``at_once`` run at the same time.

    The bound matters: each hash takes its memory and a core for a tenth of a second, and strangers ask for them.
    """

    def __init__(self, *, memory: int, time: int, parallelism: int, at_once: int) -> None:
        self._hasher = PasswordHasher(time_cost=time, memory_cost=memory, parallelism=parallelism, type=Type.ID)
        self._turns = threading.BoundedSemaphore(at_once)

    def hash(self, password: str) -> str:
        """The argon2id hash of ``password`` with a fresh salt."""
        with self._turns:
            return self._hasher.hash(password)

    def matches(self, password: str, hashed: str) -> bool:
        """Whether ``password`` is the one that was hashed."""
        with self._turns:
            try:
                return self._hasher.verify(hashed, password)
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)
