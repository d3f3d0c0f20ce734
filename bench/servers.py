"""The two servers that are compared: this index, and nginx with the same bytes on disk."""

from __future__ import annotations

import gzip
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

WORKERS = 2


class Index:
    """``warehouse serve`` with two web workers, on an empty folder or on what is there."""

    def __init__(
        self, folder: Path, *, fresh: bool = True, jobs: bool = True, environment: Mapping[str, str] | None = None
    ) -> None:
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._warehouse = str(Path(sys.executable).with_name("warehouse"))
        self._environment = os.environ | {
            "WAREHOUSE_DATA": str(folder / "data"),
            "WAREHOUSE_LISTEN": "127.0.0.1:0",
            "WAREHOUSE_WEB__WORKERS": str(WORKERS),
            "WAREHOUSE_UPLOAD__MAX_FILE_SIZE": "2 GiB",
            "WAREHOUSE_LOGS__LEVEL": "warning",
            "WAREHOUSE_JOBS__IN_TREE": str(jobs).lower(),
            **(environment or {}),
        }
        self.url = ""
        self.pid = 0

    def start(self) -> float:
        """Start it; the seconds until its first answer."""
        began = time.perf_counter()
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._warehouse, "serve"], env=self._environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("listening on "):
                self.url = line.split()[-1]
                break
        else:
            raise RuntimeError(f"the index did not start: see {self._folder / 'log'}")
        urllib.request.urlopen(f"{self.url}/simple/", timeout=30).read()
        self.pid = self._process.pid
        return time.perf_counter() - began

    def token(self) -> str:
        """A user's new API token."""
        return self.run("token", "create", self.user()).strip()

    def user(self) -> str:
        """The name of a new user."""
        name = f"bench{secrets.token_hex(4)}"
        self.run("user", "add", name, "--email", f"{name}@example.com", "--password-stdin", said=secrets.token_hex())
        return name

    def check(self) -> None:
        """Let the index verify everything it holds."""
        self.run("check")

    def stop(self) -> None:
        """Stop it in order."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)

    def run(self, *arguments: str, said: str = "") -> str:
        """Run another command on the same data; what it said."""
        done = subprocess.run(
            [self._warehouse, *arguments],
            env=self._environment,
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"warehouse {' '.join(arguments)}: {done.stderr}")
        return done.stdout


class Nginx:
    """Serves pages that were copied from the index, with its own best settings for static files."""

    CONFIGURATION = """
        worker_processes {workers}; daemon off; pid {folder}/pid; error_log {folder}/error.log; user root;
        worker_rlimit_nofile 20000;
        events {{ worker_connections 8192; }}
        http {{
            access_log off; sendfile on; tcp_nopush on; etag on; gzip_static on; keepalive_requests 1000000000;
            open_file_cache max=10000; open_file_cache_valid 60s; default_type application/octet-stream;
            client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
            uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
            server {{ listen 127.0.0.1:{port} backlog=4096; root {folder}/pages; }}
        }}
    """

    def __init__(self, folder: Path, port: int = 18642) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "pages").mkdir(parents=True)
        self._folder = folder
        self._port = port
        self.url = f"http://127.0.0.1:{port}"
        self.pid = 0

    def keep(self, name: str, body: bytes) -> None:
        """Serve ``body`` at ``/name``, compressed as well."""
        (self._folder / "pages" / name).write_bytes(body)
        (self._folder / "pages" / f"{name}.gz").write_bytes(gzip.compress(body, 6, mtime=0))

    def start(self) -> None:
        """Start it."""
        configuration = self._folder / "nginx.conf"
        configuration.write_text(
            self.CONFIGURATION.format(workers=WORKERS, folder=self._folder.resolve(), port=self._port)
        )
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self._process = subprocess.Popen([nginx, "-c", str(configuration.resolve())])
        time.sleep(0.5)
        self.pid = self._process.pid

    def stop(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(10)
