"""What file names say, in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.readable_tags import readable_tags
from warehouse.standards.supported import Supported, supported

INTERPRETERS = {
    "py3-none": ("Python 3",),
    "py2.py3-none": ("Python 2", "Python 3"),
    "py39-none": ("Python 3.9+",),
    "py3_10-none": ("Python 3.10+",),
    "cp312-cp312": ("CPython 3.12",),
    "cp27-cp27mu": ("CPython 2.7",),
    "cp39-abi3": ("CPython 3.9+",),
    "cp38.cp39-none": ("CPython 3.8", "CPython 3.9"),
    "cp313-cp313t": ("CPython 3.13 free-threaded",),
    "cp315-abi3t": ("CPython 3.15+ free-threaded",),
    "cp315-abi3.abi3t": ("CPython 3.15+", "CPython 3.15+ free-threaded"),
    "cp3-none": ("CPython 3",),
    "pp310-pypy310_pp73": ("PyPy 3.10",),
    "pp27-pypy_73": ("PyPy 2.7",),
    "pp222-none": ("PyPy",),
    "ip27-none": ("IronPython 2.7",),
    "jy27-none": ("Jython 2.7",),
    "graalpy311-graalpy242_311_native": ("GraalPy 3.11",),
    "rustpython-none": ("rustpython",),
}
PLATFORMS = {
    "any": (),
    "win32": ("Windows x86",),
    "win_amd64": ("Windows x86-64",),
    "win_arm64": ("Windows ARM64",),
    "macosx_11_0_arm64": ("macOS 11.0+ ARM64",),
    "macosx_10_9_x86_64": ("macOS 10.9+ x86-64",),
    "macosx_10_9_universal2": ("macOS 10.9+ universal2 (ARM64, x86-64)",),
    "macosx_10_6_intel": ("macOS 10.6+ intel (x86, x86-64)",),
    "manylinux1_i686": ("manylinux: glibc 2.5+ x86",),
    "manylinux2010_x86_64": ("manylinux: glibc 2.12+ x86-64",),
    "manylinux2014_aarch64": ("manylinux: glibc 2.17+ ARM64",),
    "manylinux_2_28_x86_64": ("manylinux: glibc 2.28+ x86-64",),
    "manylinux_2_17_x86_64.manylinux2014_x86_64": ("manylinux: glibc 2.17+ x86-64",),
    "manylinux_2_28_x86_64.manylinux_2_27_x86_64": ("manylinux: glibc 2.27+ x86-64",),
    "manylinux_2_31_riscv64": ("manylinux: glibc 2.31+ RISC-V 64",),
    "manylinux2014_s390x": ("manylinux: glibc 2.17+ s390x",),
    "musllinux_1_2_x86_64": ("musllinux: musl 1.2+ x86-64",),
    "musllinux_1_1_armv7l": ("musllinux: musl 1.1+ ARMv7",),
    "android_21_arm64_v8a": ("Android API level 21+ ARM64",),
    "android_24_x86_64": ("Android API level 24+ x86-64",),
    "ios_13_0_arm64_iphoneos": ("iOS 13.0+ ARM64 device",),
    "ios_13_0_x86_64_iphonesimulator": ("iOS 13.0+ x86-64 simulator",),
    "pyemscripten_2026_0_wasm32": ("PyEmscripten 2026.0 WebAssembly",),
    "pyodide_2024_0_wasm32": ("Pyodide 2024.0 WebAssembly",),
    "linux_x86_64": ("Linux x86-64",),
    "linux_armv6l": ("Linux ARMv6",),
    "freebsd_13_amd64": ("freebsd_13_amd64",),
    "ios_13_0_arm64": ("ios_13_0_arm64",),
    "manylinux_x": ("manylinux_x",),
}
OTHERS = {
    "demo-1.0.tar.gz": ("Source",),
    "Demo-1.0.ZIP": ("Source",),
    "demo-1.0.tar.bz2": ("Source",),
    "demo-1.0-py3.9.egg": ("Egg",),
    "demo-1.0.win32.exe": (),
    "demo-1.0-1-CP39-ABI3-WIN_AMD64.whl": ("CPython 3.9+", "Windows x86-64"),
    "demo.whl": (),
    "-.whl": (),
    "---.whl": (),
    "": (),
}


@pytest.mark.parametrize(("tags", "words"), INTERPRETERS.items())
def test_interpreters_are_told_in_words(tags, words):
    assert readable_tags(f"demo-1.0-{tags}-any.whl") == words


@pytest.mark.parametrize(("tags", "words"), PLATFORMS.items())
def test_platforms_are_told_in_words(tags, words):
    assert readable_tags(f"demo-1.0-py3-none-{tags}.whl") == ("Python 3", *words)


@pytest.mark.parametrize(("filename", "words"), OTHERS.items())
def test_other_names_say_what_they_can(filename, words):
    assert readable_tags(filename) == words


@given(st.text(), st.text(alphabet="cpy3t_.-w"), st.text(), st.sampled_from([".whl", ".egg", ".tar.gz", ""]))
def test_no_name_is_too_odd(first, second, third, ending):
    filename = f"{first}-{second}-{third}{ending}"
    assert isinstance(readable_tags(filename), tuple)
    assert isinstance(supported([filename], third, [first]), Supported)


def wheels(*tags):
    return [f"demo-1.0-{tag}.whl" for tag in tags]


COMPILED = wheels(
    "cp311-cp311-win_amd64",
    "cp312-cp312-win_arm64",
    "cp314-cp314-macosx_11_0_arm64",
    "cp314-cp314t-manylinux_2_28_x86_64",
    "cp314-cp314-manylinux2014_aarch64",
    "cp314-cp314-musllinux_1_2_x86_64",
    "pp311-pypy311_pp73-win_amd64",
)
SUPPORT = [
    (wheels("py3-none-any"), ">=3.9", (), ("Python 3.9+",), ("any",)),
    (wheels("py3-none-any"), ">=3.9.2,<4", (), ("Python 3.9+",), ("any",)),
    (wheels("py3-none-any"), ">=3.9,<3.13", (), ("Python 3.9 to 3.12",), ("any",)),
    (wheels("py3-none-any"), "<3.9.5,>3.9", (), ("Python 3.9",), ("any",)),
    (wheels("py3-none-any"), None, (), ("Python 3",), ("any",)),
    (wheels("py3-none-any"), "", ("Programming Language :: Python :: 3.7",), ("Python 3.7+",), ("any",)),
    (wheels("py3-none-any"), "newest", ("Programming Language :: Python :: 3.x",), ("Python 3",), ("any",)),
    (wheels("py3-none-any"), ">=4", (), (), ("any",)),
    (wheels("py2.py3-none-any"), ">=2.7,!=3.0.*,!=3.1.*", (), ("Python 2.7", "Python 3.2+"), ("any",)),
    (wheels("py2.py3-none-any"), None, (), ("Python 2", "Python 3"), ("any",)),
    (wheels("cp39-abi3-win_amd64"), ">=3.8", (), ("CPython 3.9+",), ("Windows (x86-64)",)),
    (wheels("py3-none-any", "cp312-cp312-win32"), ">=3.12", (), ("Python 3.12+",), ("any",)),
    (wheels("rustpython-none-haiku"), None, (), ("rustpython",), ("haiku",)),
    (
        COMPILED,
        ">=3.12",
        (),
        ("CPython 3.12", "CPython 3.14", "CPython 3.14 free-threaded"),
        ("Linux (ARM64, x86-64)", "Linux with musl (x86-64)", "macOS (ARM64)", "Windows (ARM64, x86-64)"),
    ),
    (["demo-1.0.tar.gz"], ">=3.8", (), ("Python 3.8+",), ("any",)),
    (["demo-1.0.tar.gz"], ">=3.8", ("Operating System :: POSIX :: Linux",), ("Python 3.8+",), ("Linux",)),
    (["demo-1.0.tar.gz"], ">=3.8", ("Operating System :: OS Independent",), ("Python 3.8+",), ("any",)),
    ([], ">=3.8", (), (), ()),
]


@pytest.mark.parametrize(("filenames", "requires_python", "classifiers", "pythons", "platforms"), SUPPORT)
def test_what_a_release_runs_on_is_drawn_from_its_files(filenames, requires_python, classifiers, pythons, platforms):
    runs_on = supported(filenames, requires_python, classifiers)
    assert (runs_on.pythons, runs_on.platforms) == (pythons, platforms)


def test_source_is_told_apart_from_wheels():
    assert supported(["demo-1.0.tar.gz"], None, ()).is_only_source
    both = supported(["demo-1.0.tar.gz", *COMPILED], None, ())
    assert both.is_also_source and not both.is_only_source
    assert not supported(COMPILED, None, ()).is_also_source
