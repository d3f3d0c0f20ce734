"""Real programs and real distributions, fetched with pip as ``make install`` does; nothing else is asked for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.served import without

LOCK = Path(__file__).parents[2] / "requirements" / "dev.txt"
LINUX = tuple(f"manylinux_2_{minor}_x86_64" for minor in (28, 27, 26, 24, 17, 12, 5))
MANYLINUX = ("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64")
ARM_LINUX = ("manylinux2014_aarch64", *(f"manylinux_2_{minor}_aarch64" for minor in (28, 27, 26, 24, 17)))
# The interpreters that the wheels of the corpus are for: every project of the lock file has one for each.
TARGETS = [
    ("3.11", LINUX + MANYLINUX),
    ("3.12", LINUX + MANYLINUX),
    ("3.13", LINUX + MANYLINUX),
    ("3.14", LINUX + MANYLINUX),
    ("3.13", ("macosx_11_0_arm64",)),
    ("3.13", ARM_LINUX),
]
# What the sdists of the corpus are made with; pip asks them for their metadata when it downloads an sdist.
BACKENDS = ("flit_core", "hatchling", "hatch-vcs", "poetry-core", "setuptools<81", "setuptools_scm", "wheel")
SDISTS = (
    *("annotated-types", "attrs", "certifi", "click", "docutils", "flask", "idna", "itsdangerous", "jinja2", "mako"),
    *("packaging", "pluggy", "pygments", "pyparsing", "pyramid", "requests", "six", "structlog", "webob", "zipp"),
)


class Registry:
    """The registry that pip knows by itself, and a folder in which what came from it is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environ = {**without(os.environ, "WAREHOUSE_"), "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INPUT": "1"}

    def _pip(self, *arguments: str | Path, python: Path = Path(sys.executable)) -> str | None:
        """Run pip; what it said when it failed."""
        done = subprocess.run(
            [sys.executable, "-m", "pip", "--python", python, *arguments, "--quiet", "--disable-pip-version-check"],
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=600,
        )
        return done.stderr if done.returncode else None

    def _needs(self, *arguments: str | Path, python: Path = Path(sys.executable)) -> None:
        if said := self._pip(*arguments, python=python):
            pytest.skip(f"the registry that pip uses by default does not give what is needed: {said[-300:]}")

    def venv(self, *requirements: str, of: str | Path = sys.executable) -> Path:
        """The Python of a virtual environment with these in it, made by the interpreter ``of``."""
        folder = self._folder / re.sub(r"\W+", "-", "-".join(requirements))
        python = folder / "bin" / "python"
        if not (folder / "complete").exists():
            subprocess.run([of, "-m", "venv", "--without-pip", "--clear", folder], check=True)
            self._needs("install", *requirements, python=python)
            (folder / "complete").touch()
        return python

    def corpus(self) -> list[Path]:
        """Wheels of everything in our own lock file for several interpreters, and some of the sdists."""
        folder = self._folder / "corpus"
        if not (folder / "complete").exists():
            folder.mkdir(exist_ok=True)
            for target in TARGETS:
                self._needs("download", "--dest", folder, *wheels_for(*target))
            self._fetch_sdists(folder)
            (folder / "complete").touch()
        return sorted(path for path in folder.iterdir() if path.suffix in (".whl", ".gz"))

    def _fetch_sdists(self, folder: Path) -> None:
        """One by one: what cannot be built here is not needed."""
        python = self.venv(*BACKENDS)
        versions = dict(re.findall(r"^([\w.-]+)==([\w.]+)", LOCK.read_text(), re.MULTILINE))
        options = ("--no-deps", "--no-build-isolation", "--no-binary", ":all:", "--dest", folder)
        with ThreadPoolExecutor(2) as threads:
            wanted = [f"{name}=={versions[name]}" for name in SDISTS]
            list(threads.map(lambda one: self._pip("download", *options, one, python=python), wanted))


def wheels_for(version: str, platforms: tuple[str, ...]) -> list[str]:
    """Arguments of ``pip download`` for the lock file's wheels for one interpreter."""
    where = [argument for platform in platforms for argument in ("--platform", platform)]
    only = ["--only-binary", ":all:", "--ignore-requires-python", "--implementation", "cp", "--python-version", version]
    return ["--no-deps", "--require-hashes", *only, *where, "--requirement", str(LOCK)]
