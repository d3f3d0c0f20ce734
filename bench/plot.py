"""A line chart as SVG, written by hand: sizes on a logarithmic axis, milliseconds on a plain one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 360, 60, 50, 40, 90
COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#8250df")


def chart(title: str, sizes: Sequence[int], lines: Mapping[str, Sequence[float]], unit: str = "ms") -> str:
    """One line for each name; ``sizes`` are the places on the horizontal axis."""
    highest = max(max(values) for values in lines.values()) * 1.1 or 1.0
    low, high = math.log10(min(sizes)), math.log10(max(sizes))

    def x(size: int) -> float:
        return LEFT + (math.log10(size) - low) / ((high - low) or 1) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / highest * (HEIGHT - BOTTOM - TOP)

    pieces = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
        ' font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="22" font-size="15">{title}</text>',
    ]
    for step in range(6):
        value = highest / 5 * step
        pieces.append(f'<path d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        pieces.append(f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.1f} {unit}</text>')
    for size in sizes:
        pieces.append(f'<text x="{x(size):.1f}" y="{HEIGHT - 24}" text-anchor="middle">{size:,}</text>')
    for (name, values), colour in zip(lines.items(), COLOURS, strict=False):
        points = [(x(size), y(value)) for size, value in zip(sizes, values, strict=True)]
        path = " ".join(f"{left:.1f},{top:.1f}" for left, top in points)
        pieces.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        pieces += [f'<circle cx="{left:.1f}" cy="{top:.1f}" r="3" fill="{colour}"/>' for left, top in points]
        pieces.append(f'<text x="{points[-1][0] + 8:.1f}" y="{points[-1][1] + 4:.1f}" fill="{colour}">{name}</text>')
    return "\n".join([*pieces, "</svg>", ""])
