"""The permission table: any grant whose predicates all hold.

Changing it changes ``tests/structure/permissions.txt``: read that diff as a user would.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from warehouse.authz.permissions import Permission
from warehouse.authz.predicates import (
    bears_a_token,
    is_administrator,
    is_collaborator,
    is_moderator,
    is_oneself,
    is_operator,
    is_owner,
    is_signed_in,
    not_quarantined,
    takes_uploads,
)
from warehouse.work import Actor

Predicate = Callable[[Actor, Any], bool]

GRANTS: dict[Permission, list[tuple[Predicate, ...]]] = {
    Permission.READ_INDEX: [(is_signed_in,), (is_operator,)],
    Permission.CREATE_PROJECT: [(is_signed_in,), (is_operator,)],
    Permission.UPLOAD: [(is_collaborator, takes_uploads), (is_operator, takes_uploads)],
    Permission.YANK_RELEASE: [(is_owner, not_quarantined), (is_moderator,), (is_operator,)],
    Permission.REMOVE_FILE: [(is_owner, not_quarantined), (is_moderator,), (is_operator,)],
    Permission.REMOVE_RELEASE: [(is_owner, not_quarantined), (is_moderator,), (is_operator,)],
    Permission.SET_PROJECT_STATUS: [(is_owner, not_quarantined), (is_moderator,), (is_operator,)],
    Permission.QUARANTINE: [(is_moderator,), (is_operator,)],
    Permission.REMOVE_PROJECT: [(is_owner, not_quarantined), (is_administrator,), (is_operator,)],
    Permission.MANAGE_ROLES: [(is_owner, not_quarantined), (is_administrator,), (is_operator,)],
    Permission.GRANT_NAMESPACE: [(is_administrator,), (is_operator,)],
    Permission.CREATE_USER: [(is_administrator,), (is_operator,)],
    Permission.MANAGE_TOKENS: [(is_oneself,), (is_operator,)],
    Permission.DERIVE_TOKENS: [(is_oneself, bears_a_token)],
    Permission.END_OWN_TOKEN: [(is_oneself, bears_a_token)],
    Permission.READ_ACCOUNT_HISTORY: [(is_oneself,), (is_administrator,), (is_operator,)],
    Permission.READ_PROJECT_HISTORY: [(is_owner,), (is_moderator,), (is_operator,)],
    Permission.MANAGE_ACCOUNT: [(is_oneself,), (is_operator,)],
    Permission.FREEZE: [(is_administrator,), (is_operator,)],
    Permission.RECOVER_ACCOUNT: [(is_administrator,), (is_operator,)],
    Permission.DELETE_USER: [(is_administrator,), (is_operator,)],
    Permission.APPOINT: [(is_administrator,), (is_operator,)],
    Permission.BAN_ADDRESS: [(is_administrator,), (is_operator,)],
    Permission.OPERATE: [(is_administrator,), (is_operator,)],
}

# What a token can stand for at all, whoever it belongs to.
WITH_A_TOKEN = frozenset(
    {
        Permission.READ_INDEX,
        Permission.CREATE_PROJECT,
        Permission.UPLOAD,
        Permission.DERIVE_TOKENS,
        Permission.END_OWN_TOKEN,
    }
)

# What a token does that is limited to some projects, although it is about none: it installs what they depend on, and
# what is made from it is limited as it is.
WHATEVER_THE_PROJECT = frozenset({Permission.READ_INDEX, Permission.DERIVE_TOKENS, Permission.END_OWN_TOKEN})
