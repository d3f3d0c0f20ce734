"""Every setting of an index (`table`), how it is written, read from the file and the environment, and shown again."""

from warehouse.settings.load import BadSettings, load_settings
from warehouse.settings.show import Line, show_default, where
from warehouse.settings.table import FIELDS, PROFILES, Settings, variable
from warehouse.settings.written import Listen, Rate, show_duration, show_size

__all__ = [
    "FIELDS",
    "PROFILES",
    "BadSettings",
    "Line",
    "Listen",
    "Rate",
    "Settings",
    "load_settings",
    "show_default",
    "show_duration",
    "show_size",
    "variable",
    "where",
]
