"""Methods that were answered once: what each says now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from warehouse.api.xmlrpc.arguments import ANYTHING, BOOLEAN, NUMBER, NUMBER_OR_NIL, SEARCH, TEXT, Parameter


@dataclass(frozen=True, slots=True)
class Retired:
    """A method that ends in a fault, whose text begins with the name of an exception."""

    parameters: tuple[Parameter, ...]
    exception: str
    sentence: str


_NAME = Parameter("package_name", TEXT)
_VERSION = Parameter("version", TEXT)
_OF_A_PROJECT = "Read the project's page in the simple API instead: /simple/<project>/, as HTML or JSON."
_OF_A_RELEASE = "Read the JSON API instead: /pypi/<project>/<version>/json."
_ALL = "Read the list of all projects in the simple API instead: /simple/, as HTML or JSON."

RETIRED: Mapping[str, Retired] = {
    "system.multicall": Retired(
        (Parameter("args", ANYTHING),), "ValueError", "Several calls in one are not answered. Send one after the other."
    ),
    "changelog": Retired(
        (Parameter("since", NUMBER), Parameter("with_ids", BOOLEAN, is_optional=True)),
        "ValueError",
        "Changes are not found by time any more. Call changelog_since_serial instead.",
    ),
    "list_packages": Retired((), "RuntimeError", _ALL),
    "search": Retired(
        (Parameter("spec", SEARCH), Parameter("operator", TEXT, is_optional=True)),
        "RuntimeError",
        "Nothing is searched for by XML-RPC any more. Search with a browser, or in the list of all projects: /simple/.",
    ),
    "top_packages": Retired(
        (Parameter("num", NUMBER_OR_NIL, is_optional=True),),
        "RuntimeError",
        "Downloads are not counted here. The JSON of /stats/ lists the largest projects.",
    ),
    "package_releases": Retired(
        (_NAME, Parameter("show_hidden", BOOLEAN, is_optional=True)), "RuntimeError", _OF_A_PROJECT
    ),
    "package_data": Retired((_NAME, _VERSION), "RuntimeError", _OF_A_RELEASE),
    "package_urls": Retired((_NAME, _VERSION), "RuntimeError", _OF_A_RELEASE),
    "release_data": Retired((_NAME, _VERSION), "RuntimeError", _OF_A_RELEASE),
    "release_urls": Retired((_NAME, _VERSION), "RuntimeError", _OF_A_RELEASE),
}
