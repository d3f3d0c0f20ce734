"""What the page shows that deletes the account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from warehouse.operations.deletion import held_namespaces, only_owned
from warehouse.web.request import Request


@dataclass(frozen=True)
class DeletePage:
    """What has to be handed over first; the form when there is nothing."""

    username: str
    projects: tuple[str, ...]
    namespaces: tuple[str, ...]
    has_password: bool
    mistakes: Mapping[str, str]

    @property
    def may_go(self) -> bool:
        """Whether nothing would be left without anybody."""
        return not self.projects and not self.namespaces


def delete_page(request: Request, mistakes: Mapping[str, str] | None = None) -> DeletePage:
    """The page for whoever is signed in."""
    user, db = request.user, request.work.db
    assert user is not None
    return DeletePage(
        user.username,
        tuple(only_owned(db, user)),
        tuple(held_namespaces(db, user)),
        user.password_hash is not None,
        mistakes or {},
    )
