"""The style sheet, the icon, and what every page has in common."""

from __future__ import annotations

import gzip
import re
from itertools import product
from pathlib import Path

import pytest

import warehouse.web
from tests.web.client import Client, site
from warehouse.web.assets import Assets
from warehouse.work import Tools

FOLDER = Path(warehouse.web.__file__).parent
TOKENS = (FOLDER / "layout" / "tokens.css").read_text()
COLOURS = {
    name: (light, dark) for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", TOKENS)
}
SURFACES = ("surface", "surface-1", "surface-2")


def luminance(colour: str) -> float:
    """WCAG 2.2: the relative brightness of a colour."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


TEXT_ON_SURFACE = [*product(("ink", "ink-2", "accent", "danger-ink"), SURFACES)]
TEXT_ON_SURFACE += [("ink", "warning-surface"), ("on-brand", "brand"), ("on-brand", "brand-strong")]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "surface"), TEXT_ON_SURFACE)
def test_text_is_readable_on_what_it_stands_on(scheme: int, text: str, surface: str) -> None:
    """WCAG 2.2, 1.4.3: "a contrast ratio of at least 4.5:1"."""
    assert contrast(COLOURS[text][scheme], COLOURS[surface][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("surface", SURFACES)
def test_the_edge_of_a_field_can_be_seen(scheme: int, surface: str) -> None:
    """WCAG 2.2, 1.4.11: "a contrast ratio of at least 3:1 against adjacent color(s)"."""
    assert contrast(COLOURS["control-edge"][scheme], COLOURS[surface][scheme]) >= 3


def test_every_custom_property_that_is_used_is_defined() -> None:
    rules = Assets.build().stylesheet.plain.decode()
    used = set(re.findall(r"var\((--[\w-]+)\)", rules))
    assert used <= set(re.findall(r"(--[\w-]+):", rules))


def test_every_rule_is_in_a_layer_and_none_is_important() -> None:
    for file in [*FOLDER.rglob("*.css")]:
        source = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL).strip()
        assert re.match(r"@layer \w+ \{", source), file
        assert "!important" not in source


def test_the_style_sheet_is_kept_forever_under_the_name_of_its_content(web: Client) -> None:
    (path,) = [
        element.attributes["href"]
        for element in web.get("/").page.all("link")
        if element.attributes["rel"] == "stylesheet"
    ]
    assert path is not None
    plain, zipped = web.get(path), web.get(path, HTTP_ACCEPT_ENCODING="gzip, br")
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["content-type"] == "text/css; charset=UTF-8"
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert plain.headers["vary"] == zipped.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(zipped.body) == plain.body
    assert "content-encoding" not in web.get(path, HTTP_ACCEPT_ENCODING="gzip;q=0").headers


def test_a_page_of_another_version_gets_the_style_sheet_of_this_one(web: Client) -> None:
    got = web.get("/static/0123456789abcdef/site.css")
    assert (got.status, got.headers["cache-control"]) == (302, "no-store")
    assert got.headers["location"].endswith(Assets.build().stylesheet.path)


def test_the_icon_is_an_icon(web: Client) -> None:
    got = web.get("/favicon.ico")
    assert got.headers["content-type"] == "image/vnd.microsoft.icon"
    assert got.body[:6] == b"\x00\x00\x01\x00\x01\x00"
    assert got.body[22:30] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(got.body[14:18], "little") == len(got.body) - 22


def test_every_page_has_one_heading_landmarks_and_nothing_that_the_policy_forbids(
    tools: Tools, setup_path: str
) -> None:
    web = site(tools)
    form = {"username": "ada", "email": "a@example.com", "password": "correct horse", "password_again": "correct horse"}
    pages = [
        web.get("/").page,
        web.get("/legacy/").page,
        web.get("/stats/").page,
        web.get("/nothing").page,
        web.get(setup_path).page,
    ]
    pages += [web.post(setup_path, {**form, "username": ""}).page, web.post(setup_path, form).page]
    pages += [web.get("/").page]
    titles = set()
    for page in pages:
        assert [len(page.all(tag)) for tag in ("h1", "main", "nav", "footer")] == [1, 1, 3, 1]
        assert page.all("html")[0].attributes == {"lang": "en", "dir": "ltr"}
        assert page.all("a")[0].attributes["href"] == "#content"
        assert page.all("style") == page.all("img") == []
        assert all(element.attributes["type"] == "module" and not element.text for element in page.all("script"))
        identifiers = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
        assert len(identifiers) == len(set(identifiers))
        for element in page.elements:
            assert not [name for name in element.attributes if name == "style" or name.startswith("on")]
            for name in ("aria-describedby", "aria-labelledby"):
                assert set((element.attributes.get(name) or "").split()) <= set(identifiers)
        titles.add(page.text("title"))
    assert len(titles) == len(pages) - 1  # each its own; the home page was asked twice
