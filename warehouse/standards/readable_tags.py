"""What the name of a file says it runs on, in words (PEP 425 and the platforms that came after it)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

ARCHITECTURES: dict[str, tuple[str, ...]] = {
    "win32": ("x86",),
    "x86": ("x86",),
    "i386": ("x86",),
    "i686": ("x86",),
    "amd64": ("x86-64",),
    "x86_64": ("x86-64",),
    "arm64": ("ARM64",),
    "aarch64": ("ARM64",),
    "arm64_v8a": ("ARM64",),
    "armeabi_v7a": ("ARMv7",),
    "armv7l": ("ARMv7",),
    "armv6l": ("ARMv6",),
    "ppc": ("PPC",),
    "ppc64": ("PPC64",),
    "ppc64le": ("PPC64le",),
    "s390x": ("s390x",),
    "riscv64": ("RISC-V 64",),
    "loongarch64": ("LoongArch64",),
    "ia64": ("Itanium",),
    "wasm32": ("WebAssembly",),
    "universal2": ("ARM64", "x86-64"),
    "intel": ("x86", "x86-64"),
    "fat": ("PPC", "x86"),
    "fat3": ("PPC", "x86", "x86-64"),
    "fat64": ("PPC64", "x86-64"),
    "universal": ("PPC", "PPC64", "x86", "x86-64"),
}
"""What people call each processor that a platform tag ends with; some tags stand for several."""

_INTERPRETERS = {
    "py": "Python",
    "cp": "CPython",
    "pp": "PyPy",
    "ip": "IronPython",
    "jy": "Jython",
    "graalpy": "GraalPy",
}
_INTERPRETER = re.compile(rf"({'|'.join(_INTERPRETERS)})(?:([0-9])(?:_?([0-9]{{1,3}}))?)?")
_NAMED_GLIBC = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_VERSIONED = re.compile(r"(manylinux|musllinux|macosx|ios|pyemscripten|pyodide)_([0-9]{1,5})_([0-9]{1,5})_(\w+)")
_IN_WORDS = {
    "manylinux": "manylinux: glibc {}+ {}",
    "musllinux": "musllinux: musl {}+ {}",
    "macosx": "macOS {}+ {}",
    "ios": "iOS {}+ {}",
    "android": "Android API level {}+ {}",
    "pyemscripten": "PyEmscripten {} {}",
    "pyodide": "Pyodide {} {}",
    "win": "Windows {1}",
    "linux": "Linux {1}",
}
_SYSTEMS = {
    "manylinux": "Linux",
    "linux": "Linux",
    "musllinux": "Linux with musl",
    "macosx": "macOS",
    "win": "Windows",
    "ios": "iOS",
    "android": "Android",
    "pyemscripten": "Emscripten",
    "pyodide": "Emscripten",
}
_SOURCES = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.z", ".tar.xz", ".tar")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One interpreter that a wheel is for: ``CPython``, ``Python`` for all of them, or the tag as it was written.

    ``and_later`` says that later minor versions of the same major one run it as well.
    """

    name: str
    major: int | None = None
    minor: int | None = None
    and_later: bool = False
    is_free_threaded: bool = False

    def __str__(self) -> str:
        version = ".".join(str(part) for part in (self.major, self.minor) if part is not None)
        words = f"{self.name} {version}{'+' if self.and_later else ''}" if version else self.name
        return f"{words} free-threaded" if self.is_free_threaded else words


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform that a wheel is for; ``least`` is the oldest version of what ``family`` counts.

    ``architecture`` is as the tag has it, ``kind`` tells the devices of iOS from their simulator. A platform that is
    not known has its tag as ``family``, and nothing else.
    """

    family: str
    architecture: str = ""
    kind: str = ""
    least: tuple[int, ...] = ()

    @property
    def system(self) -> str:
        """What people call the system: ``Linux``, ``macOS``."""
        return _SYSTEMS.get(self.family, self.family)

    @property
    def architectures(self) -> tuple[str, ...]:
        """The processors it stands for, in the words of people."""
        return ARCHITECTURES.get(self.architecture, (self.architecture,) if self.architecture else ())

    def __str__(self) -> str:
        if self.family not in _IN_WORDS:
            return self.family
        names = self.architectures
        processor = names[0] if len(names) == 1 else f"{self.architecture} ({', '.join(names)})"
        words = _IN_WORDS[self.family].format(".".join(str(part) for part in self.least), processor)
        return f"{words} {self.kind}" if self.kind else words


@dataclass(frozen=True, slots=True)
class Runs:
    """What one wheel runs on. ``platforms`` is empty when that is every platform."""

    interpreters: tuple[Interpreter, ...]
    platforms: tuple[Platform, ...]


def readable_tags(filename: str) -> tuple[str, ...]:
    """What a file is for: ``("CPython 3.12", "manylinux: glibc 2.17+ x86-64")``, ``("Source",)``, ``("Egg",)``.

    Tags that nobody has a word for stand as they are; a name that says nothing gives nothing. It never raises.
    """
    lowered = filename.lower()
    if lowered.endswith(_SOURCES):
        return ("Source",)
    if lowered.endswith(".egg"):
        return ("Egg",)
    runs = runs_on(filename)
    return tuple(str(each) for each in (*runs.interpreters, *runs.platforms)) if runs else ()


def is_source(filename: str) -> bool:
    """Whether this is the name of a source distribution."""
    return filename.lower().endswith(_SOURCES)


def runs_on(filename: str) -> Runs | None:
    """What the tags of a wheel say; None for any other file."""
    parts = filename.lower().removesuffix(".whl").rsplit("-", 3)
    if len(parts) != 4 or not filename.lower().endswith(".whl"):
        return None
    return _runs_on(*parts[1:])


@lru_cache(maxsize=4096)
def _runs_on(pythons: str, abis: str, platforms: str) -> Runs:
    return Runs(_interpreters(pythons.split("."), abis.split(".")), _platforms(platforms.split(".")))


def _interpreters(tags: Iterable[str], abis: list[str]) -> tuple[Interpreter, ...]:
    """Each interpreter once, the oldest version first."""
    found = {each for tag in tags if tag for each in _interpreter(tag, abis)}
    return tuple(
        sorted(found, key=lambda one: (one.name, one.major or 0, one.minor or 0, one.is_free_threaded, one.and_later))
    )


def _interpreter(tag: str, abis: list[str]) -> Iterator[Interpreter]:
    match = _INTERPRETER.fullmatch(tag)
    if match is None:
        yield Interpreter(tag)
        return
    kind, major, minor = match.groups()
    name = _INTERPRETERS[kind]
    numbers = (int(major) if major else None, int(minor) if minor else None)
    if kind == "pp" and major == "2" and minor != "7":
        yield Interpreter(name)  # in its early days PyPy wrote its own version there
    elif kind != "cp":
        # PEP 425: "py32" is for "Python 3.2 and later", as installers read it.
        yield Interpreter(name, *numbers, and_later=kind == "py" and minor is not None)
    else:
        stable = {"abi3", "abi3t"}.intersection(abis)
        free_threaded = {abi.endswith("t") for abi in abis if abi in stable or re.fullmatch(r"cp[0-9]+t?", abi)}
        for is_free_threaded in free_threaded or {False}:
            yield Interpreter(
                name, *numbers, and_later=bool(stable) and minor is not None, is_free_threaded=is_free_threaded
            )


def _platforms(tags: Iterable[str]) -> tuple[Platform, ...]:
    """Each platform once. Of one that is named with several versions the oldest says it all."""
    oldest: dict[tuple[str, str, str], Platform] = {}
    for tag in tags:
        if tag and tag != "any":
            platform = _platform(tag)
            before = oldest.setdefault((platform.family, platform.architecture, platform.kind), platform)
            if platform.least < before.least:
                oldest[platform.family, platform.architecture, platform.kind] = platform
    return tuple(sorted(oldest.values(), key=lambda one: (one.family, one.architecture, one.kind)))


def _platform(tag: str) -> Platform:
    if tag == "win32":
        return Platform("win", "win32")
    if match := re.fullmatch(r"(win|linux)_(\w+)", tag):
        return Platform(match[1], match[2])
    if match := re.fullmatch(r"(manylinux(?:1|2010|2014))_(\w+)", tag):
        return Platform("manylinux", match[2], least=_NAMED_GLIBC[match[1]])
    if match := re.fullmatch(r"android_([0-9]{1,5})_(\w+)", tag):
        return Platform("android", match[2], least=(int(match[1]),))
    if match := _VERSIONED.fullmatch(tag):
        family, rest, least = match[1], match[4], (int(match[2]), int(match[3]))
        if family != "ios":
            return Platform(family, rest, least=least)
        for ending, kind in (("_iphoneos", "device"), ("_iphonesimulator", "simulator")):
            if rest.endswith(ending):
                return Platform(family, rest.removesuffix(ending), kind, least)
    return Platform(tag)
