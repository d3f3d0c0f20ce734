"""The rows of a release and its files, made of what the origin says of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from warehouse.domain.packaging import File
from warehouse.operations.mirroring.documents import FileSaid, Info
from warehouse.operations.mirroring.files import Brought
from warehouse.standards.versions import canonical, is_prerelease, sort_key

TEXTS = (
    "author", "author_email", "description_content_type", "download_url", "home_page", "license", "license_expression",
    "maintainer", "maintainer_email", "requires_python", "summary",
)  # fmt: skip
LISTS = ("classifiers", "dynamic", "license_files", "provides_extra", "requires_dist")
OLDEST_METADATA = "1.0"  # what a release states at least whose archives cannot be read
UPLOADED_VIA = "warehouse mirror"


def identity(version: str, at: datetime) -> dict[str, Any]:
    """The columns that follow from the version alone, and when it came to be."""
    return {
        "version": version,
        "canonical_version": canonical(version),
        "version_key": sort_key(version),
        "is_prerelease": is_prerelease(version),
        "created_at": at,
        "uploaded_via": UPLOADED_VIA,
    }


def described(info: Info) -> dict[str, Any]:
    """The columns that a page of the JSON API tells; the description has a table of its own."""
    values: dict[str, Any] = {name: getattr(info, name) for name in TEXTS if name != "description_content_type"}
    values |= {name: getattr(info, name) or None for name in LISTS}
    return values | {
        "keywords": info.keywords.split(", ") if info.keywords else None,
        "platforms": [info.platform] if info.platform else None,
        "project_urls": _listed_urls(info) or None,
    }


def stated(brought: Sequence[Brought]) -> dict[str, Any]:
    """The columns that no page tells: what the first file says whose metadata can be read."""
    read = sorted((file for file in brought if file.metadata.metadata_version), key=lambda one: one.said.uploaded_at)
    if not read:
        return {}
    metadata = read[0].metadata
    return {
        "metadata_version": metadata.metadata_version,
        "import_names": list(metadata.import_names) or None,
        "import_namespaces": list(metadata.import_namespaces) or None,
    }


def file_row(brought: Brought, *, project_id: Any, release_id: int) -> File:
    """The file as it stands at the origin."""
    said, companion = brought.said, brought.companion
    return File(
        project_id=project_id,
        release_id=release_id,
        filename=said.filename,
        packagetype=said.packagetype,
        python_version=said.python_version,
        requires_python=said.requires_python,
        comment=said.comment,
        size=said.size,
        md5=said.digests.md5,
        sha256=said.digests.sha256,
        blake2_256=said.digests.blake2b_256,
        metadata_sha256=companion.sha256 if companion else None,
        metadata_blake2_256=companion.blake2_256 if companion else None,
        sboms=list(brought.sboms) or None,
        uploaded_at=said.uploaded_at,
        uploaded_via=UPLOADED_VIA,
    )


def fingerprint(said: FileSaid) -> tuple[object, ...]:
    """Everything about a file that must be the same here; files do not change, they are removed and added."""
    return (
        said.packagetype,
        said.python_version,
        said.requires_python,
        said.comment,
        said.size,
        said.digests.md5,
        said.digests.sha256,
        said.digests.blake2b_256,
        said.metadata_sha256,
        said.uploaded_at,
    )


KEPT = (
    File.packagetype, File.python_version, File.requires_python, File.comment, File.size, File.md5, File.sha256,
    File.blake2_256, File.metadata_sha256, File.uploaded_at,
)  # fmt: skip
"""The columns of :func:`fingerprint`, in its order."""


def _listed_urls(info: Info) -> list[dict[str, Any]]:
    """The links that the release lists, without the two that pages add from fields of their own."""
    added = {("Homepage", info.home_page), ("Download", info.download_url)}
    return [
        {"label": label, "url": url, "verified": False}
        for label, url in (info.project_urls or {}).items()
        if (label, url) not in added
    ]
