"""The JSON API as pure code: what it says of a project or of one release, and the exact bytes it says it in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson
from trove_classifiers import sorted_classifiers

from warehouse.standards.urls import normalized_label

NOT_FOUND = b'{"message": "Not Found"}'
"""The body of every 404, to the byte: it is the one document of this API with a space in it."""

_TROVE_ORDER = {classifier: place for place, classifier in enumerate(sorted_classifiers)}
_SEGMENT_SAFE = "~!$&'()*+,;=:@"


class ReleaseFile(NamedTuple):
    """One file of a release.

    A plain tuple, and whatever holds the same in the same order will do: the rows of a query are files without the
    price of a constructor. Digests are hex,
    ``size`` is bytes, ``uploaded_at`` is ``YYYY-MM-DDTHH:MM:SS.ffffffZ``; ``metadata_sha256`` is that of the metadata
    file (PEP 658), None where there is none. A release is yanked as a whole, and each of its files says so.
    """

    filename: str
    packagetype: str
    python_version: str
    comment: str | None
    size: int
    url: str
    md5: str
    sha256: str
    blake2_256: str
    metadata_sha256: str | None
    uploaded_at: str
    requires_python: str | None
    yanked: bool
    yanked_reason: str | None


@dataclass(frozen=True, slots=True)
class ReleaseMetadata:
    """What ``info`` is made of. ``name`` is the display name; texts are as they were uploaded, None if they were not.

    ``project_urls`` are ``{label, url}``, in the order of the upload; what else they hold is not shown.
    """

    name: str
    version: str
    yanked: bool = False
    yanked_reason: str | None = None
    summary: str | None = None
    description: str | None = None
    description_content_type: str | None = None
    author: str | None = None
    author_email: str | None = None
    maintainer: str | None = None
    maintainer_email: str | None = None
    license: str | None = None
    license_expression: str | None = None
    license_files: Sequence[str] | None = None
    keywords: Sequence[str] | None = None
    platforms: Sequence[str] | None = None
    classifiers: Sequence[str] | None = None
    home_page: str | None = None
    download_url: str | None = None
    project_urls: Sequence[Mapping[str, Any]] | None = None
    requires_python: str | None = None
    requires_dist: Sequence[str] | None = None
    provides_extra: Sequence[str] | None = None
    dynamic: Sequence[str] | None = None


class Vulnerability(NamedTuple):
    """What is known to be wrong with the release. A plain tuple like :class:`ReleaseFile`.

    ``withdrawn`` is ``YYYY-MM-DDTHH:MM:SSZ``, None for what still holds.
    """

    id: str
    source: str
    link: str | None
    aliases: Sequence[str]
    details: str | None
    summary: str | None
    fixed_in: Sequence[str]
    withdrawn: str | None


@dataclass(frozen=True, slots=True)
class MetadataPage:
    """Everything that one answer says of the selected release and of its project.

    ``roles`` are pairs of role and username, ``files`` those of the selected release by filename, ``vulnerabilities``
    its own, too. ``releases``, the
    files of every release by version, is None on the page of one release. ``site`` is the address of the index without
    a slash at the end, empty where it does not know its own.
    """

    serial: int
    release: ReleaseMetadata
    files: Sequence[ReleaseFile]
    releases: Mapping[str, Sequence[ReleaseFile]] | None = None
    roles: Sequence[tuple[str, str]] = ()
    site: str = ""
    vulnerabilities: Sequence[Vulnerability] = ()


def metadata_json(page: MetadataPage) -> bytes:
    """The answer: keys sorted, compact, UTF-8, one newline last.

    The keys stand sorted in the code, which spares the serializer sorting those of thousands of files.
    """
    said: dict[str, Any] = {
        "info": _info(page.release, page.site),
        "last_serial": page.serial,
        "ownership": {"organization": None, "roles": [{"role": role, "user": user} for role, user in page.roles]},
    }
    if page.releases is None:
        said["urls"] = _files(page.files)
    else:
        releases = {version: _files(page.releases[version]) for version in sorted(page.releases)}
        said["releases"] = releases
        said["urls"] = releases[page.release.version]
    said["vulnerabilities"] = [_vulnerability(*one) for one in page.vulnerabilities]
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


def project_page(site: str, name: str) -> str:
    """The address of a project's page for people; only a path where the index does not know its own address."""
    return f"{site}/project/{segment(name)}/"


def segment(text: str) -> str:
    """Text as one segment of a path (RFC 3986): only what may not stand there is percent-encoded."""
    return quote(text, safe=_SEGMENT_SAFE)


def all_project_urls(release: ReleaseMetadata) -> dict[str, str]:
    """Label to URL, sorted by label: what the release lists, and the two links that have fields of their own.

    These are called ``Homepage`` and ``Download``. A listed URL that repeats one of them, under a label that reads
    ``homepage`` or ``downloadurl`` once punctuation and case are gone (PEP 753), is left out.
    """
    own = {"homepage": release.home_page, "downloadurl": release.download_url}
    urls = {label: url for label, url in (("Homepage", release.home_page), ("Download", release.download_url)) if url}
    for link in release.project_urls or ():
        label, url = link["label"], link["url"]
        if own.get(normalized_label(label)) != url:
            urls[label] = url
    return dict(sorted(urls.items()))


def _info(release: ReleaseMetadata, site: str) -> dict[str, Any]:
    project_url = project_page(site, release.name)
    return {
        "author": release.author,
        "author_email": release.author_email,
        "bugtrack_url": None,
        "classifiers": _in_trove_order(release.classifiers or ()),
        "description": release.description or "",
        "description_content_type": release.description_content_type,
        "docs_url": None,
        "download_url": release.download_url,
        "downloads": {"last_day": -1, "last_month": -1, "last_week": -1},
        "dynamic": release.dynamic or None,
        "home_page": release.home_page,
        "keywords": ", ".join(release.keywords) if release.keywords else None,
        "license": release.license,
        "license_expression": release.license_expression,
        "license_files": release.license_files or None,
        "maintainer": release.maintainer,
        "maintainer_email": release.maintainer_email,
        "name": release.name,
        "package_url": project_url,
        "platform": release.platforms[0] if release.platforms else None,
        "project_url": project_url,
        "project_urls": all_project_urls(release) or None,
        "provides_extra": release.provides_extra or None,
        "release_url": f"{project_url}{segment(release.version)}/",
        "requires_dist": release.requires_dist or None,
        "requires_python": release.requires_python,
        "summary": release.summary,
        "version": release.version,
        "yanked": release.yanked,
        "yanked_reason": release.yanked_reason or None,
    }


def _vulnerability(
    identifier: str,
    source: str,
    link: str | None,
    aliases: Sequence[str],
    details: str | None,
    summary: str | None,
    fixed_in: Sequence[str],
    withdrawn: str | None,
) -> dict[str, Any]:
    return {
        "aliases": aliases,
        "details": details,
        "fixed_in": fixed_in,
        "id": identifier,
        "link": link,
        "source": source,
        "summary": summary,
        "withdrawn": withdrawn,
    }


def _files(files: Iterable[ReleaseFile]) -> list[dict[str, Any]]:
    return [
        {
            "comment_text": comment,
            "core-metadata": {"sha256": metadata_sha256} if metadata_sha256 else False,
            "digests": {"blake2b_256": blake2_256, "md5": md5, "sha256": sha256},
            "downloads": -1,
            "filename": filename,
            "has_sig": False,
            "md5_digest": md5,
            "packagetype": packagetype,
            "python_version": python_version,
            "requires_python": requires_python,
            "size": size,
            "upload_time": uploaded_at[:19],
            "upload_time_iso_8601": uploaded_at,
            "url": url,
            "yanked": yanked,
            "yanked_reason": yanked_reason or None,
        }
        for (
            filename,
            packagetype,
            python_version,
            comment,
            size,
            url,
            md5,
            sha256,
            blake2_256,
            metadata_sha256,
            uploaded_at,
            requires_python,
            yanked,
            yanked_reason,
        ) in files
    ]


def _in_trove_order(classifiers: Iterable[str]) -> list[str]:
    """As the list of classifiers has them (``3.9`` before ``3.10``); those that were dropped from it come last."""
    return sorted(classifiers, key=lambda classifier: (_TROVE_ORDER.get(classifier, len(_TROVE_ORDER)), classifier))
