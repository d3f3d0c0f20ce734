"""The one refusal of the embedded PostgreSQL: it cannot run here, and what to do about it."""

from __future__ import annotations

from warehouse.errors import Unavailable


class NoDatabase(Unavailable):
    """The embedded PostgreSQL cannot be used; the sentence names the cause and the way out.

    Raised before anything is served, so a command prints the sentence and ends.
    """
