"""The settings of images that descriptions show from elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, SecretStr

from warehouse.settings.section import Section
from warehouse.settings.written import Duration, Size, Url


class Images(Section):
    """Images in descriptions, which lie on other people's servers."""

    mode: Literal["proxy", "camo", "blocked"] = Field(
        default="proxy",
        description="proxy fetches them for the visitor and keeps them for a while; camo sends the visitor to a camo "
        "that you run, with images.camo_url and images.camo_key; blocked shows a link in the place of each.",
    )
    camo_url: Url | None = Field(default=None, description="The address of the camo.")
    camo_key: SecretStr | None = Field(default=None, description="The key that the camo was given, too.")
    max_size: Size = Field(default=5 * 1024**2, description="The largest image that is fetched.")
    time_limit: Duration = Field(default=timedelta(seconds=10), description="How long one image may take to come.")
    kept_for: Duration = Field(
        default=timedelta(hours=4),
        description="How long an image is shown before it is fetched anew, here and by clients.",
    )
    cache_size: Size = Field(
        default=512 * 1024**2, description="The most that images may take of the data folder's disk, on each machine."
    )
    from_inside: bool = Field(
        default=False,
        description="Images are fetched from addresses inside your own network, too. Whoever may publish can then have "
        "the index call anything there.",
    )

    @property
    def is_proxied(self) -> bool:
        """Whether this index fetches them itself."""
        return self.mode == "proxy"
