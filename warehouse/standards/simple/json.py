"""The JSON form of the Simple API (PEP 691, 700, 714, 740, 792): sorted keys, compact, UTF-8, one newline last."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from warehouse.standards.simple.model import API_VERSION, API_VERSION_WITH_NAMESPACES, ProjectPage

# PEP 700: "a valid ISO 8601 date/time string, in the format yyyy-mm-ddThh:mm:ss.ffffffZ", whose fraction is left out
# when it is zero.
_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


def project_json(page: ProjectPage) -> bytes:
    """The page of one project.

    ``versions`` holds the versions of the files in the order of the files, so that a release without files does
    not appear. PEP 714 wants ``core-metadata``; its misspelt twin ``data-dist-info-metadata`` is what mirrors read.
    """
    files = []
    versions: dict[str, None] = {}
    # The keys stand sorted, which spares the serializer sorting ten thousand times ten of them.
    for (
        filename,
        version,
        url,
        sha256,
        size,
        upload_time,
        requires_python,
        yanked,
        metadata,
        provenance,
    ) in page.offered_files:
        versions[version] = None
        core_metadata = {"sha256": metadata} if metadata else False
        files.append(
            {
                "core-metadata": core_metadata,
                "data-dist-info-metadata": core_metadata,
                "filename": filename,
                "hashes": {"sha256": sha256},
                "provenance": provenance,
                "requires-python": requires_python or None,
                "size": size,
                "upload-time": upload_time,
                "url": url,
                "yanked": False if yanked is None else yanked or True,
            }
        )
    status = {"status": page.status}
    if page.status_reason:
        status = {"reason": page.status_reason, **status}
    api_version, namespaces = API_VERSION, {}
    if page.namespaces is not None:
        api_version, namespaces = API_VERSION_WITH_NAMESPACES, {"namespaces": _namespaces(page.namespaces)}
    return orjson.dumps(
        {
            "files": files,
            "meta": {"_last-serial": page.serial, "api-version": api_version},
            "name": page.name,
            **namespaces,
            "project-status": status,
            "versions": list(versions),
        },
        option=_OPTIONS,
    )


def _namespaces(covering: Sequence[tuple[str, bool]]) -> list[dict[str, str | bool]] | None:
    """PEP 752: null when no grant covers the name."""
    return [{"name": name, "owned": owned} for name, owned in covering] or None


def root_head(serial: int, *, version: str = API_VERSION) -> str:
    """What opens the root list; the entries follow, commas between them."""
    return f'{{"meta":{{"_last-serial":{serial},"api-version":"{version}"}},"projects":['


ROOT_TAIL = "]}\n"


def root_entry(display: str, serial: int | str) -> str:
    """One project of the root list."""
    return f'{{"_last-serial":{serial},"name":{orjson.dumps(display).decode()}}}'
