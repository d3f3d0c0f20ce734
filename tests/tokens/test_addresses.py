"""The door for scripts stands where the web server looks for it, whoever may read the index."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conftest import CHEAP_PASSWORDS
from tests.upload.attempts import token_of
from tests.web.client import Client
from warehouse.application.serving import Site
from warehouse.settings import load_settings
from warehouse.standards.http import Ask


@pytest.mark.parametrize("read", ["everyone", "signed_in"])
@pytest.mark.parametrize("path", ["/api/tokens/", "/api/tokens", "/api/tokens/current", "/api/tokens/x/y"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_no_other_door_answers_in_its_place(index, path, method, read):
    given = {"WAREHOUSE_DATA": str(index.tools.settings.data), "WAREHOUSE_ACCESS__READ": read}
    tools = replace(index.tools, settings=load_settings({**CHEAP_PASSWORDS, **given}))
    served = Site(tools, index.cache, index.follower)
    ask = Ask(method, path, "", {}, client="192.0.2.1")
    assert served.glance(ask) is None
    assert served.answer(ask) is None
    assert served.receive(ask) is None
    got = Client(served.wsgi).ask(method, path)
    assert got.status in (401, 404, 405)
    assert set(got.json) == {"message", "code"}


def test_a_script_derives_a_token_there(index):
    token = token_of(index, index.user("ada"))
    client = Client(Site(index.tools, index.cache, index.follower).wsgi)
    got = client.ask("POST", "/api/tokens/", b"{}", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert got.status == 201
    assert client.ask("GET", "/api/tokenss/").status == 404
