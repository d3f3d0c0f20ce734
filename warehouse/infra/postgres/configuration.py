"""The server's configuration, written anew at every start so that it always is what this version means."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from warehouse.infra.postgres.sockets import PORT

SMALL_SHM = 256 * 2**20
MIB = 2**20


@dataclass(frozen=True)
class Wishes:
    """What the caller decides. ``durable=False`` is for tests: a power cut may then lose everything."""

    shared_buffers: str = "32MB"
    max_connections: int = 60
    durable: bool = True


def configuration(wishes: Wishes, *, sockets: Path, access: Path, disk: Path, major: int) -> str:
    """The text of postgresql.conf: small, durable, reachable by socket only. ``access`` is the pg_hba.conf."""
    settings: dict[str, str | int] = {
        "listen_addresses": "",
        "port": PORT,  # names the socket
        "unix_socket_directories": f'"{sockets}"',
        "unix_socket_permissions": "0700",
        "hba_file": str(access),
        "max_connections": wishes.max_connections,
        "shared_buffers": wishes.shared_buffers,
        "dynamic_shared_memory_type": _shared_memory(),
        "huge_pages": "off",
        "jit": "off",
        "work_mem": "4MB",
        "maintenance_work_mem": "32MB",
        "max_worker_processes": 4,
        "max_parallel_workers": 2,
        "max_parallel_workers_per_gather": 1,
        "autovacuum_max_workers": 2,
        "max_logical_replication_workers": 0,
        "max_wal_size": f"{_log_room(disk)}MB",
        "min_wal_size": "32MB",
        "random_page_cost": "1.1",
        "fsync": _switch(wishes.durable),
        "synchronous_commit": _switch(wishes.durable),
        "full_page_writes": _switch(wishes.durable),
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "log_checkpoints": "off",
        "log_timezone": "UTC",
        "timezone": "UTC",
        "datestyle": "iso, mdy",
        "default_text_search_config": "pg_catalog.english",
        **{f"lc_{kind}": "C" for kind in ("messages", "monetary", "numeric", "time")},
    }
    if major >= 16:
        settings |= {"scram_iterations": 1}  # guessing 256 random bits needs no slowing down, connecting does
    if major >= 18:
        settings |= {"io_method": "sync", "autovacuum_worker_slots": 2}  # no pool of readers to keep for a small index
    lines = ["# Written at every start. Put your own settings into local.conf beside this file: they win."]
    lines += [f"{name} = {_quoted(str(value))}" for name, value in settings.items()]
    if (access.parent / "local.conf").exists():
        lines.append("include 'local.conf'")
    return "\n".join([*lines, ""])


def access() -> str:
    """The text of pg_hba.conf: a password from everyone, whoever reaches the socket."""
    return "local all all scram-sha-256\n"


def _switch(on: bool) -> str:
    return "on" if on else "off"


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _shared_memory() -> str:
    """Containers often have 64 MB of /dev/shm, which one parallel query exhausts; files in the cluster do not."""
    try:
        space = os.statvfs("/dev/shm")
    except FileNotFoundError:
        return "mmap"
    return "posix" if space.f_frsize * space.f_blocks >= SMALL_SHM and os.access("/dev/shm", os.W_OK) else "mmap"


def _log_room(disk: Path) -> int:
    """How far the write-ahead log may grow between checkpoints, in MB: a hundredth of the disk, within reason."""
    return max(96, min(1024, shutil.disk_usage(disk).total // MIB // 100))
