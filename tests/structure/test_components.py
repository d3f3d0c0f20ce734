"""Every component says what it is for, and is shown on the page of components."""

from __future__ import annotations

import re

from tests.web.client import site
from warehouse.web.assets import FOLDER
from warehouse.web.pages.components.page import described
from warehouse.work import Tools

COMPONENTS = FOLDER / "components"
MACROS = [
    (file, name)
    for file in sorted(COMPONENTS.glob("*.html"))
    for name in re.findall(r"macro (\w+)\(", file.read_text())
]


def test_every_macro_has_a_line_that_says_what_it_is_for() -> None:
    assert {name for _, name in MACROS} - set(described()) == set()


def test_every_component_is_on_the_page_of_components(tools: Tools) -> None:
    got = site(tools, WAREHOUSE_SITE__DEVELOPMENT="true").get("/_/components?scheme=dark&direction=rtl")
    assert got.status == 200
    shown = {element.attributes.get("id") for element in got.page.all("section")}
    assert {name for _, name in MACROS} - shown == set()


def test_nobody_else_finds_that_page(tools: Tools) -> None:
    assert site(tools).get("/_/components").status == 404
