"""What the members of a distribution are to whoever decides whether to trust it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

_VERSIONED = re.compile(r"[^/]+\.(dist-info|data)(?=/|\Z)")
_EXTENSION = re.compile(r"\.(?:so|pyd|dll|dylib|exe)(?:\.[0-9.]+)?\Z", re.IGNORECASE)
_PYTHON_CACHE = re.compile(r"\.py[co]\Z")


class Remark(StrEnum):
    """Why a member deserves a look: code that runs without being called, or that nobody can read here."""

    BUILD = "build"  # runs when the project is built or installed from source
    STARTUP = "startup"  # runs whenever that Python starts
    COMPILED = "compiled"
    BYTECODE = "bytecode"
    COMMANDS = "commands"  # says which commands are installed
    LINK = "link"


def remark_of(path: str, *, is_link: bool = False, is_wheel: bool = False) -> Remark | None:
    """What there is to say of the member at this path."""
    name = path.rpartition("/")[2].lower()
    if is_link:
        return Remark.LINK
    if name.endswith(".pth") or name in ("sitecustomize.py", "usercustomize.py"):
        return Remark.STARTUP
    if _EXTENSION.search(name):
        return Remark.COMPILED
    if _PYTHON_CACHE.search(name):
        return Remark.BYTECODE
    if is_wheel:
        return Remark.COMMANDS if path.endswith(".dist-info/entry_points.txt") else None
    return Remark.BUILD if name == "setup.py" and path.count("/") <= 1 else None


def lasting_paths(paths: Iterable[str], packagetype: str) -> Mapping[str, str]:
    """The paths by what stays of them from version to version: what two releases are compared by.

    An sdist is below one directory that names the version; PEP 427 names ``{name}-{version}.dist-info`` and ``.data``
    in a wheel so. Of two members with one lasting path each keeps its own.
    """
    all_paths = list(paths)
    shared = _top(all_paths) if packagetype == "sdist" else ""
    lasting = {
        path: path.removeprefix(shared) if shared else _VERSIONED.sub(r"\1", path, count=1) for path in all_paths
    }
    often = Counter(lasting.values())
    return {short if often[short] == 1 else path: path for path, short in lasting.items()}


def _top(paths: list[str]) -> str:
    tops = {path.partition("/")[0] for path in paths}
    return f"{tops.pop()}/" if len(tops) == 1 and all("/" in path for path in paths) else ""
