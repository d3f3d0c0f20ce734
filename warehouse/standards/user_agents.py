"""What programs say of themselves (RFC 9110 10.1.5), in a few words for people: which browser or tool, on which system.

It is what the program wants to be taken for, so it is only shown, never acted on. The words stand in mail to others,
too: whoever asks for somebody's new password chooses them. So none of them can be taken for an address, which mail
programs would make a link, nor for a sentence.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

LONGEST = 2000  # characters that are looked at
LONGEST_NAME = 40

# The first that matches: browsers name those whose pages they can show, so the rarest come first.
BROWSERS = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/(\d+)")),
    ("Opera", re.compile(r"\b(?:OPR|Opera)/(\d+)")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/(\d+)")),
    ("Vivaldi", re.compile(r"\bVivaldi/(\d+)")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/(\d+)")),
    ("Chromium", re.compile(r"\bChromium/(\d+)")),
    ("Chrome", re.compile(r"\b(?:Headless)?(?:Chrome|CriOS)/(\d+)")),
    ("Safari", re.compile(r"\bVersion/(\d+)[\d.]* (?:Mobile/\w+ )?Safari/")),
)
_SYSTEMS = (
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("macOS", re.compile(r"\b(?:Macintosh|Mac OS X|Darwin)\b", re.IGNORECASE)),
    ("Linux", re.compile(r"\bLinux\b", re.IGNORECASE)),
    ("FreeBSD", re.compile(r"\bFreeBSD\b", re.IGNORECASE)),
)
_PRODUCT = re.compile(r"([A-Za-z][A-Za-z0-9_+-]*)/(\d+(?:\.\d+)*(?:\.?(?:a|b|rc|dev|post)\d+)*)")


def in_words(user_agent: str | None) -> str | None:
    """``Firefox 130 on Linux``, ``pip 24.2 on macOS``, ``twine 5.1.1``; None where nothing that we know is named."""
    if not user_agent or not user_agent.isprintable():
        return None
    text = user_agent[:LONGEST]
    tool = _tool(text)
    if tool is not None:
        return tool
    system = _first(_SYSTEMS, text)
    for name, pattern in BROWSERS:
        if match := pattern.search(text):
            return _on(f"{name} {match[1]}", system)
    product = _PRODUCT.match(text)
    if product is not None and product[1] != "Mozilla":
        return _on(f"{product[1][:LONGEST_NAME]} {product[2][:LONGEST_NAME]}", system)
    return system


def _tool(text: str) -> str | None:
    """pip and uv write JSON after their name; its ``system`` is the most that people want to know."""
    name, _, rest = text.partition(" ")
    product = _PRODUCT.fullmatch(name)
    if product is None or not rest.startswith("{"):
        return None
    system = _first(_SYSTEMS, _within(_read(rest), "system", "name") or "")
    return _on(f"{product[1][:LONGEST_NAME]} {product[2][:LONGEST_NAME]}", system)


def _read(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _within(said: Any, *names: str) -> str | None:
    for name in names:
        said = said.get(name) if isinstance(said, dict) else None
    return said if isinstance(said, str) else None


def _first(known: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> str | None:
    return next((name for name, pattern in known if pattern.search(text)), None)


def _on(name: str, system: str | None) -> str:
    return f"{name} on {system}" if system else name
