"""The settings of counting downloads."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from warehouse.settings.section import Section
from warehouse.settings.written import Duration


class Downloads(Section):
    """How often files are downloaded."""

    enabled: bool = Field(
        default=True,
        description="Downloads that the web server answers are counted, by day. Where a cache in front answers most of "
        "them, set this to false and give its logs to `warehouse downloads import`.",
    )
    keep_detail: Duration = Field(
        default=timedelta(days=180),
        description="How long versions, installers, Pythons and systems are kept apart; of older days only each "
        "project's sums are kept.",
    )
