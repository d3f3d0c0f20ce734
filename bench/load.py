"""Requests: by wrk for throughput, one by one for latency, and uploads with the form that clients send."""

from __future__ import annotations

import base64
import http.client
import json
import re
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench.machine import cpu_seconds

MARK = b"the bytes of the file come here"

REPORT = """
done = function(s, l, r)
  io.write(string.format('JSON {"requests":%d,"us":%d,"bytes":%d,"failed":%d,"p50":%.4f,"p99":%.4f}\\n', s.requests,
    s.duration, s.bytes, s.errors.connect + s.errors.read + s.errors.write + s.errors.timeout + s.errors.status,
    l:percentile(50) / 1000, l:percentile(99) / 1000))
end
"""


@dataclass
class Measured:
    """Medians over the repetitions: requests a second, milliseconds, microseconds of the server's CPU."""

    rps: float
    p50: float
    p99: float
    cpu: float
    failed: int


def wrk(url: str, headers: dict[str, str], *, pid: int, connections: int, seconds: float, times: int = 3) -> Measured:
    """Drive one address."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(REPORT)
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", "-s", script.name]
        for name, value in headers.items():
            command += ["-H", f"{name}: {value}"]
        subprocess.run([*command[:3], "-d1s", *command[4:], url], capture_output=True, check=True)
        runs = [_once([*command, url], pid) for _ in range(times)]
    return Measured(*(statistics.median(getattr(run, key) for run in runs) for key in ("rps", "p50", "p99", "cpu")),
                    failed=sum(run.failed for run in runs))  # fmt: skip


def _once(command: list[str], pid: int) -> Measured:
    before = cpu_seconds(pid)
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = cpu_seconds(pid) - before
    match = re.search(r"^JSON (.*)$", output, re.MULTILINE)
    if match is None:
        raise RuntimeError(f"wrk said nothing: {output}")
    said = json.loads(match[1])
    return Measured(
        said["requests"] / said["us"] * 1e6, said["p50"], said["p99"], used / said["requests"] * 1e6, said["failed"]
    )


def fetch(url: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes, float]:
    """One GET on a connection of its own: status, headers, body, milliseconds."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    connection.connect()
    began = time.perf_counter()
    connection.request("GET", parts.path, headers=headers or {})
    response = connection.getresponse()
    body = response.read()
    took = (time.perf_counter() - began) * 1e3
    connection.close()
    return response.status, {k.lower(): v for k, v in response.getheaders()}, body, took


class Uploader:
    """Posts files over one connection; only the POST itself is timed."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=600)
        self._authorization = "Basic " + base64.b64encode(f"__token__:{token}".encode()).decode()
        self.refusals: list[str] = []

    def post(self, path: Path) -> float | None:
        """Milliseconds of an accepted upload, None for a refused one."""
        # Read by twine's own code, so that the form is what people send.
        import requests_toolbelt
        from twine.package import PackageFile
        from twine.repository import Repository

        try:
            package = PackageFile.from_filename(str(path), None)
        except Exception as error:  # twine refuses some old files itself
            self.refusals.append(f"{path.name}: by twine: {error}")
            return None
        form = Repository._convert_metadata_to_list_of_tuples(package.metadata_dictionary())
        form += [
            (":action", "file_upload"),
            ("protocol_version", "1"),
            ("content", (path.name, MARK, "application/octet-stream")),
        ]
        encoder = requests_toolbelt.MultipartEncoder(form)
        before, _, after = encoder.to_string().partition(MARK)
        headers = {
            "Content-Type": encoder.content_type,
            "Content-Length": str(len(before) + path.stat().st_size + len(after)),
            "Authorization": self._authorization,
        }
        with path.open("rb", buffering=0) as file:
            small = file.read() if path.stat().st_size < 2**26 else None
            began = time.perf_counter()
            if small is not None:
                self._connection.request("POST", "/legacy/", before + small + after, headers)
            else:
                self._connection.request("POST", "/legacy/", before, headers)
                while block := file.read(2**20):
                    self._connection.send(block)
                self._connection.send(after)
            response = self._connection.getresponse()
            response.read()
        took = (time.perf_counter() - began) * 1e3
        if response.status != 200:
            self.refusals.append(f"{path.name}: {response.status} {response.reason}")
            return None
        return took
