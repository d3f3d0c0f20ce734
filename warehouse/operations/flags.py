"""Throwing the index's switches."""

from __future__ import annotations

from warehouse.authz import Permission, require
from warehouse.domain.site.flags import FlagName, flags_on, set_flag
from warehouse.errors import NotFound
from warehouse.events import FlagThrown, tell
from warehouse.work import Work


def find_flag(name: str) -> FlagName:
    """The switch of this name; refuses with :class:`NotFound`."""
    try:
        return FlagName(name)
    except ValueError as error:
        names = ", ".join(FlagName)
        raise NotFound(f"There is no flag {name!r}. There are: {names}.", code="no_such_flag") from error


def throw_flag(work: Work, flag: FlagName, *, on: bool) -> None:
    """Turn a switch on or off, for every process of the index from the next upload on; twice changes nothing."""
    require(work.actor, Permission.OPERATE)
    if on != (flag.value in flags_on(work.db)):
        set_flag(work.db, flag, on)
        tell(work, FlagThrown(flag, on))
