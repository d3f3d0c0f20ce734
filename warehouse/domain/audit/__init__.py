"""The audit trail: who did what to which account or project, when and from where."""

from warehouse.domain.audit.events import AuditEvent, record

__all__ = ["AuditEvent", "record"]
