"""The instance itself: its operator's switches and short-lived counters."""

from warehouse.domain.site.flags import Flag, FlagName, flags_on, set_flag
from warehouse.domain.site.mirror import Mirror, MirroredProject, refuse_on_a_mirror
from warehouse.domain.site.once import Once
from warehouse.domain.site.rates import RateWindow, hit, remaining

__all__ = [
    "Flag",
    "FlagName",
    "Mirror",
    "MirroredProject",
    "Once",
    "RateWindow",
    "flags_on",
    "hit",
    "refuse_on_a_mirror",
    "remaining",
    "set_flag",
]
