"""Who may read where programs ask: with a token, as they install, or signed in, from a page of ours."""

from __future__ import annotations

from warehouse.authz import Permission, allowed
from warehouse.errors import NotAuthenticated
from warehouse.operations.tokens import actor_of
from warehouse.web.request import Request
from warehouse.web.security.gates import may_read


def require_reader(request: Request) -> None:
    """Refuse with :class:`NotAuthenticated` whoever may not read the index."""
    if may_read(request):
        return
    work = request.work
    actor = actor_of(
        work.db,
        request.tools,
        request.headers.get("Authorization"),
        now=work.now,
        address=request.remote_addr or "",
        user_agent=request.user_agent,
    )
    if not allowed(actor, Permission.READ_INDEX):
        raise NotAuthenticated("Reading this index needs an API token: user __token__, password the token.")
