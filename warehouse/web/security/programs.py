"""Who may read where programs ask: with a token, as they install, or signed in, from a page of ours."""

from __future__ import annotations

from warehouse.errors import NotAuthenticated
from warehouse.web.request import Request
from warehouse.web.security.gates import may_read


def require_reader(request: Request) -> None:
    """Refuse with :class:`NotAuthenticated` whoever may not read the index."""
    if not may_read(request):
        raise NotAuthenticated("Reading this index needs an API token: user __token__, password the token.")
