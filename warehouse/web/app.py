"""Puts the web site together from its routes, views and tweens."""

from __future__ import annotations

from pyramid.config import Configurator
from pyramid.tweens import EXCVIEW

from warehouse.web import refusals, routes
from warehouse.web.assets import Assets
from warehouse.web.locations import by_path
from warehouse.web.monitoring.probes import Probes
from warehouse.web.pages.account.reauthenticate.page import reauthentication
from warehouse.web.pages.search.limit import Searches
from warehouse.web.rendering import Templates
from warehouse.web.request import Request, WSGIApplication
from warehouse.web.security.gates import gate
from warehouse.work import Tools


def make_web_app(tools: Tools) -> WSGIApplication:
    """The web site on these tools, as a WSGI application (PEP 3333); it may be called from many threads."""
    return finished(configured(tools))


def configured(tools: Tools) -> Configurator:
    """All routes and views of the site, to which more may be added."""
    config = Configurator(request_factory=Request)
    config.registry.tools = tools
    config.registry.assets = Assets.build()
    config.registry.templates = Templates()
    config.registry.reauthentication = reauthentication
    config.registry.probes = Probes(tools)
    config.registry.searches = Searches(tools)
    config.add_tween("warehouse.web.edge.edge", over=EXCVIEW)
    config.add_tween("warehouse.web.request.transaction", under=EXCVIEW)
    config.add_view_deriver(gate)
    for name, pattern in routes.ROUTES.items():
        config.add_route(name, pattern)
    config.scan("warehouse.web", ignore=["warehouse.web.app"])
    return config


def finished(config: Configurator) -> WSGIApplication:
    """The application that was configured."""
    application = config.make_wsgi_app()
    config.registry.methods = refusals.methods_by_route(config.introspector)
    return by_path(application)
