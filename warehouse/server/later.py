"""An answer that has to be waited for, and the bell that tells when to look again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from warehouse.standards.http.message import Ask


class Bell:
    """Rung by any thread when something is new; heard by the event loops on which somebody waits for it."""

    def __init__(self) -> None:
        self._heard_by: tuple[Callable[[], None], ...] = ()
        self.awaited_by = 0
        """How many wait at the moment; whoever rings may hurry for them."""

    def hear(self, callback: Callable[[], None]) -> None:
        """Have this called at every ring, in the thread that rings."""
        self._heard_by = (*self._heard_by, callback)

    def ignore(self, callback: Callable[[], None]) -> None:
        """Never again call this."""
        self._heard_by = tuple(known for known in self._heard_by if known != callback)

    def ring(self) -> None:
        """Tell everybody; what they are to see must be there already."""
        for callback in self._heard_by:
            callback()


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """There is nothing to answer yet: ask the same again whenever ``bell`` rings.

    After ``seconds``, or when waiting makes no sense any more, ``instead`` is asked: it must be answered at once.
    """

    bell: Bell
    seconds: float
    instead: Ask
