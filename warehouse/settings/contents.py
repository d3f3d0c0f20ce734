"""The settings of looking into files."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from warehouse.settings.section import Section
from warehouse.settings.written import Count, Duration, Size


class Contents(Section):
    """What visitors see of the files inside wheels and source distributions."""

    enabled: bool = Field(
        default=True, description="Pages show what is in a file, and what changed between two releases."
    )
    max_file_size: Size = Field(default=200 * 1024**2, description="The largest wheel or sdist that is looked into.")
    max_unpacked: Size = Field(
        default=1024**3, description="The most that all members of one may take when they are unpacked."
    )
    max_members: Count = Field(default=10_000, description="The most members that one may have.")
    max_text: Size = Field(default=1024**2, description="The largest text file in it that can be read on a page.")
    max_texts: Size = Field(
        default=32 * 1024**2, description="The most that the texts of one file may take together; others are not kept."
    )
    time_limit: Duration = Field(default=timedelta(seconds=60), description="How long looking into one file may take.")
    keep: Duration = Field(
        default=timedelta(days=7),
        description="What nobody has looked at for so long is forgotten, and unpacked again when somebody does.",
    )
    capacity: Size = Field(
        default=1024**3,
        description="The most that all texts take in the database together, compressed; beyond, what was looked at "
        "least recently is forgotten.",
    )
