"""Which links and addresses of a release the index itself can vouch for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from warehouse.domain.packaging import Release
from warehouse.standards.emails import first_address
from warehouse.standards.metadata import Metadata
from warehouse.standards.names import normalize
from warehouse.standards.urls import is_own_project_page
from warehouse.work import Work


@dataclass(frozen=True)
class VerifiedLinks:
    """What an upload proves: ``project_urls`` are ``{label, url, verified}``, the rest says yes or no."""

    metadata: Metadata
    project_urls: list[dict[str, Any]]
    home_page: bool
    download_url: bool

    @classmethod
    def of(cls, work: Work, metadata: Metadata) -> VerifiedLinks:
        """Judge the links of ``metadata``: the index knows its own pages of the project."""
        site = work.settings.site.url
        pages = (f"{site}/project/", f"{site}/p/") if site else ()
        names = (metadata.name, normalize(metadata.name))

        def is_ours(url: str | None) -> bool:
            return bool(url and pages) and is_own_project_page(url or "", site_urls=pages, names=names)

        return cls(
            metadata=metadata,
            project_urls=[
                {"label": label, "url": url, "verified": is_ours(url)} for label, url in metadata.project_urls
            ],
            home_page=is_ours(metadata.home_page),
            download_url=is_ours(metadata.download_url),
        )

    def upgrade(self, release: Release) -> None:
        """Mark links of an existing release as verified when this upload proves the same ones; never the other way.

        An upload without project URLs says nothing about home page and download URL either.
        """
        if not self.project_urls:
            return
        proven = {(link["label"], link["url"]) for link in self.project_urls if link["verified"]}
        links = [
            {**link, "verified": link["verified"] or (link["label"], link["url"]) in proven}
            for link in release.project_urls or ()
        ]
        if proven and links != release.project_urls:
            release.project_urls = links
        if self.home_page and release.home_page == self.metadata.home_page:
            release.home_page_verified = True
        if self.download_url and release.download_url == self.metadata.download_url:
            release.download_url_verified = True


def is_verified_address(field: str | None, addresses: Collection[str]) -> bool:
    """Whether the first address of the field is one of these, which are in lower case."""
    return (first_address(field or "") or "").lower() in addresses
