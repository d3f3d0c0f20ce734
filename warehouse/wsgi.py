"""``warehouse.wsgi:application``: the same index for another WSGI server, one process at a time.

The database must be running already: ``DATABASE_URL``, or the embedded one of a running ``warehouse`` command.
"""

from warehouse.application import Application
from warehouse.infra import log, migrations
from warehouse.server.bridge import wsgi_application
from warehouse.toolbox import open_tools

_application = Application()
_settings = _application.settings
log.configure(_settings.logs.level, _settings.logs.format)
_database = _application.database_url(lease=True)
_tools = open_tools(_settings, _database.__enter__())
migrations.migrate(_tools.database)

application = wsgi_application(_application.site(_tools))
