"""What happens to the connections of accounts with accounts elsewhere, and to who comes through them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from warehouse.events.accounts import AboutAccount
from warehouse.events.mail import Letter


@dataclass(frozen=True)
class _AboutAssociation(AboutAccount):
    """The mail names the ``service`` as people know it, and the ``external_username`` there. ``quietly``: no mail."""

    service: str
    title: str
    external_id: str
    external_username: str
    quietly: bool = False

    kind = ""

    def details(self) -> dict[str, Any]:
        return {
            "service": self.service,
            "external_user_id": self.external_id,
            "external_username": self.external_username,
        }

    def told(self) -> Iterable[Letter]:
        context = {"service": self.title, "external_username": self.external_username}
        return [] if self.quietly else [Letter(self.kind, self.user, context=context)]


@dataclass(frozen=True)
class AssociationAdded(_AboutAssociation):
    """An account elsewhere is this person's, too."""

    tag = "account:association:add"
    kind = "account-association-added"


@dataclass(frozen=True)
class AssociationRemoved(_AboutAssociation):
    """An account elsewhere is not connected any more."""

    tag = "account:association:remove"
    kind = "account-association-removed"


@dataclass(frozen=True)
class SignOnRefused(AboutAccount):
    """Somebody for whom an issuer vouched was not let in; ``reason`` is account_frozen, shut_out or not_in_groups."""

    issuer: str
    reason: str

    tag = "account:login:failure"

    def details(self) -> dict[str, Any]:
        return {"reason": self.reason, "issuer": self.issuer}


@dataclass(frozen=True)
class GroupRolesChanged(AboutAccount):
    """The user's groups at an issuer gave them roles, or took some away."""

    issuer: str
    given: tuple[str, ...]
    taken: tuple[str, ...]

    tag = "account:group_roles:change"

    def details(self) -> dict[str, Any]:
        return {"issuer": self.issuer, "given": list(self.given), "taken": list(self.taken)}
