"""Images are kept on disk, the newest of them."""

from __future__ import annotations

import os

from tests.images.pictures import GIF, PNG
from warehouse.infra.images import ImageStore


def test_an_image_is_found_by_its_address(tmp_path):
    store = ImageStore(tmp_path / "images", 10_000)
    assert store.get("https://example.com/a") is None
    store.put("https://example.com/a", PNG)
    store.put("https://example.com/a", GIF)
    store.put("https://example.com/\ud800", PNG)
    kept = ImageStore(tmp_path / "images", 10_000).get("https://example.com/a")
    assert kept is not None
    assert (kept.kind, kept.size) == ("image/gif", len(GIF)) and 0 <= kept.age < 60
    assert store.get("https://example.com/b") is None


def test_the_oldest_go_when_there_are_too_many(tmp_path):
    store = ImageStore(tmp_path, len(PNG) * 10)
    for number in range(10):
        store.put(str(number), PNG)
        kept = store.get(str(number))
        assert kept is not None
        os.utime(kept.path, (number, number))
    store.put("10", PNG)
    there = [number for number in range(11) if store.get(str(number)) is not None]
    assert there == list(range(2, 11))
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]
