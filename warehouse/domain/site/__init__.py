"""The instance itself: its operator's switches and short-lived counters."""

from warehouse.domain.site.flags import Flag, FlagName, is_on, set_flag
from warehouse.domain.site.rates import RateWindow, hit, remaining

__all__ = ["Flag", "FlagName", "RateWindow", "hit", "is_on", "remaining", "set_flag"]
