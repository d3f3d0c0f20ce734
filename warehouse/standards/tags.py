"""Platform tags: which wheels an index takes (PEP 425, 513, 571, 599, 600, 656, 730, 738, 783)."""

from __future__ import annotations

import re
from collections.abc import Iterable

PLATFORMS: dict[str, str] = {
    "any": r"any",
    "Windows": r"win32|win_(?:amd64|arm64|ia64)",
    "old manylinux": (
        r"manylinux(?:1|2010)_(?:x86_64|i686)|manylinux2014_(?:x86_64|i686|aarch64|armv7l|ppc64|ppc64le|s390x)"
    ),
    "bare Linux": r"linux_armv[67]l",
    "manylinux (PEP 600)": r"manylinux_[0-9]+_[0-9]+_(?:x86_64|i686|aarch64|armv7l|ppc64|ppc64le|s390x|riscv64)",
    "musllinux (PEP 656)": r"musllinux_[0-9]+_[0-9]+_(?:x86_64|i686|aarch64|armv7l|ppc64le|s390x|riscv64)",
    "macOS": (
        r"macosx_(?:10_[0-9]+|(?:1[1-5]|26)_0)"
        r"_(?:ppc|ppc64|i386|x86_64|arm64|intel|fat|fat3|fat64|universal|universal2)"
    ),
    "iOS (PEP 730)": r"ios_[0-9]+_[0-9]+_(?:arm64|x86_64)_iphone(?:os|simulator)",
    "Android (PEP 738)": r"android_[0-9]+_(?:armeabi_v7a|arm64_v8a|x86|x86_64)",
    "Emscripten (PEP 783)": r"pyemscripten_[0-9]+_[0-9]+_wasm32",
}
"""Patterns of the platform tags that mean the same on every machine, by family."""

_KNOWN = re.compile("|".join(PLATFORMS.values()))
_BARE_LINUX = re.compile(r"linux_[a-z0-9_]+")


def refused_platform(tags: Iterable[str], *, linux_allowed: bool) -> str | None:
    """The first platform tag (in alphabetical order) that no installer elsewhere could rely on, as it was written.

    Bare ``linux_<arch>`` says nothing about the libraries a wheel needs, so a public index refuses it; with
    ``linux_allowed`` a private one, which knows its machines, takes it. Letter case does not matter.
    """
    for tag in sorted(tags):
        lowered = tag.lower()
        if not _KNOWN.fullmatch(lowered) and not (linux_allowed and _BARE_LINUX.fullmatch(lowered)):
            return tag
    return None
