"""How much a browser has to fetch before the site is whole."""

from __future__ import annotations

import gzip

from warehouse.web.assets import Assets

ALL = 50_000  # bytes, compressed: the style sheet and every script together
STYLES = 24_000


def test_styles_and_scripts_are_small() -> None:
    assets = Assets.build()
    scripts = sum(len(asset.gzipped) for asset in assets.scripts.values())
    assert len(assets.stylesheet.gzipped) <= STYLES
    assert len(assets.stylesheet.gzipped) + scripts <= ALL


def test_what_is_sent_is_what_was_compressed() -> None:
    sheet = Assets.build().stylesheet
    assert gzip.decompress(sheet.gzipped) == sheet.plain
