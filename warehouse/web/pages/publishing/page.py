"""What a browser sees at the upload address."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.settings import Settings
from warehouse.web.commands import Commands, commands_for


@dataclass(frozen=True)
class PublishingPage:
    """How to configure the tools that publish."""

    commands: Commands


def publishing_page(settings: Settings, base_url: str) -> PublishingPage:
    """The page for the index at ``base_url``."""
    return PublishingPage(commands_for(settings, base_url))
