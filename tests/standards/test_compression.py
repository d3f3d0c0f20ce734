"""Compressed bodies: what comes out goes in again, and no later moment changes them."""

import random
import struct
import sys
import zlib

import pytest

from warehouse.standards.compression import compress, decompress

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BODIES = {
    "empty": b"",
    "short": b"404 Not Found",
    "text": b'{"filename":"demo-1.0.tar.gz"},' * 3_000,
    "noise": random.Random(1).randbytes(300_000),
    "large": random.Random(2).randbytes(1_000).hex().encode() * 4_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_was_compressed_is_what_clients_get(body):
    assert zlib.decompress(compress(body, "gzip"), 31) == body
    assert zstd.decompress(compress(body, "zstd")) == body


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_was_compressed_comes_back(body, coding):
    assert decompress(compress(body, coding), coding) == body


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_same_body_has_the_same_bytes(body, coding):
    assert compress(body, coding) == compress(bytearray(body), coding)


def test_a_gzip_body_holds_neither_name_nor_time():
    flags, time = struct.unpack("<BL", compress(BODIES["text"], "gzip")[3:8])
    assert (flags, time) == (0, 0)


def test_a_zstd_frame_needs_no_larger_window_than_browsers_grant():
    """RFC 9659: "the window size [...] MUST NOT be larger than 8 MB"."""
    frame = compress(random.Random(3).randbytes(1 << 20).hex().encode() * 10, "zstd")
    assert zstd.get_frame_info(frame).decompressed_size == 20 << 20
    options = {zstd.DecompressionParameter.window_log_max: 23}
    assert len(zstd.decompress(frame, options=options)) == 20 << 20


def test_pages_come_out_at_less_than_half():
    """Most of a page is digests, which nothing compresses to less than half."""
    generator = random.Random(4)
    lines = [b'{"hashes":{"sha256":"%s"}},' % generator.randbytes(32).hex().encode() for _ in range(1_000)]
    body = b'{"yanked":false,"provenance":null,"requires-python":">=3.9"}'.join(lines)
    assert len(compress(body, "gzip")) < len(body) / 2
    assert len(compress(body, "zstd")) < len(body) / 2
