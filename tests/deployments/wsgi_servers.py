"""Other servers that run ``warehouse.wsgi:application``, in processes of their own."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.contracts.s3_server import free_port
from tests.served import eventually

WSGIREF = """
import sys
from wsgiref.simple_server import make_server
from warehouse.wsgi import application
make_server("127.0.0.1", int(sys.argv[1]), application).serve_forever()
"""
GUNICORN = "gunicorn==27.0.1"

Command = Callable[[int], list[str]]


class NotInstallable(Exception):
    """Nothing can be installed here at the moment."""


def wsgiref(port: int) -> list[str]:
    """Python's own: one request at a time, a connection for each."""
    return [sys.executable, "-c", WSGIREF, str(port)]


def gunicorn(*options: str) -> Command:
    """Gunicorn with two processes of two threads, and more options."""
    run = "import sys; from gunicorn.app.wsgiapp import run; sys.argv[0] = 'gunicorn'; run()"
    words = ["--workers", "2", "--worker-class", "gthread", "--threads", "2", *options, "warehouse.wsgi:application"]
    return lambda port: [sys.executable, "-c", run, "--bind", f"127.0.0.1:{port}", *words]


def install_gunicorn(folder: Path) -> Path:
    """Where gunicorn is, installed into ``folder``. Refuses with NotInstallable."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), GUNICORN]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise NotInstallable(f"Gunicorn could not be installed: {done.stderr.strip()[-300:]}")
    return folder


@contextmanager
def running(command: Command, environ: Mapping[str, str], log: Path) -> Iterator[str]:
    """Run a server until the block ends; its address, as host and port. It must end quietly when it is asked to."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(command(port), env=dict(environ), stdout=output, stderr=output)
    try:
        eventually(lambda: process.poll() is not None or _accepts(port), seconds=30, otherwise=log.read_text)
        assert process.poll() is None, log.read_text()
        yield f"127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    finally:
        process.kill()
        process.wait()


def _accepts(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/robots.txt")
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True
