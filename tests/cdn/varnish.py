"""A real Varnish with the VCL that we hand out, for tests."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.contracts.s3_server import free_port
from tests.served import Response, eventually

VCL = Path(__file__).parents[2] / "deploy" / "varnish" / "warehouse.vcl"
MODULES = ("/usr/lib/*/varnish/vmods/libvmod_xkey.so", "/usr/lib*/varnish/vmods/libvmod_xkey.so")


class Varnish:
    """A running Varnish."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Response:
        """Ask, over a new connection. Names of the answer's headers are in lower case."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            kept = {name.lower(): value for name, value in answer.getheaders()}
            return Response(answer.status, answer.reason, kept, answer.read())
        finally:
            connection.close()


@contextmanager
def varnish(
    folder: Path, origin: str, port: int | None = None, *, changes: dict[str, str] | None = None
) -> Iterator[Varnish]:
    """Varnish in front of ``origin`` while the block runs; ``changes`` are made to the VCL, text for text."""
    program = shutil.which("varnishd", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None or not any(list(Path("/").glob(pattern[1:])) for pattern in MODULES):
        pytest.skip("Varnish with the module xkey is not installed.")
    address = urlsplit(origin)
    text = VCL.read_text()
    for old, new in {'.port = "8080"': f'.port = "{address.port}"', **(changes or {})}.items():
        assert old in text, old
        text = text.replace(old, new)
    folder.mkdir(parents=True, exist_ok=True)
    configuration, log = folder / "warehouse.vcl", folder / "log"
    configuration.write_text(text)
    made = Varnish(port or free_port())
    with log.open("wb") as said:
        # Without a jail: as root it would give up its rights, and with them the test's folder.
        where = ["-j", "none", "-n", folder / "work", "-a", f"127.0.0.1:{made.port}", "-s", "malloc,64m"]
        small = ["-p", "thread_pools=1", "-p", "thread_pool_min=10"]
        process = subprocess.Popen([program, "-F", "-f", configuration, *where, *small], stdout=said, stderr=said)
    try:
        eventually(lambda: _answers(made, process, log), seconds=30, otherwise=log.read_text)
        yield made
    finally:
        process.terminate()
        process.wait(20)


def _answers(made: Varnish, process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, f"varnishd ended with {process.returncode}:\n{log.read_text()}"
    try:
        made.get("/", "PURGE")
    except OSError:
        return False
    return True
