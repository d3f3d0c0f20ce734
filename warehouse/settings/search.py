"""Settings of searching."""

from __future__ import annotations

from pydantic import Field

from warehouse.settings.section import Section


class Search(Section):
    """How projects are found. The index is below the data folder, on every machine that serves pages."""

    in_tree: bool = Field(
        default=True,
        description="`warehouse serve` and `warehouse web` keep the search index of their machine. Without it "
        "searching is answered 503, unless `warehouse search follow` runs there.",
    )
