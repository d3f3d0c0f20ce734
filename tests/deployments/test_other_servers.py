"""The same index behind other WSGI servers: the same bodies and the same header fields as from the one we bring."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from tests.builders import wheel
from tests.deployments.deployed import Deployed, deployed
from tests.deployments.wsgi_servers import (
    Command,
    NotInstallable,
    gunicorn,
    install_gunicorn,
    running,
    wsgiref,
)
from tests.index import JSON
from tests.served import COMMAND, Response, eventually, without
from warehouse.infra.db import libpq_url
from warehouse.infra.postgres import EmbeddedPostgres
from warehouse.operations.registration import first_start_key

LARGE = wheel("demo", "1.0", files={"demo/noise": os.urandom(400_000)})
SMALL = wheel("demo", "2.0")

# What each server says for itself.
THEIRS = {"date", "server", "connection", "keep-alive", "x-request-id"}


class Question(NamedTuple):
    """A request; ``{large}`` and ``{small}`` in its path are addresses of files, ``{key}`` is the first-start key."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = {}
    body: bytes | None = None


FORM = {"Content-Type": "multipart/form-data; boundary=b"}
NOTHING_SENT = b'--b\r\nContent-Disposition: form-data; name=":action"\r\n\r\nfile_upload\r\n--b--\r\n'

XML = {"Content-Type": "text/xml"}
CALL = b"<methodCall><methodName>list_packages_with_serial</methodName></methodCall>"

QUESTIONS = [
    Question("/"),
    Question("/", "HEAD"),
    Question("/simple"),
    Question("/simple/"),
    Question("/simple/", headers={"Accept": JSON}),
    Question("/simple/", "POST", body=b"x"),
    Question("/simple/?format=nonsense"),
    Question("/simple/demo/"),
    Question("/simple/demo/", "HEAD"),
    Question("/simple/demo/", headers={"Accept": JSON}),
    Question("/simple/demo/", headers={"Accept-Encoding": "gzip"}),
    Question("/simple/demo/", headers={"If-None-Match": "*"}),
    Question("/simple/Demo/"),
    Question("/simple/no.such-project/"),
    Question("/simple/%C3%A4/"),
    Question("/simple/%ff/"),
    Question("{large}"),
    Question("{large}", "HEAD"),
    Question("{large}", headers={"Range": "bytes=100-199999"}),
    Question("{large}", headers={"Range": "bytes=-5"}),
    Question("{large}", headers={"Range": "bytes=0-3,300000-300009"}),
    Question("{large}", headers={"Range": "bytes=9999999-"}),
    Question("{large}", headers={"If-None-Match": "*"}),
    Question("{large}", headers={"If-Match": '"another"'}),
    Question("{small}"),
    Question("{small}.metadata"),
    Question("{small}.asc"),
    Question("{small}", "DELETE"),
    Question("/packages/aa/bb/nothing"),
    Question("/setup/{key}"),
    Question("/setup/wrong"),
    Question("/legacy/"),
    Question("/legacy", "POST", headers=FORM, body=NOTHING_SENT),
    Question("/legacy/", "POST", headers=FORM, body=NOTHING_SENT),
    Question("/legacy/", "POST", headers=FORM | {"Accept": "application/json"}, body=NOTHING_SENT),
    Question("/legacy/", "POST", headers={"Content-Type": "text/plain"}, body=b"x"),
    Question("/pypi?:action=submit", "POST", headers=FORM, body=NOTHING_SENT),
    Question("/pypi", "POST", headers=XML, body=CALL),
    Question("/RPC2", "POST", headers=XML | {"Accept-Encoding": "gzip"}, body=CALL),
    Question("/pypi/", "POST", headers=XML, body=b"no call"),
    Question("/pypi", headers=XML),
    Question("/RPC2", "POST", headers={"Content-Type": "text/plain"}, body=CALL),
    Question("/robots.txt"),
    Question("/rss/updates.xml", headers={"Accept-Encoding": "gzip"}),
    Question("/sitemap.xml", "HEAD"),
    Question("/stats/", headers={"Accept": "application/json"}),
    Question("/pypi?:action=display&name=demo"),
    Question("/pypi?:action=search&term=%0d%0a"),
    Question("/favicon.ico"),
    Question("/_health/"),
    Question("/_ready/"),
    Question("/nothing/here"),
]


@pytest.fixture(scope="module")
def index(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """An index with two files, served by our own server."""
    environ = {
        "WAREHOUSE_WEB__WORKERS": "1",
        "WAREHOUSE_LIMITS__XMLRPC_PER_ADDRESS": "none",
    }  # what is left would differ
    with deployed(tmp_path_factory.mktemp("ours"), DATABASE_URL=database, **environ) as index:
        index.publish(LARGE, SMALL)
        yield index


@pytest.fixture(scope="module", params=["wsgiref", "gunicorn", "gunicorn, preloaded"])
def other(request: pytest.FixtureRequest, index: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another server on the same data folder and database."""
    folder = tmp_path_factory.mktemp("theirs")
    command: Command = wsgiref
    environ = dict(index._environ)
    if request.param != "wsgiref":
        try:
            environ["PYTHONPATH"] = str(install_gunicorn(folder / "gunicorn"))
        except NotInstallable as reason:
            pytest.skip(str(reason))
        command = gunicorn("--preload") if "preloaded" in request.param else gunicorn()
    with running(command, environ, folder / "log") as address:
        yield address
    assert "Traceback" not in (folder / "log").read_text()


def ask(address: str, question: Question) -> Response:
    connection = http.client.HTTPConnection(address, timeout=20)
    try:
        headers = {"Host": "packages.example.org", "User-Agent": "tests", **question.headers}
        connection.request(question.method, question.path, question.body, headers)
        answer = connection.getresponse()
        return Response(answer.status, answer.reason, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


def told(answer: Response) -> dict[str, object]:
    """What has to be the same."""
    fields = {name.lower(): value for name, value in answer.headers.items() if name.lower() not in THEIRS}
    if answer.status == 304:
        fields.pop("content-length", None)  # Python's server says 0, which it should not
    return {"status": answer.status, "reason": answer.reason, "fields": fields, "body": answer.body}


@pytest.fixture(scope="module")
def places(index: Deployed) -> dict[str, str]:
    """What stands for the names in paths."""
    files = {file["filename"]: file["url"] for file in index.files("demo")}
    with index.tools() as tools:
        key = first_start_key(tools.secret)
    return {"large": files[LARGE.filename], "small": files[SMALL.filename], "key": key}


def test_the_answers_are_those_of_our_own_server(index: Deployed, other: str, places: dict[str, str]) -> None:
    ours = index.url.removeprefix("http://")
    for question in QUESTIONS:
        asked = question._replace(path=question.path.format(**places))
        assert told(ask(other, asked)) == told(ask(ours, asked)), asked


def test_a_client_uploads_and_both_servers_show_it(index: Deployed, other: str, tmp_path: Path) -> None:
    name = f"from-{other.replace(':', '-').replace('.', '-')}"
    dist = wheel(name, "1.0", files={"noise": os.urandom(2_000_000)})
    (tmp_path / dist.filename).write_bytes(dist.content)
    twine = [
        str(COMMAND.with_name("twine")),
        "upload",
        "--repository-url",
        f"http://{other}/legacy/",
        "--non-interactive",
    ]
    credentials = {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": index.token(), "HOME": str(tmp_path)}
    environ = without(os.environ, "TWINE_") | credentials
    done = subprocess.run(
        [*twine, str(tmp_path / dist.filename)], env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page = Question(f"/simple/{name}/", headers={"Accept": JSON})
    assert ask(other, page).status == index.get(page.path).status == 200
    (file,) = ask(other, page).json()["files"]
    assert ask(other, Question(file["url"])).body == dist.content


def test_until_the_database_is_there_every_request_is_told_so(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    name = f"late_{os.urandom(6).hex()}"
    url = postgres.url.replace("/warehouse?", f"/{name}?", 1)
    environ = without(os.environ, "WAREHOUSE_", "DATABASE_URL")
    environ |= {"DATABASE_URL": url, "WAREHOUSE_DATA": str(tmp_path / "data")}
    with running(wsgiref, environ, tmp_path / "log") as address:
        refused = ask(address, Question("/simple/"))
        assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
        assert refused.body == b"The index cannot reach its database. Try again in a moment.\n"
        with psycopg.connect(libpq_url(postgres.url), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        try:
            eventually(lambda: ask(address, Question("/simple/")).status == 200, seconds=5)
        finally:
            with psycopg.connect(libpq_url(postgres.url), autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    log = (tmp_path / "log").read_text()
    assert "the database cannot be used: " in log and f'database "{name}" does not exist' in log
    assert "Traceback" not in log


def test_wrong_settings_are_said_when_the_server_starts(tmp_path: Path) -> None:
    environ = without(os.environ, "WAREHOUSE_") | {"WAREHOUSE_UPLOAD__MAX_FILE_SIZE": "many"}
    done = subprocess.run(
        [sys.executable, "-c", "import warehouse.wsgi"], env=environ, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1].startswith("warehouse.settings.load.BadSettings: upload.max_file_size")


def test_an_embedded_database_is_used_while_a_command_runs_it_and_left_alone(tmp_path: Path) -> None:
    with deployed(tmp_path / "ours", WAREHOUSE_WEB__WORKERS="1") as index:
        with running(wsgiref, index._environ, tmp_path / "log") as address:
            index.publish(SMALL)
            assert SMALL.filename.encode() in ask(address, Question("/simple/demo/")).body
        assert index.get("/_ready/").status == 200
