"""Where the bytes of a file are, as pages link to them."""

from __future__ import annotations

from urllib.parse import quote

from warehouse.domain.packaging.files import file_path
from warehouse.settings import Settings

_HERE = "/packages"


def file_address(settings: Settings, blake2_256: str, filename: str) -> str:
    """The address of a file: on the host that the settings name for files, else a path on this one."""
    return f"{settings.site.files_url or _HERE}/{quote(file_path(blake2_256, filename))}"
