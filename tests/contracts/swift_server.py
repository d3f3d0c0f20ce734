"""An OpenStack Swift cluster of one machine that speaks S3, which checks signatures and keeps objects on disk."""

from __future__ import annotations

import getpass
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tests.contracts.s3_server import BUCKET, START_SECONDS, S3Server, free_port

REQUIREMENTS = ["swift==2.38.3", "setuptools<81"]  # its PasteDeploy filters are found through pkg_resources

_SWIFT = """\
[swift-hash]
swift_hash_path_suffix = test
swift_hash_path_prefix = test
"""

_DEFAULT = """\
[DEFAULT]
swift_dir = {root}
devices = {root}/devices
bind_ip = 127.0.0.1
bind_port = {port}
mount_check = false
workers = 0
user = {user}
log_address = {root}/no-syslog
"""

_STORAGE = """\
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""

_PROXY = """\
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats s3api tempauth slo dlo versioned_writes proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
"""


class NotInstallable(Exception):
    """Swift cannot be had here; the message says why."""


@contextmanager
def swift(root: Path) -> Iterator[S3Server]:
    """Install Swift into an environment below ``root``, start it there, and stop it. NotInstallable when it cannot."""
    commands = _installed(root / "venv")
    ports = {kind: free_port() for kind in ("account", "container", "object", "proxy")}
    _configure(root, commands, ports)
    with ExitStack() as running:
        for kind in ports:
            running.enter_context(_running(commands / f"swift-{kind}-server", root / f"{kind}.conf"))
        server = S3Server(f"http://127.0.0.1:{ports['proxy']}", "test:tester", "testing")
        _wait_for_bucket(server, root)
        yield server


def _installed(environment: Path) -> Path:
    try:
        subprocess.run([sys.executable, "-m", "venv", environment], check=True, capture_output=True, text=True)
        pip = environment / "bin" / "pip"
        subprocess.run([pip, "install", "--quiet", *REQUIREMENTS], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as failure:
        raise NotInstallable(f"Swift cannot be installed: {getattr(failure, 'stderr', failure)}") from failure
    return environment / "bin"


def _configure(root: Path, commands: Path, ports: dict[str, int]) -> None:
    (root / "devices" / "disk").mkdir(parents=True)
    (root / "swift.conf").write_text(_SWIFT)
    for kind, port in ports.items():
        rest = _PROXY if kind == "proxy" else _STORAGE.format(kind=kind)
        (root / f"{kind}.conf").write_text(_DEFAULT.format(root=root, port=port, user=getpass.getuser()) + rest)
        if kind != "proxy":
            builder = root / f"{kind}.builder"
            device = f"r1z1-127.0.0.1:{port}/disk"
            for step in (["create", "6", "1", "0"], ["add", device, "1"], ["rebalance"]):
                subprocess.run([commands / "swift-ring-builder", builder, *step], check=True, capture_output=True)


@contextmanager
def _running(command: Path, configuration: Path) -> Iterator[None]:
    with configuration.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen([command, configuration], stdout=log, stderr=log)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _wait_for_bucket(server: S3Server, root: Path) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name=server.region,
        aws_access_key_id=server.access_key_id,
        aws_secret_access_key=server.secret_access_key,
    )
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            client.create_bucket(Bucket=BUCKET)
        except (BotoCoreError, ClientError) as failure:
            if time.monotonic() > deadline:
                logs = "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in root.glob("*.log"))
                raise RuntimeError(f"Swift did not start: {failure}\n{logs}") from failure
            time.sleep(0.2)
        else:
            return
