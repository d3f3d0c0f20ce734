"""What the page shows that asks for a recovery code."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RecoveryCodePage:
    """The form. ``step`` is the query of the pages of this step of signing in."""

    step: str
    mistakes: dict[str, str] = field(default_factory=dict)
