"""Which links and addresses of a release the index itself can vouch for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from warehouse.domain.packaging import Project, Release
from warehouse.standards.emails import first_address
from warehouse.standards.metadata import Metadata
from warehouse.standards.urls import is_own_project_page
from warehouse.work import Work


@dataclass(frozen=True)
class VerifiedLinks:
    """What an upload proves: ``project_urls`` are ``{label, url, verified}``, the rest says yes or no."""

    project_urls: list[dict[str, Any]]
    home_page: bool
    download_url: bool
    author_email: bool
    maintainer_email: bool

    @classmethod
    def of(cls, work: Work, metadata: Metadata, project: Project, addresses: frozenset[str]) -> VerifiedLinks:
        """Judge the links of ``metadata``; ``addresses`` are the collaborators' public and verified ones."""
        site = work.settings.site.url
        pages = (f"{site}/project/", f"{site}/p/") if site else ()
        names = (project.name, project.normalized_name)

        def is_ours(url: str | None) -> bool:
            return bool(url) and is_own_project_page(url or "", site_urls=pages, names=names)

        def is_theirs(email: str | None) -> bool:
            return (first_address(email or "") or "").lower() in addresses

        urls: Mapping[str, str] = dict(metadata.project_urls or {})
        return cls(
            project_urls=[{"label": label, "url": url, "verified": is_ours(url)} for label, url in urls.items()],
            home_page=is_ours(metadata.home_page),
            download_url=is_ours(metadata.download_url),
            author_email=is_theirs(metadata.author_email),
            maintainer_email=is_theirs(metadata.maintainer_email),
        )

    def upgrade(self, release: Release) -> None:
        """Mark links of an existing release as verified when this upload proves them; never the other way."""
        if not self.project_urls or not release.project_urls:
            return
        proven = {(link["label"], link["url"]) for link in self.project_urls if link["verified"]}
        links = [
            {**link, "verified": link["verified"] or (link["label"], link["url"]) in proven}
            for link in release.project_urls
        ]
        if links != release.project_urls:
            release.project_urls = links
        release.home_page_verified = release.home_page_verified or self.home_page
        release.download_url_verified = release.download_url_verified or self.download_url
