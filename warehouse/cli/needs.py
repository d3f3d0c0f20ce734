"""What commands need of the application, which imports them and so cannot be imported by them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from warehouse.settings import Settings
from warehouse.work import Tools


class Application(Protocol):
    """One index, about to be worked on."""

    @property
    def settings(self) -> Settings:
        """The settings; refused with BadSettings when one is wrong."""

    def tools(
        self, *, migrated: bool = True, may_be_new: bool = False, lease: bool = True
    ) -> AbstractContextManager[Tools]:
        """Tools, with the database running while the block does and its schema current unless told otherwise."""

    def database_url(self, *, lease: bool) -> AbstractContextManager[str]:
        """The address of the database, which runs while the block does."""

    def postgres_tool(self, name: str) -> Path:
        """A program of PostgreSQL's own, of the version that runs."""
