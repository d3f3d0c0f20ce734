"""Advisories that are files on this machine: alone, in folders, in archives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import orjson
import yaml

from warehouse.errors import Invalid

LARGEST = 16 * 1024**2  # bytes of one record
ENDINGS = (".json", ".yaml", ".yml")


@dataclass(frozen=True)
class Document:
    """One file that is to hold a record, and where it is."""

    name: str
    size: int
    content: Callable[[], bytes]

    def read(self) -> Any:
        """What it holds. Refuses with :class:`Invalid` what is no JSON, no YAML, or longer than `LARGEST`."""
        if self.size > LARGEST:
            raise Invalid(f"The file has more than {LARGEST} bytes.", code="too_large")
        try:
            content = self.content()
            return orjson.loads(content) if self.name.endswith(".json") else yaml.load(content, yaml.CSafeLoader)
        except orjson.JSONDecodeError as error:
            raise Invalid(f"The file is no JSON: {error}.", code="json") from error
        except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: 2026-99-99 is no day
            raise Invalid("The file is no YAML.", code="yaml") from error
        except (BadZipFile, OSError, NotImplementedError, RuntimeError) as error:  # RuntimeError: it is encrypted
            raise Invalid(f"The file cannot be read: {error}.", code="unreadable") from error


def documents(paths: Iterable[Path]) -> Iterator[Document]:
    """Every file that may hold a record, in the order of their names."""
    for path in paths:
        if path.is_dir():
            found = (one for one in path.rglob("*") if one.suffix in ENDINGS and one.is_file())
            for file in sorted(found):
                yield _file(file)
        elif path.suffix == ".zip":
            yield from _members(path)
        else:
            yield _file(path)


def _file(path: Path) -> Document:
    return Document(str(path), path.stat().st_size, path.read_bytes)


def _members(path: Path) -> Iterator[Document]:
    try:
        archive = ZipFile(path)
    except BadZipFile as error:
        raise Invalid(f"{path} is no zip archive.", code="zip") from error
    with archive:
        for member in archive.infolist():
            if member.filename.endswith(ENDINGS):
                yield Document(f"{path}/{member.filename}", member.file_size, partial(_content, archive, member))


def _content(archive: ZipFile, member: Any) -> bytes:
    with archive.open(member) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Invalid(f"The file has more than {LARGEST} bytes.", code="too_large")
    return content
