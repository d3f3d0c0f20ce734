"""The JSON form of the Simple API (PEP 691, 700, 714, 740, 792): sorted keys, compact, UTF-8, one newline last."""

from __future__ import annotations

import orjson

from warehouse.standards.simple.model import API_VERSION, ProjectPage


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
                "yanked": yanked or False,
            }
        )
    status = {"status": page.status}
    if page.status_reason:
        status = {"reason": page.status_reason, **status}
    return orjson.dumps(
        {
            "files": files,
            "meta": {"_last-serial": page.serial, "api-version": API_VERSION},
            "name": page.name,
            "project-status": status,
            "versions": list(versions),
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


def root_head(serial: int) -> str:
    """What opens the root list; the entries follow, commas between them."""
    return f'{{"meta":{{"_last-serial":{serial},"api-version":"{API_VERSION}"}},"projects":['


ROOT_TAIL = "]}\n"


def root_entry(display: str, serial: int | str) -> str:
    """One project of the root list."""
    return f'{{"_last-serial":{serial},"name":{orjson.dumps(display).decode()}}}'
