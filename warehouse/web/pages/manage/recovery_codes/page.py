"""What the pages of recovery codes show."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote

from warehouse.web.request import Request


@dataclass(frozen=True)
class GeneratePage:
    """The button. ``voids`` is how many codes from before are void afterwards."""

    action: str
    voids: int


@dataclass(frozen=True)
class CodesPage:
    """The codes, this once; ``file`` is the address of a file with them, which holds it itself."""

    codes: tuple[str, ...] = field(repr=False)
    filename: str
    file: str = field(repr=False)

    @classmethod
    def of(cls, request: Request, codes: list[str]) -> CodesPage:
        """The page for these codes."""
        assert request.user is not None
        name, username, at = request.settings.site.name, request.user.username, request.work.now
        head = f"Recovery codes of {username} at {name}, {request.base_url}/\nGenerated {at:%Y-%m-%d %H:%M} UTC\n"
        text = "\n".join([head, *codes, ""])
        return cls(tuple(codes), f"recovery-codes-{username}.txt", f"data:text/plain;charset=utf-8,{quote(text)}")


@dataclass(frozen=True)
class BurnPage:
    """The form for a code."""

    mistakes: dict[str, str] = field(default_factory=dict)
