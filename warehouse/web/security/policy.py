"""What a page may load and where its forms may go (Content Security Policy, level 3)."""

from __future__ import annotations

from typing import Any

HEADER = "Content-Security-Policy"

# No script, no frame, nothing from elsewhere, and no inline style: what somebody smuggles into a page stays text.
STRICTEST: dict[str, tuple[str, ...]] = {
    "base-uri": ("'none'",),
    "default-src": ("'none'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'none'",),
    "img-src": ("'self'",),
    "style-src": ("'self'",),
}


def allow(response: Any, directive: str, *sources: str) -> None:
    """Let this one page load from there, too."""
    policy = _read(response.headers.get(HEADER)) if HEADER in response.headers else dict(STRICTEST)
    kept = tuple(source for source in policy.get(directive, ()) if source != "'none'")
    policy[directive] = (*kept, *(source for source in sources if source not in kept))
    response.headers[HEADER] = written(policy)


def written(policy: dict[str, tuple[str, ...]]) -> str:
    """The policy as the header field holds it."""
    return "; ".join(" ".join((directive, *sources)) for directive, sources in sorted(policy.items()))


def _read(text: str) -> dict[str, tuple[str, ...]]:
    parts = (part.split() for part in text.split(";"))
    return {directive: tuple(sources) for directive, *sources in parts}
