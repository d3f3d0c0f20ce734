"""QR codes (ISO/IEC 18004) as pictures that a strict content security policy allows."""

from __future__ import annotations

QUIET_ZONE = 4  # modules: what the standard asks for around the code


def svg(text: str) -> bytes:
    """A black-on-white SVG document with this text, without a style, a script or a size of its own.

    The white is painted: on a dark page an app would see no code.
    """
    import segno

    code = segno.make_qr(text, error="m")
    width, height = code.symbol_size(border=QUIET_ZONE)
    path = []
    for y, row in enumerate(code.matrix, QUIET_ZONE):
        path += [f"M{x} {y}h1v1h-1z" for x, module in enumerate(row, QUIET_ZONE) if module]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v{height}H0z"/><path d="{"".join(path)}"/></svg>'
    ).encode()
