"""How lately the password was typed where somebody makes or removes what signs in."""

from __future__ import annotations

from datetime import timedelta

JUST_NOW = timedelta(seconds=10)
"""For the page with the button."""

A_MOMENT_AGO = timedelta(minutes=2)
"""For the button: time to read the page."""
