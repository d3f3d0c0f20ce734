"""For whom security keys are made."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from warehouse.infra.webauthn import Site
from warehouse.web.request import Request


def key_site(request: Request) -> Site:
    """The site as browsers know it: by the address that the operator wrote down, else by the one that was asked for.

    A key is bound to the host name, for which the browser vouches; whoever makes us believe another one gets keys that
    work nowhere else.
    """
    url = request.settings.site.url
    return Site.at(url or request.host_url, request.settings.site.name, either_scheme=url is None)


def name_of_this_machine(request: Request) -> str | None:
    """The page at hand at ``localhost``, for a browser on our own machine that asked by the machine's address."""
    parts = urlsplit(request.host_url)
    try:
        is_here = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return None
    if not is_here or request.settings.site.url:
        return None
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://localhost{port}{request.path}"
