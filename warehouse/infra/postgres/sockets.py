"""Where the server's socket lives: in the data folder, or in a short private folder when that cannot hold one."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from warehouse.infra.postgres.refusal import NoDatabase

PORT = 5432
AWKWARD = set(",\"'\\@%\n\r\t")  # lists of folders are separated by commas, in the configuration and in libpq


def socket_folder(root: Path, owner: tuple[int, int]) -> Path:
    """A folder of the server's user, mode 0700, that holds a socket; the same one as last time where possible.

    Connection pools of other processes know the address, so a restart must not move it.
    """
    note = root / "socket"
    home = root / "run"
    for folder in _candidates(note, home):
        if _is_private(folder, owner) and _holds_a_socket(folder):
            if not note.exists() or note.read_bytes() != os.fsencode(folder):
                note.write_bytes(os.fsencode(folder))
            return folder
    raise NoDatabase(
        f"There is no folder for PostgreSQL's socket: {root} cannot hold one and neither can the "
        "folders for temporary files; choose a shorter data folder with WAREHOUSE_DATA."
    )


def noted_folder(root: Path) -> Path | None:
    """Where the one who started the server put its socket."""
    note = root / "socket"
    return Path(os.fsdecode(note.read_bytes())) if note.exists() else None


def clear_away(root: Path) -> None:
    """After a stop: leave nothing behind outside of the data folder."""
    folder = noted_folder(root)
    if folder is not None and folder != root / "run" and folder.exists():
        shutil.rmtree(folder)


def _candidates(note: Path, home: Path) -> Iterator[Path]:
    yield home
    last = noted_folder(note.parent)
    if last is not None and last != home:
        yield last
    if os.geteuid() == 0:
        places = ["/run", "/tmp"]  # and none of root's own, which the server's user may not enter
    else:
        places = [os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp"]
    for place in places:
        if place and os.access(place, os.W_OK | os.X_OK):
            fresh = Path(tempfile.mkdtemp(prefix="warehouse-", dir=place))
            yield fresh
            fresh.rmdir()  # reached only when it did not serve


def _is_private(folder: Path, owner: tuple[int, int]) -> bool:
    """Make it or find it; not when somebody else owns what is there (names in /tmp can be taken by anyone)."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError:
        return False
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner[0], os.geteuid()):
        return False
    if (found.st_uid, found.st_gid) != owner:
        os.chown(folder, *owner, follow_symlinks=False)
    folder.chmod(0o700)
    return True


def _holds_a_socket(folder: Path) -> bool:
    """Try: the path may be too long (107 bytes), or the file system may know no sockets."""
    if AWKWARD & set(str(folder)):
        return False
    probe = folder / f".s.PGSQL.{PORT}.try"  # as long as the longest name the server makes plus its lock
    probe.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as one:
        try:
            one.bind(os.fsencode(probe))
        except OSError:
            return False
    probe.unlink()
    return True
