"""What the page shows that asks whether somebody wants to sign out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LogoutPage:
    """The question. ``next`` is the path of ours that is shown afterwards, empty when none was named."""

    next: str
