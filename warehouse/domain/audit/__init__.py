"""The audit trail: who did what to which account or project, when and from where."""

from warehouse.domain.audit.addresses import is_hashed, kept_address
from warehouse.domain.audit.events import AuditEvent, record
from warehouse.domain.audit.queries import events_of, rename

__all__ = ["AuditEvent", "events_of", "is_hashed", "kept_address", "record", "rename"]
