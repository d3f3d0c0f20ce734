"""Who may do what: one table."""

from warehouse.authz.decide import allowed, require
from warehouse.authz.permissions import Permission

__all__ = ["Permission", "allowed", "require"]
