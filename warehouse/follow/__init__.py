"""What keeps up with the journal."""

from warehouse.follow.dependents import DependentsFollower
from warehouse.follow.follower import Follower, catch_up, keep_up, lag, rebuild
from warehouse.follow.totals import TotalsFollower

FOLLOWERS: tuple[Follower, ...] = (TotalsFollower(), DependentsFollower())
"""Those that workers run. Each process keeps a page cache of its own beside them (`warehouse.follow.pages`)."""

__all__ = ["FOLLOWERS", "Follower", "catch_up", "keep_up", "lag", "rebuild"]
