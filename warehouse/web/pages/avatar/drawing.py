"""Draws the picture of a person from a digest: a few squares, the same on both sides of the middle."""

from __future__ import annotations

import colorsys

SQUARES = 5  # in a row, and rows
EDGE = 1  # around them, in squares

NEUTRAL = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 7 7">'
    '<path fill="#6d7773" d="M0 0h7v7H0z"/>'
    '<circle cx="3.5" cy="2.7" r="1.25" fill="#dfe3e1"/>'
    '<path fill="#dfe3e1" d="M1.2 7a2.3 2.3 0 0 1 4.6 0z"/>'
    "</svg>"
)
"""For people whose picture is hidden."""


def draw(digest: bytes) -> str:
    """An SVG of one muted colour; the first three bytes of the digest say which it is and which squares are filled.

    The colours are light on dark in every scheme, so that the picture is one and the same wherever it stands.
    """
    hue = digest[0] / 256
    bits = int.from_bytes(digest[1:3], "big")
    columns = (SQUARES + 1) // 2
    filled = []
    for place in range(columns * SQUARES):
        if bits >> place & 1:
            row, column = divmod(place, columns)
            filled += [(column, row), (SQUARES - 1 - column, row)]
    side = SQUARES + 2 * EDGE
    path = "".join(f"M{column + EDGE} {row + EDGE}h1v1h-1z" for column, row in dict.fromkeys(filled))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="{_colour(hue, 0.36, 0.32)}" d="M0 0h{side}v{side}H0z"/>'
        f'<path fill="{_colour(hue, 0.83, 0.45)}" d="{path}"/>'
        "</svg>"
    )


def _colour(hue: float, lightness: float, saturation: float) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, lightness, saturation))
