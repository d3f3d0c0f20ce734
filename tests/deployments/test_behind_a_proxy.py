"""Behind a proxy: whose word on addresses is believed, and nginx as the manual sets it up."""

from __future__ import annotations

import html
import http.client
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.builders import wheel
from tests.contracts.s3_server import free_port
from tests.deployments.deployed import Deployed, deployed
from tests.served import Response, eventually, upload_request

MANUAL = Path(__file__).parents[2] / "docs" / "operating.md"
NGINX = """\
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        {location}
    }}
}}
"""
SAID_BY_A_PROXY = {
    "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "packages.example.org",
}


@pytest.fixture(scope="module")
def index(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """An index that believes proxies on this machine, as it does unless told otherwise."""
    settings = {"DATABASE_URL": database, "WAREHOUSE_WEB__WORKERS": "1", "WAREHOUSE_UPLOAD__MAX_FILE_SIZE": "8 MiB"}
    with deployed(tmp_path_factory.mktemp("behind"), **settings) as index:
        index.publish(wheel("demo", "1.0", files={"noise": os.urandom(3_000_000)}))
        yield index


def send(index: Deployed, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Response:
    return index._exchange(method, path, body, headers, None)


def newest_address(index: Deployed) -> str:
    """The address that the audit trail has for the newest event."""
    with index.tools() as tools, tools.database.session() as db:
        return str(db.scalar(text("SELECT address FROM audit_events ORDER BY id DESC LIMIT 1")))


def test_a_trusted_proxy_says_where_the_client_is_and_what_it_asked_for(index: Deployed) -> None:
    home = send(index, "GET", "/", SAID_BY_A_PROXY).body.decode()
    assert "https://packages.example.org/simple/" in home
    assert index.url not in home
    body, headers = upload_request(wheel("proxied", "1.0"), index.token())
    assert send(index, "POST", "/legacy/", {**headers, **SAID_BY_A_PROXY}, body).status == 200
    assert newest_address(index) == "198.51.100.7"  # what the client wrote before it is not believed


def test_others_are_not_believed(index: Deployed, database: str, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": database, "WAREHOUSE_WEB__TRUSTED_PROXIES": "192.0.2.0/24", **shared_secret(index)}
    with deployed(tmp_path, "web", **settings) as other:
        home = send(other, "GET", "/", SAID_BY_A_PROXY).body.decode()
        assert f"{other.url}/simple/" in home
        assert "packages.example.org" not in home
        body, headers = upload_request(wheel("unproxied", "1.0"), index.token())
        assert send(other, "POST", "/legacy/", {**headers, **SAID_BY_A_PROXY}, body).status == 200
        assert newest_address(other) == "127.0.0.1"


def shared_secret(index: Deployed) -> dict[str, str]:
    return {"WAREHOUSE_SITE__SECRET": (index.data / "secret.key").read_text()}


def test_links_hold_the_addresses_that_are_set(index: Deployed, database: str, tmp_path: Path) -> None:
    site = {"DATABASE_URL": database, "WAREHOUSE_SITE__URL": "https://index.example.org/"}
    with deployed(tmp_path / "site", "web", **site) as other:
        assert other.files("demo")[0]["url"].startswith("https://index.example.org/packages/")
        assert "https://index.example.org/simple/" in send(other, "GET", "/", SAID_BY_A_PROXY).body.decode()
    files = {**site, "WAREHOUSE_SITE__FILES_URL": "https://files.example.org/kept"}
    with deployed(tmp_path / "files", "web", **files) as other:
        assert re.match(r"https://files\.example\.org/kept/../../.{60}/demo-1", other.files("demo")[0]["url"])


# nginx


@contextmanager
def nginx(folder: Path, behind: str) -> Iterator[str]:
    """nginx with what the manual says, in front of the index at ``behind``; its host and port."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed.")
    said = re.search(r"```nginx\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    assert said is not None
    location = said[1].replace("http://127.0.0.1:8080", behind)
    assert location != said[1]
    port = free_port()
    configuration = folder / "nginx.conf"
    user = "user root;\n" if os.geteuid() == 0 else ""
    configuration.write_text(user + NGINX.format(folder=folder, port=port, location=location))
    process = subprocess.Popen([program, "-e", folder / "error.log", "-c", configuration])
    try:
        eventually(lambda: _accepts(port), seconds=10, otherwise=(folder / "error.log").read_text)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def front(index: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of nginx."""
    with nginx(tmp_path_factory.mktemp("nginx"), index.url) as address:
        yield address


def through(front: str, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Response:
    connection = http.client.HTTPConnection(front, timeout=20)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return Response(answer.status, answer.reason, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


def test_nginx_keeps_its_connections_and_all_that_an_answer_says(index: Deployed, front: str) -> None:
    url = index.files("demo")[0]["url"]
    connection = http.client.HTTPConnection(front, timeout=20)
    for path in ("/simple/demo/", url, f"{url}.metadata", "/simple/nothing/", "/simple/demo/"):
        connection.request("GET", path)
        answer = connection.getresponse()
        ours = index.get(path)
        assert (answer.status, answer.reason, answer.read()) == (ours.status, ours.reason, ours.body)
        assert answer.headers["ETag"] == {name.lower(): value for name, value in ours.headers.items()}.get("etag")
        assert not answer.will_close
    connection.close()
    part = through(front, "GET", url, {"Range": "bytes=-7"})
    assert (part.status, part.body) == (206, index.get(url).body[-7:])
    tag = part.headers["etag"]
    assert through(front, "GET", url, {"If-None-Match": tag}).status == 304


def test_nginx_passes_the_reason_of_a_refusal_on(index: Deployed, front: str) -> None:
    """Which upload clients show to people: nginx leaves the reason phrase of HTTP/1.1 as it is."""
    body, headers = upload_request(wheel("demo", "1.0", files={"noise": "another"}), index.token())
    refused = through(front, "POST", "/legacy/", headers, body)
    assert refused.status == 400
    assert refused.reason.startswith("File already exists")
    assert refused.reason in html.unescape(refused.body.decode())


def test_nginx_passes_an_upload_on_while_it_arrives(index: Deployed, front: str) -> None:
    body, headers = upload_request(wheel("streamed", "1.0", files={"noise": os.urandom(5_000_000)}), index.token())
    host, _, port = front.partition(":")
    spooled = set(index.data.joinpath("blobs").rglob("*"))
    with socket.create_connection((host, int(port)), timeout=20) as client:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        client.sendall(f"POST /legacy/ HTTP/1.1\r\nHost: {front}\r\n{head}\r\n".encode() + body[:4_000_000])
        eventually(lambda: arrived(index, spooled) > 2_000_000, seconds=10)
        client.sendall(body[4_000_000:])
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")
    assert len(index.files("streamed")) == 1


def arrived(index: Deployed, before: set[Path]) -> int:
    """Bytes of files that the index has begun since."""
    return sum(path.stat().st_size for path in set(index.data.joinpath("blobs").rglob("*")) - before if path.is_file())


def test_nginx_lets_a_client_read_why_its_upload_is_too_large(index: Deployed, front: str) -> None:
    body, headers = upload_request(wheel("huge", "1.0", files={"noise": os.urandom(9_000_000)}), index.token())
    refused = through(front, "POST", "/legacy/", headers, body)
    assert refused.status == 400
    assert refused.reason.startswith("File too large")
