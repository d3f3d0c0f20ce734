"""What an event asks to have written, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from warehouse.domain.accounts import User


@dataclass(frozen=True)
class Letter:
    """One mail to one person. ``kind`` is the name of the text, ``events/mail/<kind>.txt``.

    It goes to the verified primary address of ``to``, and nowhere when there is none; ``even_unverified`` takes an
    unverified one, too, and ``address`` is taken as it is. Without ``to`` it goes to somebody who has no account.
    ``context`` holds what the text names beyond what every text knows: strings, numbers, times and lists of them.
    ``not_again_within`` keeps it from being sent while one with the same subject went to that address so lately.
    """

    kind: str
    to: User | None = None
    address: str | None = None
    even_unverified: bool = False
    context: Mapping[str, Any] = field(default_factory=dict)
    not_again_within: timedelta | None = None

    def recipient(self) -> str | None:
        """The address that it goes to; None when nobody may be written to."""
        if self.address is not None or self.to is None:
            return self.address
        primary = self.to.primary_email
        if primary is None or not (primary.is_verified or self.even_unverified):
            return None
        return primary.address
