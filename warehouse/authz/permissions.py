"""What can be permitted."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """Every act that the table decides on; the value completes "isn't allowed to …"."""

    READ_INDEX = "read this index"
    CREATE_PROJECT = "create projects"
    UPLOAD = "upload to"
    YANK_RELEASE = "yank releases of"
    REMOVE_FILE = "remove files of"
    REMOVE_RELEASE = "remove releases of"
    SET_PROJECT_STATUS = "change the status of"
    QUARANTINE = "quarantine"
    REMOVE_PROJECT = "remove"
    MANAGE_ROLES = "manage the people of"
    GRANT_NAMESPACE = "grant namespaces"
    CREATE_USER = "create users"
    MANAGE_TOKENS = "manage the tokens of"
    DERIVE_TOKENS = "derive tokens of"
    END_OWN_TOKEN = "end the token in use of"
    READ_ACCOUNT_HISTORY = "see what happened to"
    READ_PROJECT_HISTORY = "read the history of"
    MANAGE_ACCOUNT = "manage the account of"
    FREEZE = "freeze or unfreeze"
    RECOVER_ACCOUNT = "recover the account of"
    DELETE_USER = "delete"
    APPOINT = "appoint or dismiss"
    BAN_ADDRESS = "ban network addresses"
    OPERATE = "operate this index"
