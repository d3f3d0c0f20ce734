"""Puts the web site together from its routes, views and tweens."""

from __future__ import annotations

from pyramid.config import Configurator
from pyramid.tweens import EXCVIEW

from warehouse.web import refusals, routes
from warehouse.web.assets import Stylesheet
from warehouse.web.monitoring.probes import Probes
from warehouse.web.rendering import Templates
from warehouse.web.request import Request, WSGIApplication
from warehouse.work import Tools


def make_web_app(tools: Tools) -> WSGIApplication:
    """The web site on these tools, as a WSGI application (PEP 3333); it may be called from many threads."""
    stylesheet = Stylesheet.build()
    config = Configurator(request_factory=Request)
    config.registry.tools = tools
    config.registry.stylesheet = stylesheet
    config.registry.templates = Templates(tools.settings.site.name, stylesheet.path)
    config.registry.probes = Probes(tools)
    config.add_tween("warehouse.web.edge.edge", over=EXCVIEW)
    config.add_tween("warehouse.web.request.transaction", under=EXCVIEW)
    for name, pattern in routes.ROUTES.items():
        config.add_route(name, pattern)
    config.scan("warehouse.web", ignore=["warehouse.web.app"])
    application = config.make_wsgi_app()
    config.registry.methods = refusals.methods_by_route(config.introspector)
    return application
