"""OSV posts reports, signed; each is looked into by a job."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.contracts.web_service import WebService, web_service
from tests.web.client import Got, site
from warehouse.web.callbacks import vulnerabilities

PATH = "/_/vulnerabilities/osv/report"
KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture
def service() -> Iterator[WebService]:
    vulnerabilities._opened.cache_clear()
    with web_service() as running:
        running.body = orjson.dumps({"public_keys": [{"key_identifier": "7", "key": PEM, "is_current": True}]})
        yield running


@pytest.fixture
def web(tools, service):
    return site(tools, WAREHOUSE_ADVISORIES__OSV_KEYS_URL=f"{service.url}/keys")


def post(web, body: bytes, *, signed: bytes | None = None, **changes: str) -> Got:
    signature = base64.b64encode(KEY.sign(signed or body, ec.ECDSA(SHA256()))).decode()
    headers = {"HTTP_VULN_PUBLIC_KEY_IDENTIFIER": "7", "HTTP_VULN_PUBLIC_KEY_SIGNATURE": signature, **changes}
    return web.ask("POST", PATH, body, **{"CONTENT_TYPE": "application/json", **headers})


def queued(index) -> list[dict[str, object]]:
    with index.work() as work:
        rows = work.db.connection().exec_driver_sql(
            "SELECT args->'report' FROM procrastinate_jobs WHERE task_name = 'take_osv_report' ORDER BY id"
        )
        return [report for (report,) in rows]


def test_each_report_is_a_job_and_keys_are_kept(index, web, service):
    reports = [{"project": "demo", "id": "A-1"}, 7, {"project": "other"}]
    for _ in range(2):
        got = post(web, orjson.dumps(reports))
        assert (got.status, got.body) == (204, b"")
    assert queued(index) == 2 * [reports[0], reports[2]]
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (b"[]", {"signed": b"[{}]"}),
        (b"[]", {"HTTP_VULN_PUBLIC_KEY_IDENTIFIER": "8"}),
        (b"[]", {"HTTP_VULN_PUBLIC_KEY_SIGNATURE": "!"}),
        (b"{}", {}),
        (b"[", {}),
        (b"[" + b"7," * 1000 + b"7]", {}),
    ],
)
def test_what_osv_did_not_sign_or_is_no_list_is_refused(index, web, body, changes):
    assert post(web, body, **changes).status == 400
    assert queued(index) == []


def test_whoever_signs_nothing_finds_nothing(index, web, tools):
    assert web.ask("POST", PATH, b"[]").status == 404
    assert post(site(tools), b"[]").status == 404
    assert queued(index) == []


def test_without_the_keys_it_is_to_be_tried_again(web, service):
    service.status = 500
    assert post(web, b"[]").status == 503
