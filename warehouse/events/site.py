"""What happens to the instance itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warehouse.domain.site import FlagName
from warehouse.events.event import Event


@dataclass(frozen=True)
class FlagThrown(Event):
    """An operator turned a switch on or off."""

    flag: FlagName
    is_on: bool

    tag = "site:flag"

    def about(self) -> FlagName:
        return self.flag

    def details(self) -> dict[str, Any]:
        return {"flag": self.flag.value, "on": self.is_on}
