"""Who may do what, as a table that people can read: ``permissions.txt`` beside this file.

When it differs, read the difference as a user would, and write the file anew:
``python -m tests.structure.test_permissions > tests/structure/permissions.txt``.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from warehouse.authz import Permission, allowed
from warehouse.authz.predicates import remember_role
from warehouse.domain.accounts import User
from warehouse.domain.packaging import Project, ProjectStatus, RoleName
from warehouse.standards import caveats
from warehouse.work import ANONYMOUS, OPERATOR, SYSTEM, Actor, ActorKind, Credential

GOLDEN = Path(__file__).with_name("permissions.txt")

USER = uuid.UUID(int=1)
DEMO = uuid.UUID(int=2)

OF_PROJECTS = [
    Permission.UPLOAD,
    Permission.YANK_RELEASE,
    Permission.REMOVE_FILE,
    Permission.REMOVE_RELEASE,
    Permission.SET_PROJECT_STATUS,
    Permission.QUARANTINE,
    Permission.REMOVE_PROJECT,
    Permission.MANAGE_ROLES,
    Permission.READ_PROJECT_HISTORY,
]
OF_ACCOUNTS = [
    Permission.MANAGE_TOKENS,
    Permission.DERIVE_TOKENS,
    Permission.END_OWN_TOKEN,
    Permission.READ_ACCOUNT_HISTORY,
    Permission.MANAGE_ACCOUNT,
    Permission.FREEZE,
    Permission.RECOVER_ACCOUNT,
    Permission.DELETE_USER,
    Permission.APPOINT,
]


def signed_in(**details: Any) -> Actor:
    return Actor(ActorKind.USER, user_id=USER, username="ada", **details)


def with_token(
    *limits: caveats.Caveat, flaw: str | None = None, parent: uuid.UUID | None = None, **details: Any
) -> Actor:
    return signed_in(credential=Credential(uuid.UUID(int=3), limits, datetime.now(UTC), flaw, parent), **details)


OWN = caveats.RequestUser(str(USER))
FOR_DEMO = (caveats.ProjectNames(("demo",)), caveats.ProjectIds((str(DEMO),)))
FOR_OTHER = (caveats.ProjectNames(("other",)), caveats.ProjectIds((str(uuid.UUID(int=4)),)))

OWNER, MAINTAINER = RoleName.OWNER.value, RoleName.MAINTAINER.value

# Who, and the role in the project.
ACTORS: dict[str, tuple[Actor, str | None]] = {
    "anonymous": (ANONYMOUS, None),
    "stranger": (signed_in(), None),
    "maintainer": (signed_in(), MAINTAINER),
    "owner": (signed_in(), OWNER),
    "moderator": (signed_in(is_moderator=True), None),
    "administrator": (signed_in(is_administrator=True), None),
    "operator": (OPERATOR, None),
    "the index itself": (SYSTEM, None),
    "token of a stranger": (with_token(OWN), None),
    "token of a maintainer": (with_token(OWN), MAINTAINER),
    "token of an owner": (with_token(OWN), OWNER),
    "token for this project": (with_token(*FOR_DEMO), OWNER),
    "token for another project": (with_token(*FOR_OTHER), OWNER),
    "token of an administrator": (with_token(OWN, is_administrator=True), OWNER),
    "token made from a token": (with_token(OWN, parent=uuid.UUID(int=8)), OWNER),
    "expired token": (with_token(caveats.Expiration(1, 0)), OWNER),
    "token with a flaw": (with_token(OWN, flaw="signatures do not match"), OWNER),
}


def table() -> str:
    """The whole file."""
    return "\n".join(line.rstrip() for line in (*_of_the_index(), *_of_projects(), *_of_accounts())) + "\n"


def _of_the_index() -> Iterator[str]:
    permissions = [p for p in Permission if p not in (*OF_PROJECTS, *OF_ACCOUNTS)]
    yield "The index"
    yield ""
    yield _row("", [permission.value for permission in permissions])
    for name, (actor, _) in ACTORS.items():
        yield _row(name, [_yes(allowed(actor, permission)) for permission in permissions])


def _of_projects() -> Iterator[str]:
    for status in ProjectStatus:
        yield from ("", "", f"A project that is {status.value}", "")
        yield _row("", [permission.value.removesuffix(" of") for permission in OF_PROJECTS])
        for name, (actor, role) in ACTORS.items():
            # Added to a session that is never flushed: roles are what we say they are.
            with Session() as db:
                project = Project(id=DEMO, name="demo", normalized_name="demo", status=status.value)
                db.add(project)
                remember_role(actor, project, role)
                yield _row(name, [_yes(allowed(actor, permission, project)) for permission in OF_PROJECTS])


def _of_accounts() -> Iterator[str]:
    yield from ("", "", "An account", "")
    yield _row("", [f"{p.value} {whose}" for p in OF_ACCOUNTS for whose in ("oneself", "others")])
    accounts = [User(id=USER, username="ada"), User(id=uuid.UUID(int=9), username="eve")]
    for name, (actor, _) in ACTORS.items():
        yield _row(name, [_yes(allowed(actor, p, account)) for p in OF_ACCOUNTS for account in accounts])


def _row(name: str, cells: list[str]) -> str:
    return f"{name:<27}" + "".join(f"{cell:<32}" for cell in cells)


def _yes(answer: bool) -> str:
    return "yes" if answer else "-"


def test_the_table_is_what_the_file_says():
    assert table() == GOLDEN.read_text()


def test_every_permission_is_in_the_table():
    text = GOLDEN.read_text()
    assert [p for p in Permission if p.value.removesuffix(" of") not in text] == []


if __name__ == "__main__":
    sys.stdout.write(table())
