"""The little picture on a browser's tab."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from itertools import chain, repeat

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.web.request import Request

# A shelf with three boxes; the colours are those of the logo.
PICTURE = """
..############..
.##############.
################
####oooooo######
####oooooo######
####oooooo######
####oooooo######
##oooooooooooo##
################
##oooooo#oooo###
##oooooo#oooo###
##oooooo#oooo###
##oooooooooooo##
################
.##############.
..############..
"""
COLOURS = {".": b"\x00\x00\x00\x00", "#": b"\x0b\x6b\x57\xff", "o": b"\xf4\xf7\xf5\xff"}
SCALE = 2


@view_config(route_name="favicon", request_method="GET")
def favicon(request: Request) -> Response:
    """The picture as an icon file."""
    return Response(
        icon(), content_type="image/vnd.microsoft.icon", charset=None, cache_control="public, max-age=86400"
    )


@cache
def icon() -> bytes:
    """An ICO file that holds one PNG."""
    rows = PICTURE.split()
    side = len(rows) * SCALE
    lines = (b"\x00" + b"".join(COLOURS[colour] * SCALE for colour in row) for row in rows)
    pixels = b"".join(chain.from_iterable(repeat(line, SCALE) for line in lines))
    png = b"\x89PNG\r\n\x1a\n"
    png += _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0))  # 8 bits of red, green, blue, alpha
    png += _chunk(b"IDAT", zlib.compress(pixels, 9)) + _chunk(b"IEND", b"")
    directory = struct.pack("<HHH", 0, 1, 1)
    entry = struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(png), len(directory) + 16)
    return directory + entry + png


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
