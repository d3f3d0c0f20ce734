"""How often each address may search, over all processes of this machine."""

from __future__ import annotations

import math
from typing import Any

from warehouse.domain.site import rates
from warehouse.errors import TooMany
from warehouse.infra.throttle import Throttle
from warehouse.settings import Rate
from warehouse.standards.networks import network_of
from warehouse.web.language import _
from warehouse.web.request import Request
from warehouse.work import Tools


class Counter:
    """Counts what one kind of question is asked; ``name`` is what the header fields call it."""

    def __init__(self, tools: Tools, name: str, rate: Rate | None) -> None:
        self._name = name
        self._rate = rate
        self._throttle = None
        if rate is not None:
            path = tools.settings.data / "run" / name
            self._throttle = Throttle(path, rate.count, rate.period, key=tools.secret, whose=network_of)

    def count(self, request: Request) -> None:
        """Count one, and tell in the response, whatever it will be, what is left; refuses with :class:`TooMany`."""
        if self._throttle is None or self._rate is None:
            return
        address = request.remote_addr or ""
        wait = self._throttle.wait(address)
        left, seconds = self._throttle.left(address)
        told = rates.headers([rates.Allowance(self._name, "ip", self._rate, 0 if wait else left, math.ceil(seconds))])

        def tell(_request: Any, response: Any) -> None:
            response.headers.update(told)

        request.add_response_callback(tell)
        if wait:
            seconds = math.ceil(wait)
            sentence = _("Too many searches come from your address. Search again in %(num)s s.") % {"num": seconds}
            raise TooMany(sentence, retry_after=seconds, code="too_many_searches")


class Searches:
    """What is counted of each address: searches, and apart from them suggestions, which come with every key."""

    def __init__(self, tools: Tools) -> None:
        limits = tools.settings.limits
        self.searches = Counter(tools, "search", limits.searches_per_address)
        self.suggestions = Counter(tools, "suggestions", limits.suggestions_per_address)
