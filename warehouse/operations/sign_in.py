"""The end of signing in, however it was done."""

from __future__ import annotations

from dataclasses import dataclass, field

from warehouse.domain.accounts import User
from warehouse.operations import devices
from warehouse.operations.sessions import admit
from warehouse.work import Work

PROJECTS = "/manage/projects/"

PHISHABLE = frozenset({"totp", "recovery-code"})
"""The methods whose codes somebody can be talked out of."""


@dataclass(frozen=True)
class Finished:
    """Where the browser goes now. ``secret`` is what its session's cookie holds, None while there is no session yet;
    ``user`` is whose session it is."""

    location: str
    secret: str | None = field(default=None, repr=False)
    user: User | None = None


def finish(
    work: Work,
    user: User,
    *,
    method: str,
    next: str = "",
    label: str | None = None,
    vouched_for_by: str | None = None,
) -> Finished:
    """Let in whoever has shown that they are the user, and lead them to ``next``, a path of ours, or their projects.

    From an unknown network address a code is not enough where ``accounts.confirm_new_devices`` says so: they get a mail
    and are led to the page that says so. ``method``, ``label`` and ``vouched_for_by`` are those of
    :func:`admit`.
    """
    is_asked = work.settings.accounts.confirm_new_devices and method in PHISHABLE
    if is_asked and not devices.is_known(work, user):
        devices.ask_to_confirm(work, user)
        return Finished(devices.PAGE)
    secret = admit(work, user, method=method, label=label, vouched_for_by=vouched_for_by)
    return Finished(next or PROJECTS, secret, user)
