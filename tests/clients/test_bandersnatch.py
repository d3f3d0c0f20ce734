"""Mirrors of an index, made by bandersnatch: by XML-RPC as until its version 7, and by the simple API as since then."""

from __future__ import annotations

import datetime
import ipaddress
import json
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.builders import sdist, wheel
from tests.clients.tools import Desk, Watcher
from tests.contracts.s3_server import free_port
from tests.index import JSON
from tests.served import Served, served
from tests.staff.people import let_everybody_in
from warehouse.domain.packaging import ProjectStatus
from warehouse.operations.files import remove_file
from warehouse.operations.projects import find_project, remove_project, set_project_status
from warehouse.operations.releases import find_release, quarantine_release, unyank_release, yank_release
from warehouse.standards.names import normalize
from warehouse.work import OPERATOR, Work, begin

ORDINARY = [
    dist
    for number in range(6)
    for dist in (
        wheel(f"Plain.Project-{number}", "1.0", requires_python=">=3.8"),
        wheel(f"Plain.Project-{number}", "1.1"),
        sdist(f"Plain.Project-{number}", "1.1"),
    )
]
SPECIAL = [
    *(wheel("yanked-here", version) for version in ("1.0", "2.0", "3.0")),
    *(wheel("only-pre", version) for version in ("1.0a1", "1.0rc1.dev2")),
    *(wheel("less", version) for version in ("1.0", "2.0")),
    *(wheel("partly-bad", version) for version in ("1.0", "6.66")),
    wheel("malware", "1.0"),
    wheel("leaving", "1.0"),
    wheel("old-friend", "1.0"),
]


@dataclass(frozen=True)
class Kind:
    """A version of bandersnatch: by which API it is told to mirror, and what a run without news asks for."""

    version: str
    api: str | None
    asks: tuple[str, ...]


XMLRPC = ("POST /pypi",)
SIMPLE = ("GET /simple", "GET /simple/")
KINDS = [
    # The last one that runs on Python 3.11.
    Kind("6.8.0", "xmlrpc", XMLRPC),
    # The last one that speaks XML-RPC, which it has to be told to.
    pytest.param(Kind("7.1.0", "xmlrpc", XMLRPC), marks=pytest.mark.slow),
    # The newest.
    pytest.param(Kind("8.2.0", None, SIMPLE), marks=pytest.mark.slow),
]


class Mirror:
    """A mirror in a folder."""

    def __init__(self, desk: Desk, program: Path, kind: Kind, master: str, certificate: Path) -> None:
        self._desk, self._program, self._certificate = desk, program, certificate
        self.web = desk.home / "mirror" / "web"
        self._config = desk.home / "bandersnatch.conf"
        api = f"api-method = {kind.api}\n" if kind.api else ""
        self._config.write_text(
            f"[mirror]\ndirectory = {self.web.parent}\nmaster = {master}\njson = true\nhash-index = false\n"
            f"workers = 3\ntimeout = 30\nstop-on-error = true\n{api}"
        )

    def run(self, *arguments: str) -> None:
        """Run ``bandersnatch``, which must succeed."""
        certificate = str(self._certificate)
        self._desk.run(
            self._program, "-m", "bandersnatch.main", "-c", self._config, *arguments, SSL_CERT_FILE=certificate
        )

    def names(self) -> set[str]:
        """The projects that it has pages of."""
        return {page.parent.name for page in (self.web / "simple").glob("*/index.v1_json")}

    def page(self, name: str) -> dict[str, Any]:
        """What it says that a project's files are."""
        return entries(json.loads((self.web / "simple" / name / "index.v1_json").read_text()))

    def metadata(self, name: str) -> dict[str, Any]:
        """What it keeps of the JSON API."""
        return json.loads((self.web / "json" / name).read_text())

    def files(self) -> dict[str, bytes]:
        """The bytes of every file, by path."""
        found = (path for path in (self.web / "packages").rglob("*") if path.is_file())
        return {"/" + path.relative_to(self.web).as_posix(): path.read_bytes() for path in found}


def entries(page: dict[str, Any]) -> dict[str, Any]:
    """What a project's page says of each file."""
    said = ("size", "requires-python", "upload-time")
    return {
        file["filename"]: (file["hashes"]["sha256"], bool(file["yanked"]), *(file.get(key) for key in said))
        for file in page["files"]
    }


class Origin:
    """The index that is mirrored, behind TLS."""

    def __init__(self, index: Served, watcher: Watcher) -> None:
        self.index, self.watcher = index, watcher

    def do(self, act: Callable[[Work], None]) -> None:
        """Change it, all at once."""
        with self.index.tools() as tools, begin(tools, OPERATOR) as work:
            act(work)

    def get(self, path: str) -> Any:
        """A page as JSON."""
        answer = self.index.get(path, accept=JSON)
        assert answer.status == 200, answer
        return answer.json()

    def names(self) -> set[str]:
        """The projects that it lists."""
        return {normalize(project["name"]) for project in self.get("/simple/")["projects"]}

    def files(self, *, companions: bool) -> dict[str, bytes]:
        """The bytes of every file that is offered, by path."""
        found = {}
        for name in self.names():
            for file in self.get(f"/simple/{name}/")["files"]:
                path = urlsplit(file["url"]).path
                suffixes = ("", ".metadata") if companions and file["core-metadata"] else ("",)
                found |= {path + suffix: self.index.get(path + suffix).body for suffix in suffixes}
        return found


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    text, none, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption(), serialization.Encoding.PEM
    path.write_bytes(key.private_bytes(plain, text, none) + made.public_bytes(plain))
    return path


@pytest.fixture
def origin(tmp_path: Path, certificate: Path) -> Iterator[Origin]:
    """A dozen projects, with everything that can be special about one."""
    port = free_port()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    watcher = Watcher(f"http://127.0.0.1:{port}", tls)
    try:
        with served(
            tmp_path / "origin", WAREHOUSE_LISTEN=f"127.0.0.1:{port}", WAREHOUSE_SITE__URL=watcher.url
        ) as index:
            index.publish(*ORDINARY, *SPECIAL)
            origin = Origin(index, watcher)
            origin.do(begin_history)
            yield origin
    finally:
        watcher.close()


def begin_history(work: Work) -> None:
    """What happened before anybody mirrored the index."""
    yanked, less, partly_bad = (find_project(work, name) for name in ("yanked-here", "less", "partly-bad"))
    yank_release(work, yanked, find_release(work, yanked, "2.0"), reason="broken <on> Windows")
    yank_release(work, yanked, find_release(work, yanked, "1.0"))
    remove_file(work, less, "less-1.0-py3-none-any.whl")
    quarantine_release(work, partly_bad, find_release(work, partly_bad, "6.66"))
    set_project_status(work, find_project(work, "malware"), ProjectStatus.QUARANTINED, reason="steals tokens")
    let_everybody_in(work)
    set_project_status(work, find_project(work, "old-friend"), ProjectStatus.ARCHIVED)


def go_on(work: Work) -> None:
    """What happened between two runs."""
    yanked, plain, less = (find_project(work, name) for name in ("yanked-here", "plain-project-0", "less"))
    unyank_release(work, yanked, find_release(work, yanked, "2.0"))
    yank_release(work, yanked, find_release(work, yanked, "3.0"), reason="too new")
    quarantine_release(work, plain, find_release(work, plain, "1.1"))
    remove_file(work, less, "less-2.0-py3-none-any.whl")
    remove_project(work, find_project(work, "leaving"))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.version)
def test_bandersnatch_mirrors_an_index_and_keeps_up_with_it(kind, origin, certificate, desk, registry):
    program = registry.venv(f"bandersnatch=={kind.version}", of=interpreter_for(kind))
    mirror = Mirror(desk, program, kind, origin.watcher.url, certificate)
    companions = kind.version.startswith("8")

    mirror.run("mirror")
    assert "malware" not in mirror.names()
    is_like(mirror, origin)
    assert mirror.files() == origin.files(companions=companions)

    origin.watcher.seen.clear()
    mirror.run("mirror")
    assert tuple(f"{seen.method} {seen.path}" for seen in origin.watcher.seen) == kind.asks

    origin.do(go_on)
    origin.index.publish(wheel("plain-project-1", "3.0"), sdist("brand_New", "0.1"))
    origin.watcher.seen.clear()
    mirror.run("mirror")
    asked = {seen.path.split("/")[2] for seen in origin.watcher.seen if seen.path.endswith("/json")}
    news = {"brand-new", "less", "plain-project-0", "plain-project-1", "yanked-here"}
    assert asked - {"leaving"} == news
    # What is gone stays in the mirror until its operator takes it out.
    assert mirror.names() == origin.names() | {"leaving"}
    mirror.run("delete", "leaving")
    is_like(mirror, origin)
    mirror.run("verify", "--delete")
    assert mirror.files() == origin.files(companions=companions)


def is_like(mirror: Mirror, origin: Origin) -> None:
    """Both say the same of the same projects."""
    assert mirror.names() == origin.names()
    for name in origin.names():
        assert mirror.page(name) == entries(origin.get(f"/simple/{name}/"))
        assert mirror.metadata(name) == origin.get(f"/pypi/{name}/json")


def interpreter_for(kind: Kind) -> str:
    """A Python that this version runs on."""
    if kind.version.startswith("6"):
        return sys.executable
    named = [shutil.which(f"python3.{minor}") for minor in range(12, 20)]
    kept = Path.home().glob(".pyenv/versions/3.*/bin/python")
    for candidate in [sys.executable, *filter(None, named), *map(str, kept)]:
        asked = [candidate, "-c", "import sys; sys.exit(sys.version_info < (3, 12))"]
        if subprocess.run(asked, capture_output=True, check=False).returncode == 0:
            return candidate
    pytest.skip("this version of bandersnatch needs Python 3.12, which is not here")
