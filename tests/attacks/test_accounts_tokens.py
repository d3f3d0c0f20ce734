"""Tokens that are bent, and secrets that are taken for what they are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.attacks.accounts import signed_in, state, victim, with_settings
from tests.builders import wheel
from tests.index import Index
from tests.web.browser import Browser
from tests.web.client import Client
from warehouse.operations import links
from warehouse.operations.links import Purpose
from warehouse.standards import macaroons
from warehouse.standards.macaroons import Macaroon
from warehouse.web.app import make_web_app
from warehouse.work import Tools


@pytest.fixture
def index(tools: Tools) -> Index:
    return Index(with_settings(tools))


@pytest.fixture
def tokens(index: Index) -> tuple[Macaroon, Macaroon]:
    """One for the first of ada's two projects, and one for everything of mallory's."""
    ada, mallory = index.user("ada", verified=True), index.user("mallory", verified=True)
    for project, owner in (("demo", ada), ("other", ada), ("mine", mallory)):
        assert index.upload(wheel(project, "1.0"), by=owner).status == 200
    return macaroons.from_token(index.token(ada, "demo")), macaroons.from_token(index.token(mallory))


def bent(narrow: Macaroon, theirs: Macaroon) -> dict[str, Macaroon]:
    """What somebody with both tokens may make of them to reach the other project."""
    wider = b'[1,["other"]]'
    return {
        "without its limits": replace(narrow, caveats=()),
        "without its last limit": replace(narrow, caveats=narrow.caveats[:-1]),
        "with its limits in another order": replace(narrow, caveats=narrow.caveats[::-1]),
        "with a limit exchanged": replace(narrow, caveats=(wider, *narrow.caveats[1:])),
        "with a wider limit added": narrow.narrowed(wider),
        "with the limit of the old form that allows all": narrow.narrowed(b'{"version":1,"permissions":"user"}'),
        "with an empty limit": narrow.narrowed(b"[]"),
        "with a limit of a kind that nobody knows": narrow.narrowed(b"[99]"),
        "with the other's signature": replace(narrow, caveats=theirs.caveats, signature=theirs.signature),
        "with the other's name": replace(theirs, identifier=narrow.identifier),
        "with no signature": replace(narrow, caveats=(), signature=bytes(32)),
    }


def test_no_bent_token_reaches_further(index: Index, tokens: tuple[Macaroon, Macaroon]) -> None:
    narrow, theirs = tokens
    before = index.filenames("other")
    assert index.upload(wheel("demo", "1.1"), token=macaroons.to_token(narrow)).status == 200
    for how, macaroon in {"as it is": narrow, "of another": theirs, **bent(narrow, theirs)}.items():
        answer = index.upload(wheel("other", "1.1"), token=macaroons.to_token(macaroon))
        assert answer.status == 403, how
    assert index.filenames("other") == before


def test_a_token_opens_no_page(index: Index, tokens: tuple[Macaroon, Macaroon]) -> None:
    token = macaroons.to_token(tokens[1])
    browser = Browser(Client(make_web_app(index.tools)))
    for headers in (
        {"HTTP_AUTHORIZATION": f"Bearer {token}"},
        {"HTTP_AUTHORIZATION": f"token {token}"},
        {"HTTP_COOKIE": f"session_id={token}"},
    ):
        assert browser.get("/manage/account/", **headers).leads_to.startswith("/account/login/")


def test_what_signs_in_is_no_token_and_what_was_signed_is_neither(tools: Tools) -> None:
    tools = with_settings(tools)
    user = victim(tools, secured=False)
    index = Index(tools)
    session = signed_in(tools, user).cookies["session_id"]
    signed = links.sign(tools.secret, Purpose.REMEMBER_DEVICE, user=user)
    before = state(tools)
    for secret in (session, f"pypi-{session}", signed, f"pypi-{signed}"):
        assert index.upload(wheel("demo"), token=secret).status == 403
        stranger = Browser(Client(make_web_app(tools)))
        stranger.cookies["session_id"] = secret if secret != session else secret[::-1]
        assert stranger.get("/manage/account/").status == 303
    assert state(tools) == before
