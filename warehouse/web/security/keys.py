"""For whom security keys are made."""

from __future__ import annotations

from warehouse.infra.webauthn import Site
from warehouse.web.request import Request


def key_site(request: Request) -> Site:
    """The site as browsers know it: by the address that the operator wrote down, else by the one that was asked for.

    A key is bound to the host name, for which the browser vouches; whoever makes us believe another one gets keys that
    work nowhere else.
    """
    url = request.settings.site.url
    return Site.at(url or request.host_url, request.settings.site.name, either_scheme=url is None)
