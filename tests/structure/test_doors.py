"""What every address needs of whoever asks, as a table that people can read: ``doors.txt`` beside this file.

When it differs, read the difference as a stranger would, and write the file anew:
``python -m tests.structure.test_doors > tests/structure/doors.txt``.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from warehouse.settings import load_settings
from warehouse.web.app import configured, finished
from warehouse.web.request import SAFE
from warehouse.web.routes import ROUTES
from warehouse.web.security.gates import Needs

GOLDEN = Path(__file__).with_name("doors.txt")


def doors() -> list[dict[str, Any]]:
    """Every view that stands behind a route, as it was declared."""
    tools: Any = SimpleNamespace(settings=load_settings({}), metrics=SimpleNamespace(), database=None, secret=b"x" * 64)
    config = configured(tools)
    finished(config)
    views = [item["introspectable"] for item in config.introspector.get_category("views") or ()]
    return [view for view in views if view.get("route_name")]


def table() -> str:
    """The whole file."""
    lines = [("ADDRESS", "METHOD", "NEEDS", "PASSWORD TYPED", "FORM")]
    for view in sorted(doors(), key=lambda view: (ROUTES[view["route_name"]], str(view["request_methods"]))):
        method = view["request_methods"] or ("any",)
        methods = " ".join((method,) if isinstance(method, str) else method)
        needs = (view.get("needs") or Needs.NOTHING).name.lower()
        if view.get("reads"):
            needs = "may read"
        form = "" if set(methods.split()) <= SAFE else "ours" if view.get("csrf") is not False else "anybody's"
        lines.append((ROUTES[view["route_name"]], methods, needs, _recent(view.get("recent")), form))
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )


def _recent(recent: timedelta | bool | None) -> str:
    if not recent:
        return "-"
    return f"{int(recent.total_seconds())} s ago" if isinstance(recent, timedelta) else "recently"


def test_who_gets_where_is_what_was_agreed() -> None:
    assert table() == GOLDEN.read_text(), "run: python -m tests.structure.test_doors > tests/structure/doors.txt"


def test_nothing_about_ones_account_is_open_to_strangers() -> None:
    open_doors = {
        view["route_name"] for view in doors() if view["route_name"].startswith("manage.") and not view.get("needs")
    }
    assert open_doors == set()


def test_only_calls_of_other_machines_come_without_a_form_of_ours() -> None:
    machines = {"ses_hook", "leaks", "leaks.former", "vulnerabilities", "publishing.former", "publishing.former.slash"}
    assert {view["route_name"] for view in doors() if view.get("csrf") is False} == machines


if __name__ == "__main__":
    sys.stdout.write(table())
