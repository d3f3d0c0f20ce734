"""Blobs in an object store: servers that are down, silent or forgetful, interrupted uploads, and signed addresses."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import boto3
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.contracts import s3_server
from tests.contracts.s3_server import BUCKET, S3Server
from warehouse.infra.blobs import (
    BlobDamaged,
    BlobStore,
    BlobStoreUnavailable,
    RemoteBlobs,
    RemoteOptions,
    digest_of,
    key_of,
    open_blobs,
)
from warehouse.infra.blobs.presign import signer_for

LARGE = bytes(range(256)) * 4096 * 12  # 12 MiB: more than two parts of a multipart upload


@pytest.fixture(params=["moto", pytest.param("swift", marks=pytest.mark.slow)])
def server(request: pytest.FixtureRequest) -> S3Server:
    return request.getfixturevalue(request.param)


def remote(server: S3Server, spool: Path, bucket: str = BUCKET, limit: timedelta = timedelta(seconds=5)) -> RemoteBlobs:
    """A store in a corner of its own of the server's bucket."""
    options = RemoteOptions(spool=spool, config=server.config, timeout=limit, stall_timeout=limit)
    return RemoteBlobs(f"s3://{bucket}/{uuid4().hex}", options)


def spooled(blobs: BlobStore, data: bytes) -> Path:
    path = blobs.temporary()
    path.write_bytes(data)
    return path


def address_of(blobs: RemoteBlobs, key: str) -> str:
    """Where the object is, without a signature."""
    signed = blobs.url(key, expires=timedelta(minutes=1), filename="a", content_type="text/plain")
    return urlsplit(signed).path


def write_object(server: S3Server, path: str, data: bytes) -> None:
    """Somebody else writes to the bucket."""
    _, bucket, name = path.split("/", 2)
    boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name=server.region,
        aws_access_key_id=server.access_key_id,
        aws_secret_access_key=server.secret_access_key,
    ).put_object(Bucket=bucket, Key=name, Body=data)


def every_call(blobs: BlobStore) -> dict[str, Callable[[], object]]:
    small, large = spooled(blobs, b"x"), spooled(blobs, LARGE)
    return {
        "put": lambda: blobs.put(key_of(b"x"), small, size=1),
        "put in parts": lambda: blobs.put(key_of(LARGE), large, size=len(LARGE)),
        "put_bytes": lambda: blobs.put_bytes(key_of(b"x"), b"x"),
        "open": lambda: blobs.open(key_of(b"x")),
        "open a range": lambda: blobs.open(key_of(b"x"), 0, 1),
        "read": lambda: blobs.read(key_of(b"x"), limit=10),
        "stat": lambda: blobs.stat(key_of(b"x")),
        "delete": lambda: blobs.delete(key_of(b"x")),
        "keys": lambda: list(blobs.keys()),
    }


CALLS = ["put", "put in parts", "put_bytes", "open", "open a range", "read", "stat", "delete", "keys"]


@pytest.mark.parametrize("call", CALLS)
def test_a_server_that_is_down_is_said_to_be_within_five_seconds(tmp_path: Path, call: str) -> None:
    blobs = remote(S3Server(f"http://127.0.0.1:{s3_server.free_port()}"), tmp_path)
    ask = every_call(blobs)[call]
    began = time.monotonic()
    with pytest.raises(BlobStoreUnavailable) as refused:
        ask()
    assert time.monotonic() - began < 5
    assert refused.value.status == 503


@pytest.mark.parametrize("call", CALLS)
def test_a_server_that_says_nothing_is_given_up_within_the_limits(tmp_path: Path, call: str) -> None:
    with s3_server.silent() as server:
        blobs = remote(server, tmp_path, limit=timedelta(seconds=1))
        ask = every_call(blobs)[call]
        began = time.monotonic()
        with pytest.raises(BlobStoreUnavailable):
            ask()
    assert time.monotonic() - began < 5


def test_a_bucket_that_does_not_exist_is_a_store_that_is_unavailable(server: S3Server, tmp_path: Path) -> None:
    blobs = remote(server, tmp_path, bucket="no-such-bucket")
    for name, ask in every_call(blobs).items():
        if name in ("stat", "open a range"):  # HEAD answers 404 without saying what is missing
            continue
        with pytest.raises(BlobStoreUnavailable):
            ask()


def test_a_failed_put_keeps_the_upload_so_that_it_can_be_tried_again(server: S3Server, tmp_path: Path) -> None:
    away = remote(S3Server(f"http://127.0.0.1:{s3_server.free_port()}"), tmp_path)
    path = spooled(away, LARGE)
    with pytest.raises(BlobStoreUnavailable):
        away.put(key_of(LARGE), path, size=len(LARGE))
    back = remote(server, tmp_path)
    back.put(key_of(LARGE), path, size=len(LARGE))
    assert digest_of(back, key_of(LARGE)) == key_of(LARGE)


@pytest.mark.parametrize("size", [1000, len(LARGE)])
def test_a_file_that_is_not_the_content_of_its_key_never_becomes_visible(
    server: S3Server, tmp_path: Path, size: int
) -> None:
    blobs = remote(server, tmp_path)
    right = LARGE[:size]
    wrong = right[:-1] + b"!"
    with pytest.raises(BlobDamaged):
        blobs.put(key_of(right), spooled(blobs, wrong), size=size)
    assert blobs.stat(key_of(right)) is None


def test_a_store_that_keeps_less_than_it_was_sent_is_found_out(tmp_path: Path) -> None:
    with s3_server.forgetful() as server:
        blobs = remote(server, tmp_path)
        with pytest.raises(BlobDamaged, match="kept 99999 of the 100000 bytes"):
            blobs.put(key_of(LARGE[:100_000]), spooled(blobs, LARGE[:100_000]), size=100_000)


def test_a_download_that_breaks_off_does_not_end_as_if_whole(tmp_path: Path) -> None:
    with s3_server.forgetful() as server:
        blobs = remote(server, tmp_path, limit=timedelta(seconds=1))
        with pytest.raises(BlobDamaged):
            blobs.put_bytes(key_of(LARGE), LARGE)
        received = []
        with pytest.raises((BlobStoreUnavailable, BlobDamaged)):
            for chunk in blobs.open(key_of(LARGE)):
                received.append(chunk)
        assert sum(map(len, received)) < len(LARGE)


def test_an_object_that_was_cut_in_the_bucket_has_another_digest(server: S3Server, tmp_path: Path) -> None:
    blobs = remote(server, tmp_path)
    blobs.put_bytes(key_of(b"whole"), b"whole")
    write_object(server, address_of(blobs, key_of(b"whole")), b"who")
    assert digest_of(blobs, key_of(b"whole")) == key_of(b"who")
    found = blobs.stat(key_of(b"whole"))
    assert found is not None
    assert found.size == 3


def test_objects_of_others_in_the_bucket_are_not_listed(server: S3Server, tmp_path: Path) -> None:
    blobs = remote(server, tmp_path)
    blobs.put_bytes(key_of(b"ours"), b"ours")
    write_object(server, f"{address_of(blobs, key_of(b'ours'))}.sig", b"theirs")
    everything = blobs.keys()
    assert [blob.key for blob in everything] == [key_of(b"ours")]


def test_an_upload_killed_on_its_way_is_not_visible(server: S3Server, tmp_path: Path) -> None:
    content = LARGE * 6
    outcomes = set()
    for milliseconds in (30, 100, 200):
        place, options = f"s3://{BUCKET}/{uuid4().hex}", {"spool": str(tmp_path), "config": server.config}
        path = tmp_path / "upload"
        path.write_bytes(content)
        with subprocess.Popen(
            [sys.executable, "-m", "tests.contracts.blob_process", "put", place, json.dumps(options), str(path)],
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            key = json.loads(process.stdout.readline())["key"]
            time.sleep(milliseconds / 1000)
            process.kill()
            came_through = b"done" in process.stdout.read()
        blobs = open_blobs(place, RemoteOptions(spool=tmp_path, config=server.config))
        visible = blobs.stat(key) is not None
        assert visible or not came_through
        assert not visible or digest_of(blobs, key) == key
        outcomes.add(visible)
    assert False in outcomes


def test_a_large_file_does_not_grow_the_process(server: S3Server, tmp_path: Path) -> None:
    options = {"spool": str(tmp_path), "config": server.config}
    told = json.loads(
        subprocess.check_output(
            [
                *(sys.executable, "-m", "tests.contracts.blob_process", "weighed"),
                *(f"s3://{BUCKET}/{uuid4().hex}", json.dumps(options)),
            ]
        )
    )
    assert told["same"]
    assert told["size"] > 300_000_000
    assert told["grown"] < 60_000_000


def test_a_signed_address_gives_the_blob_with_its_name_and_type(server: S3Server, tmp_path: Path) -> None:
    blobs = remote(server, tmp_path)
    blobs.put_bytes(key_of(b"wheel"), b"wheel")
    url = blobs.url(
        key_of(b"wheel"), expires=timedelta(minutes=1), filename="demo-1.0+x-py3-none-any.whl", content_type="a/b"
    )
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"wheel"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="demo-1.0+x-py3-none-any.whl"'
        assert answer.headers["Content-Type"] == "a/b"


@pytest.mark.slow
def test_a_signed_address_that_was_changed_is_refused(swift: S3Server, tmp_path: Path) -> None:
    blobs = remote(swift, tmp_path)
    blobs.put_bytes(key_of(b"wheel"), b"wheel")
    url = blobs.url(key_of(b"wheel"), expires=timedelta(minutes=1), filename="demo.whl", content_type="a/b")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url.replace("demo.whl", "evil.exe"))
    assert refused.value.code == 403
    refused.value.close()


@pytest.mark.parametrize("token", [None, "session/token+with=signs"])
@pytest.mark.parametrize("filename", ["demo-1.0.tar.gz", 'de mo"; x=\r\n.zip', "dêmo~1!.whl"])
@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:9000", "https://files.example.org/s3/"])
def test_addresses_are_signed_as_amazons_own_library_signs_them(
    endpoint: str | None, filename: str, token: str | None
) -> None:
    config = {"region": "eu-central-1", "access_key_id": "AKIDEXAMPLE", "secret_access_key": "wJalrXUtnFEMI/K7MDENG+b"}
    config |= {"endpoint": endpoint} if endpoint else {}
    config |= {"session_token": token} if token else {}
    signer = signer_for("s3://bucket/some/prefix", config)
    assert signer is not None
    now = datetime.now(UTC)
    url = signer.url("aa/bb/cc", expires=timedelta(hours=1), filename=filename, content_type="a/b; c=d", now=now)
    assert "\r" not in url
    said = parse_qs(urlsplit(url).query, strict_parsing=True)
    theirs = AWSRequest(
        method="GET",
        url=url.partition("?")[0],
        params={name: said[name][0] for name in ("response-content-disposition", "response-content-type")},
    )
    theirs.context["timestamp"] = said["X-Amz-Date"][0]
    auth = S3SigV4QueryAuth(
        Credentials(config["access_key_id"], config["secret_access_key"], token), "s3", config["region"], expires=3600
    )
    theirs_url = _signed_at(auth, theirs, said["X-Amz-Date"][0])
    assert parse_qs(urlsplit(theirs_url).query) == said


def _signed_at(auth: S3SigV4QueryAuth, request: AWSRequest, moment: str) -> str:
    """What botocore signs in the same second as we did."""
    auth.add_auth(request)
    if request.context["timestamp"] != moment:
        pytest.skip("The second passed between the two signatures.")
    return request.prepare().url


@pytest.mark.parametrize("expires", [timedelta(0), timedelta(seconds=-1), timedelta(days=8)])
def test_an_address_for_longer_than_the_provider_allows_is_refused(expires: timedelta) -> None:
    signer = signer_for("s3://b/p", {"region": "r", "access_key_id": "k", "secret_access_key": "s"})
    assert signer is not None
    with pytest.raises(ValueError, match="seven days"):
        signer.url("a", expires=expires, filename="a", content_type="a/b")


def test_secrets_do_not_show_in_what_is_printed() -> None:
    config = {"region": "r", "access_key_id": "k", "secret_access_key": "hush", "session_token": "quiet"}
    shown = repr(signer_for("s3://b/p", config)) + repr(RemoteOptions(spool=Path("/tmp"), config=config))
    assert "hush" not in shown
    assert "quiet" not in shown


def test_an_azure_container_is_addressed_with_a_shared_access_signature(tmp_path: Path) -> None:
    config = {"account_name": "account", "account_key": "c2VjcmV0LWtleS1vZi10aGUtYWNjb3VudA=="}
    blobs = open_blobs("az://container/prefix", RemoteOptions(spool=tmp_path, config=config))
    key = key_of(b"x")
    url = blobs.url(key, expires=timedelta(minutes=5), filename="a", content_type="a/b")
    assert url is not None
    assert urlsplit(url).hostname == "account.blob.core.windows.net"
    assert urlsplit(url).path == f"/container/prefix/{key[:2]}/{key[2:]}"
    assert parse_qs(urlsplit(url).query)["sp"] == ["r"]
    assert "sig" in parse_qs(urlsplit(url).query)


def test_a_remote_place_needs_options() -> None:
    with pytest.raises(ValueError, match="needs options"):
        open_blobs("s3://bucket/prefix")
