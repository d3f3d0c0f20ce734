"""QR codes on our pages."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import segno

from warehouse.standards import qr

TEXT = "otpauth://totp/Warehouse:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Warehouse"


def test_the_picture_has_every_module_of_the_code_and_a_white_border():
    root = ElementTree.fromstring(qr.svg(TEXT))
    matrix = segno.make_qr(TEXT, error="m").matrix
    size = len(matrix) + 8
    assert root.attrib["viewBox"] == f"0 0 {size} {size}"
    white, black = root
    assert (white.attrib["fill"], white.attrib["d"]) == ("#fff", f"M0 0h{size}v{size}H0z")
    drawn = {(int(x) - 4, int(y) - 4) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", black.attrib["d"])}
    assert drawn == {(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}


def test_nothing_in_it_needs_a_weaker_content_security_policy():
    picture = qr.svg(TEXT).decode()
    assert "style" not in picture and "script" not in picture and "href" not in picture


def test_what_is_written_in_it_is_never_markup():
    assert b"<script" not in qr.svg("</svg><script>alert(1)</script>")
