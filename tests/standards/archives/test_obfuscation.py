"""Source that was protected against reading is found by the markers its tools leave."""

import pytest

from warehouse.standards.archives import obfuscation
from warehouse.standards.archives.obfuscation import Scan, obfuscator
from warehouse.standards.archives.refusal import BadArchive


@pytest.mark.parametrize(
    ("content", "tool"),
    [
        (b"from pyarmor_runtime_000000 import __pyarmor__\n__pyarmor__(__name__, __file__, b'PY000000')", "PyArmor"),
        (b"__pyarmor__ ( __name__ , __file__, b'\\x50')", "PyArmor"),
        (b"def f():\n    __pyarmor_enter__()\n", "PyArmor"),
        (b"__pyarmor_exit__", "PyArmor"),
        (b"__pyarmor_assert__", "PyArmor"),
        (b"__pyarmor_bcc__", "PyArmor"),
        (b"---BEGIN PYE FILE---\nabc\n---END PYE FILE---", "SourceDefender"),
        (b"-----BEGIN SOURCEDEFENDER FILE-----\nabc\n-----END SOURCEDEFENDER FILE-----", "SourceDefender"),
        (b"---BEGIN PYE FILE---", None),
        (b"---END PYE FILE---", None),
        (b"import pyarmor  # __pyarmor__ is its runtime", None),
        (b"__pyarmor_other__", None),
        (b"print('hello')", None),
        (b"", None),
    ],
)
def test_the_markers(content, tool):
    assert obfuscator(content) == tool


def must_not_read() -> bytes:
    raise AssertionError("This member should not have been read.")


@pytest.mark.parametrize("name", ["a.txt", "a.pyc", "a.py.txt", "py"])
def test_only_source_is_looked_into(name):
    scan = Scan()
    scan.look(name, 10, must_not_read)
    assert scan.unfinished is None


@pytest.mark.parametrize("name", ["a.py", "d/a.pye"])
def test_protected_source_is_refused(name):
    with pytest.raises(BadArchive, match=f"'{name}' is protected by PyArmor"):
        Scan().look(name, 18, lambda: b"__pyarmor_enter__")


def test_large_members_are_passed_over_and_it_is_said():
    scan = Scan()
    scan.look("a.py", 5 * 2**20 + 1, must_not_read)
    assert scan.unfinished == "'a.py' is larger than 5242880 bytes."


def test_the_scan_ends_after_a_limit_and_it_is_said():
    scan = Scan()
    content = b" " * obfuscation.MAX_SCANNED
    for _ in range(obfuscation.MAX_TOTAL // obfuscation.MAX_SCANNED):
        scan.look("a.py", len(content), lambda: content)
    assert scan.unfinished is None
    scan.look("b.py", len(content), must_not_read)
    assert scan.unfinished == "There are more than 268435456 bytes of source."
