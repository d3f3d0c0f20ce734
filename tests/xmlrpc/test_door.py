"""How calls come in: who may call, how often, and what becomes of what is no call."""

from __future__ import annotations

import gzip
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.builders import wheel
from tests.index import basic
from tests.web.client import Client
from tests.xmlrpc.conftest import Caller, returned
from warehouse.api.xmlrpc import XmlRpc
from warehouse.infra.db import Database
from warehouse.settings import Rate
from warehouse.sources.mirrors import MirrorSource

LAST_SERIAL = b"<methodCall><methodName>changelog_last_serial</methodName></methodCall>"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
def test_what_is_not_posted_is_no_call(call, method):
    got = call.ask(method)
    assert got.status == 200
    assert b"<int>-32500</int>" in got.body
    assert b"<string>application error</string>" in got.body
    assert got.headers["cache-control"] == "no-store"  # or a cache might give it to who asks for the page


def test_the_head_of_what_is_no_call_has_no_body(call):
    got = call.ask("HEAD")
    assert (got.status, got.body) == (200, b"")
    assert int(got.headers["content-length"]) > 100


def test_what_cannot_be_read_is_told_as_a_fault(call):
    got = call.post(b"<methodCall><methodName>browse</methodName>")
    assert got.status == 200
    assert b"<int>-32700</int>" in got.body
    assert b"<string>parse error; no element found" in got.body


def test_a_document_type_is_refused_before_it_means_anything(call):
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><methodCall><methodName>&l11;</methodName></methodCall>'
    assert b"<string>parse error; a call needs no document type</string>" in call.post(body.encode()).body


def test_a_call_that_is_too_long_is_refused(call):
    got = call.post(LAST_SERIAL + b" " * 64 * 1024)
    assert (got.status, got.body) == (413, b"The call is larger than 65536 bytes.\n")
    assert call.post(LAST_SERIAL + b" " * (64 * 1024 - len(LAST_SERIAL))).status == 200


def test_a_body_without_a_known_end_is_no_call(call):
    got = call.post(LAST_SERIAL, CONTENT_LENGTH="")
    assert b"<int>-32700</int>" in got.body
    assert returned(call.post(LAST_SERIAL, CONTENT_LENGTH="", **{"wsgi.input_terminated": True})) is None


def test_answers_are_compressed_for_those_who_take_that(index, call):
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    for method in ("changelog_last_serial", "list_packages_with_serial"):
        body = f"<methodCall><methodName>{method}</methodName></methodCall>".encode()
        plain, packed = call.post(body), call.post(body, HTTP_ACCEPT_ENCODING="gzip, deflate, zstd")
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert call.post(body, HTTP_ACCEPT_ENCODING="gzip;q=0").headers.get("content-encoding") is None


# The limit


@pytest.fixture
def limited(tools) -> Caller:
    """Three calls an hour."""
    return Caller(tools, WAREHOUSE_LIMITS__XMLRPC_PER_ADDRESS="3 per hour")


def test_an_address_may_call_3600_times_an_hour(tools):
    assert tools.settings.limits.xmlrpc_per_address == Rate(3600, timedelta(hours=1))


def test_whoever_calls_too_often_is_told_when_to_come_back(limited):
    for left in (2, 1, 0):
        got = limited.post(LAST_SERIAL)
        assert returned(got) is None
        assert got.headers["ratelimit-policy"] == '"xmlrpc.client";q=3;w=3600;pk=:ip:'
        assert got.headers["ratelimit"].startswith(f'"xmlrpc.client";r={left};t=')
    got = limited.post(LAST_SERIAL)
    assert got.headers["ratelimit"].startswith('"xmlrpc.client";r=0;t=')
    code, said = limited.fault("changelog_last_serial")
    assert code == -32500
    assert said.startswith("HTTPTooManyRequests: Too many calls from this address. The limit will reset in ")
    assert 1 <= int(said.split()[-2]) <= 3600
    assert returned(limited.post(LAST_SERIAL, REMOTE_ADDR="192.0.2.9")) is None


@pytest.mark.parametrize(
    "body",
    [
        b"nothing that can be read",
        b"<methodCall><methodName>no_such_method</methodName></methodCall>",
        b"<methodCall><methodName>changelog_since_serial</methodName></methodCall>",
        b"<methodCall><methodName>list_packages</methodName></methodCall>",
        b" " * 70_000,
    ],
)
def test_every_call_counts_whatever_becomes_of_it(limited, body):
    for _ in range(3):
        limited.post(body)
    assert limited.fault("changelog_last_serial")[1].startswith("HTTPTooManyRequests")


def test_calls_that_are_refused_count_too(limited, tools):
    for _ in range(7):
        limited.post(LAST_SERIAL)
    with tools.database.session() as db:
        assert db.scalar(text("SELECT count FROM rate_windows WHERE key = 'xmlrpc.client:192.0.2.1'")) == 7


def test_a_network_of_ipv6_is_one_client(limited):
    for host in ("1", "2", "ffff:1"):
        assert returned(limited.post(LAST_SERIAL, REMOTE_ADDR=f"2001:db8:1:2::{host}")) is None
    said = limited.fault("changelog_last_serial", REMOTE_ADDR="2001:db8:1:2::4")[1]
    assert said.startswith("HTTPTooManyRequests")
    assert returned(limited.post(LAST_SERIAL, REMOTE_ADDR="2001:db8:1:3::1")) is None


def test_without_a_limit_nothing_is_counted(tools):
    got = Caller(tools, WAREHOUSE_LIMITS__XMLRPC_PER_ADDRESS="none").post(LAST_SERIAL)
    assert "ratelimit" not in got.headers
    with tools.database.session() as db:
        assert db.scalar(text("SELECT count(*) FROM rate_windows")) == 0


# Who may


def test_where_only_members_read_a_call_needs_a_token(index, tools):
    private = Caller(tools, WAREHOUSE_ACCESS__READ="signed_in")
    got = private.post(LAST_SERIAL)
    assert got.status == 401
    assert got.headers["www-authenticate"].startswith("Basic ")
    assert private.post(LAST_SERIAL, HTTP_AUTHORIZATION=basic("__token__", "pypi-forged")).status == 401
    token = index.token(index.user("ada"))
    assert returned(private.post(LAST_SERIAL, HTTP_AUTHORIZATION=basic("__token__", token))) is None


# When something is wrong


def test_without_a_database_a_call_is_answered_with_503(tools):
    away = Database("postgresql://nobody@127.0.0.1:1/nowhere")
    got = Client(XmlRpc(replace(tools, database=away))).post("/pypi", LAST_SERIAL, CONTENT_TYPE="text/xml")
    assert got.status == 503
    assert got.headers["retry-after"]
    assert got.body == b"The index cannot reach its database. Try again in a moment.\n"


def test_a_bug_is_told_as_a_fault_and_logged(call, monkeypatch, caplog):
    monkeypatch.setattr(MirrorSource, "last_serial", lambda self: 1 / 0)
    with caplog.at_level(logging.ERROR):
        assert call.fault("changelog_last_serial") == (-32500, "application error")
    assert "ZeroDivisionError" in caplog.text
