"""What happens to namespaces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from warehouse.domain.journal import Change
from warehouse.domain.packaging import Namespace
from warehouse.domain.packaging.namespaces import Covered
from warehouse.events.event import Event


@dataclass(frozen=True)
class _AboutNamespace(Event):
    """The page of each project that is covered tells of it, so each gets an entry; and so does the namespace's own
    name, whether a project is called so or not, because the pages of namespaces follow the journal as well."""

    namespace: Namespace
    projects: Sequence[Covered]
    owner: str

    change = Change.PROJECT_CHANGED

    def about(self) -> Namespace:
        return self.namespace

    def changed(self) -> Iterable[Any]:
        name, since = self.namespace.name, self.namespace.granted_at
        if not any(project.normalized_name == name for project in self.projects):
            yield Covered(name, name, since)
        yield from self.projects

    def details(self) -> dict[str, Any]:
        return {"owner": self.owner, "projects": len(self.projects)}


@dataclass(frozen=True)
class NamespaceGranted(_AboutNamespace):
    """Somebody has a namespace for themselves."""

    tag = "namespace:grant"

    def action(self) -> str:
        return f"namespace {self.namespace.name} granted"


@dataclass(frozen=True)
class NamespaceRevoked(_AboutNamespace):
    """A namespace is everybody's again."""

    tag = "namespace:revoke"

    def action(self) -> str:
        return f"namespace {self.namespace.name} revoked"
