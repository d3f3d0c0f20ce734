"""Builders of the small things that tests are about."""

from tests.builders.dist import Dist
from tests.builders.sdists import sdist
from tests.builders.wheels import wheel

__all__ = ["Dist", "sdist", "wheel"]
