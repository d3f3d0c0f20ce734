"""Texts as they are kept: compressed, once for all members that hold them."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def unpacked_text(body: bytes) -> str:
    """The text that was kept as ``body``."""
    return zstd.decompress(body).decode()
