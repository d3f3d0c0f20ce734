"""What the page shows that adds a security key."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.operations.security_keys import LABEL_LENGTH


@dataclass(frozen=True)
class SecurityKeyPage:
    """The form. ``host`` is what keys are bound to; browsers make none for the address of a machine."""

    host: str
    can_have_keys: bool
    label_length: int = LABEL_LENGTH
