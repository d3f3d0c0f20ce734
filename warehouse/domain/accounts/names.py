"""Names that nobody can have, because histories tell by them of those who have no account, or none any more."""

from __future__ import annotations

from warehouse.work import ActorKind

SUCCESSOR = "deleted-user"
"""Under this name stays what people did whose accounts are gone."""

RESERVED = frozenset({SUCCESSOR, *(kind.value for kind in ActorKind if kind is not ActorKind.USER)})
