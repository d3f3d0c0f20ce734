"""Purges into a list, for tests."""

from __future__ import annotations

from collections.abc import Collection

from warehouse.infra.cdn.contract import PurgeFailed, check_key


class MemoryPurger:
    """Keeps what it was told in ``purged``, one sorted list for each time; while it has ``trouble`` it raises that."""

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.purged: list[list[str]] = []
        self.forgot_everything = 0
        self.trouble: PurgeFailed | None = None

    def purge(self, keys: Collection[str]) -> None:
        if self.trouble is not None:
            raise self.trouble
        if keys:
            self.purged.append(sorted({check_key(key) for key in keys}))

    def purge_all(self) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.forgot_everything += 1
