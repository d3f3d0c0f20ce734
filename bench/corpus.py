"""What the index is filled with: real distributions, and synthetic ones of a known shape."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

_NAMES = """
    six idna certifi packaging click requests urllib3 flask jinja2 attrs markupsafe werkzeug itsdangerous
    blinker rich pygments tqdm wheel pyyaml charset-normalizer numpy django sqlalchemy pydantic pydantic-core
    anyio sniffio h11 httpx httpcore starlette fastapi uvicorn pytest pluggy iniconfig jsonschema referencing
    rpds-py black mypy-extensions pathspec platformdirs boto3 jmespath s3transfer python-dateutil pytz tzdata
    typing-inspection annotated-types
"""
PROJECTS = _NAMES.split()


def real(folder: Path) -> list[Path]:
    """The newest wheel of each project, fetched once, from wherever this machine's pip is told to."""
    if not folder.exists():
        folder.mkdir(parents=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--dest", str(folder), *PROJECTS], check=True)
    return sorted(path for path in folder.iterdir() if path.name.endswith((".whl", ".tar.gz")))


def synthetic(folder: Path, name: str, versions: range) -> list[Path]:
    """Small valid wheels ``name-0.N``, the same bytes every time."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_wheel(folder, name, f"0.{number}", b"") for number in versions]


def large(folder: Path, size: int) -> Path:
    """A wheel of about ``size`` bytes that does not compress."""
    folder.mkdir(parents=True, exist_ok=True)
    return _wheel(folder, "large", "1.0", size)


def _wheel(folder: Path, name: str, version: str, payload: bytes | int) -> Path:
    path = folder / f"{name}-{version}-py3-none-any.whl"
    if path.exists():
        return path
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: made for measuring\n"
    members = {
        f"{name}.py": f"__version__ = {version!r}\n".encode(),
        f"{info}/METADATA": f"{metadata}Requires-Python: >=3.8\nLicense: MIT\n\nNothing here.\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{member},sha256={_digest(data)},{len(data)}\n" for member, data in members.items())
    if isinstance(payload, int):
        record += f"{name}.bin,,{payload}\n"
    members[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    partial = path.with_suffix(".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members.items():
            archive.writestr(zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0)), data)
        if isinstance(payload, int):
            _fill(archive, f"{name}.bin", payload)
    partial.rename(path)
    return path


def _fill(archive: zipfile.ZipFile, member: str, size: int) -> None:
    block = os.urandom(1024 * 1024)
    entry = zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0))
    entry.file_size = size
    with archive.open(entry, "w") as file:
        for _ in range(size // len(block)):
            file.write(block)
        file.write(block[: size % len(block)])


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
