"""Platform tags."""

from __future__ import annotations

import pytest

from warehouse.standards.tags import refused_platform

ARCHES = ["x86_64", "i686", "aarch64", "armv7l", "ppc64", "ppc64le", "s390x", "riscv64"]
MACS = ["ppc", "ppc64", "i386", "x86_64", "arm64", "intel", "fat", "fat3", "fat64", "universal", "universal2"]

ACCEPTED = [
    "any",
    *("win32", "win_amd64", "win_arm64", "win_ia64"),
    *(f"{old}_{arch}" for old in ("manylinux1", "manylinux2010") for arch in ("x86_64", "i686")),
    *(f"manylinux2014_{arch}" for arch in ARCHES if arch != "riscv64"),
    *("linux_armv6l", "linux_armv7l"),
    *(f"manylinux_{glibc}_{arch}" for glibc in ("2_5", "2_17", "2_39", "3_0") for arch in ARCHES),
    *(f"musllinux_{musl}_{arch}" for musl in ("1_1", "1_2", "2_0") for arch in ARCHES if arch != "ppc64"),
    *(f"macosx_{system}_{arch}" for system in ("10_4", "10_9", "10_15", "10_123") for arch in MACS),
    *(f"macosx_{major}_0_{arch}" for major in (11, 12, 13, 14, 15, 26) for arch in MACS),
    *(f"ios_13_0_{arch}_{sdk}" for arch in ("arm64", "x86_64") for sdk in ("iphoneos", "iphonesimulator")),
    *(f"android_24_{arch}" for arch in ("armeabi_v7a", "arm64_v8a", "x86", "x86_64")),
    "pyemscripten_2025_0_wasm32",
    *("WIN_AMD64", "MacOSX_10_9_x86_64", "ANY"),
]

REFUSED = [
    *("", "none", "anyy", "any\n", " any"),
    *("win64", "win_x86", "win_amd64_x", "windows"),
    *(
        "manylinux1_aarch64",
        "manylinux1_armv7l",
        "manylinux2010_s390x",
        "manylinux2014_riscv64",
        "manylinux2024_x86_64",
    ),
    *("linux_armv5l", "linux_armv8l", "linux"),
    *(
        "manylinux_2_17",
        "manylinux_2_x86_64",
        "manylinux_a_b_x86_64",
        "manylinux_2_17_mips",
        "manylinux_2_17_loongarch64",
    ),
    "manylinux_٢_17_x86_64",
    *("musllinux_1_1_ppc64", "musllinux_1_x86_64", "musllinux_1_1_mips"),
    *("macosx_10_x86_64", "macosx_11_1_arm64", "macosx_9_0_ppc", "macosx_16_0_arm64", "macosx_27_0_arm64"),
    *("macosx_11_0_i686", "macosx_11_0", "macosx_10_9_universal3"),
    *("ios_13_0_arm64", "ios_13_arm64_iphoneos", "ios_13_0_i386_iphoneos", "ios_13_0_arm64_watchos"),
    *("android_24_mips", "android_arm64_v8a", "android_24_1_x86"),
    *("emscripten_3_1_45_wasm32", "pyemscripten_2025_wasm32", "pyemscripten_2025_0_wasm64", "pyodide_2024_0_wasm32"),
    *("freebsd_14_amd64", "solaris", "wasi_0_wasm32"),
]


@pytest.mark.parametrize("tag", ACCEPTED)
def test_a_platform_of_the_table_is_accepted(tag):
    assert refused_platform([tag], linux_allowed=False) is None


@pytest.mark.parametrize("tag", REFUSED)
def test_any_other_platform_is_refused(tag):
    assert refused_platform([tag], linux_allowed=False) == tag
    assert refused_platform([tag], linux_allowed=True) == (None if tag.startswith("linux_") else tag)


@pytest.mark.parametrize("tag", ["linux_x86_64", "linux_aarch64", "Linux_RISCV64"])
def test_bare_linux_is_accepted_where_it_is_allowed(tag):
    assert refused_platform([tag], linux_allowed=True) is None
    assert refused_platform([tag], linux_allowed=False) == tag


def test_one_refused_platform_is_enough_and_the_first_is_named():
    tags = {"manylinux_2_17_x86_64", "zos", "linux_x86_64", "macosx_10_9_x86_64"}
    assert refused_platform(tags, linux_allowed=False) == "linux_x86_64"
    assert refused_platform(tags, linux_allowed=True) == "zos"
    assert refused_platform(tags - {"zos", "linux_x86_64"}, linux_allowed=False) is None
