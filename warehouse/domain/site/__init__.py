"""The instance itself: its operator's switches and short-lived counters."""

from warehouse.domain.site.flags import Flag, FlagName, flags_on, set_flag
from warehouse.domain.site.rates import RateWindow, hit, remaining

__all__ = ["Flag", "FlagName", "RateWindow", "flags_on", "hit", "remaining", "set_flag"]
