"""A served index keeps its search index: new files are found at once, and whoever is killed is replaced."""

import os
import signal

import pytest

from tests.builders import wheel
from tests.served import eventually, served
from warehouse.errors import Unavailable
from warehouse.infra.search import Asked, EmbeddedSearch

pytestmark = pytest.mark.slow


def found(index, text):
    try:
        return [hit.name for hit in EmbeddedSearch(index.data / "search").search(Asked(text)).hits]
    except Unavailable:
        return []


def test_what_is_uploaded_is_found_while_processes_are_killed_and_the_index_is_made_anew(tmp_path):
    with served(tmp_path) as index:
        index.publish(wheel("first", "1.0"))
        eventually(lambda: found(index, "first") == ["first"])
        for number in range(5):
            index.publish(wheel(f"demo{number}", "1.0", summary="Boils eggs"))
            eventually(lambda name=f"demo{number}": name in found(index, name))
        [keeper] = index.role("search")
        os.kill(keeper, signal.SIGKILL)
        index.publish(wheel("after", "1.0"))
        eventually(lambda: found(index, "after") == ["after"])
        assert "7 projects can be found" in index.run("search", "rebuild").stdout
        assert "the newest" in index.run("search", "status").stdout
        index.publish(wheel("later", "1.0"))
        eventually(lambda: found(index, "later") == ["later"])
        assert len(found(index, "boil eggs")) == 5
