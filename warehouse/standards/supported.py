"""On which Pythons and systems a release runs, drawn from its files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from warehouse.standards.readable_tags import Interpreter, Runs, is_source, runs_on

_MINORS = {2: range(8), 3: range(31)}
"""What is asked of every specifier. Beyond those that there are, so that "and later" holds when there are more."""

_LAST_OF = {major: minors[-1] for major, minors in _MINORS.items()}
_ENDLESS = 3  # the major version that goes on
_LONGEST_SPECIFIER = 1000
_CLASSIFIED_PYTHON = re.compile(r"Programming Language :: Python :: ([23])\.([0-9]{1,2})")
_CLASSIFIED_SYSTEMS = {
    "Operating System :: Microsoft": "Windows",
    "Operating System :: MacOS": "macOS",
    "Operating System :: POSIX :: Linux": "Linux",
    "Operating System :: iOS": "iOS",
    "Operating System :: Android": "Android",
}
_ORDER = ("Linux", "Linux with musl", "macOS", "Windows")

Minor = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Supported:
    """What a release runs on, for people: ``("CPython 3.9 to 3.13", "PyPy 3.10")``, ``("Linux (ARM64, x86-64)",)``.

    ``platforms`` is ``("any",)`` where nothing limits them. With ``is_only_source`` there is nothing but source
    distributions, and what they run on is what the metadata claims; with ``is_also_source`` they stand beside wheels,
    so that other machines may build it. Both tuples are empty where there are no files.
    """

    pythons: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    is_only_source: bool = False
    is_also_source: bool = False


def supported(filenames: Iterable[str], requires_python: str | None, classifiers: Iterable[str]) -> Supported:
    """Read what a release runs on from the names of its files, within what it says itself.

    Wheels are believed before source distributions, and what ``requires_python`` excludes is left out. Classifiers
    are a hint where the files and ``requires_python`` leave it open. It never raises, whatever the names are.
    """
    names = list(filenames)
    has_source = any(is_source(name) for name in names)
    wheels = {runs for name in names if (runs := runs_on(name))}
    claims = frozenset(classifiers)
    if wheels:
        allowed = _allowed(requires_python, claims)
        return Supported(_pythons(wheels, allowed), _platforms(wheels), is_also_source=has_source)
    if has_source:
        anything = Runs((Interpreter("Python", 2), Interpreter("Python", 3)), ())
        return Supported(_pythons({anything}, _allowed(requires_python, claims)), _claimed(claims), is_only_source=True)
    return Supported()


def _pythons(wheels: Iterable[Runs], allowed: Callable[[Minor], bool]) -> tuple[str, ...]:
    """Versions of each interpreter as ranges. What runs on every Python is not told again of one of them."""
    versions: dict[tuple[str, bool], set[Minor]] = defaultdict(set)
    bare: set[str] = set()
    for interpreter in {each for runs in wheels for each in runs.interpreters}:
        if interpreter.major not in _MINORS:
            bare.add(str(interpreter))
        else:
            versions[interpreter.name, interpreter.is_free_threaded].update(filter(allowed, _versions(interpreter)))
    everywhere = versions.get(("Python", False), set())
    told = [
        f"{name} {text}{' free-threaded' if is_free_threaded else ''}"
        for (name, is_free_threaded), minors in sorted(versions.items(), key=_python_first)
        for text in _ranges(minors if name == "Python" else minors - everywhere)
    ]
    return (*told, *sorted(bare))


def _python_first(item: tuple[tuple[str, bool], set[Minor]]) -> tuple[bool, str, bool]:
    (name, is_free_threaded), _ = item
    return name != "Python", name, is_free_threaded


def _versions(interpreter: Interpreter) -> list[Minor]:
    assert interpreter.major is not None
    major, minor = interpreter.major, interpreter.minor
    if minor is None:
        return [(major, each) for each in _MINORS[major]]
    if interpreter.and_later:
        return [(major, each) for each in _MINORS[major] if each >= minor]
    return [(major, minor)]


def _ranges(minors: Iterable[Minor]) -> list[str]:
    """``2.7``, ``3.9 to 3.12``, ``3.14+``: neighbours stand as one."""
    runs: list[list[Minor]] = []
    for major, minor in sorted(minors):
        if runs and runs[-1][-1] == (major, minor - 1):
            runs[-1].append((major, minor))
        else:
            runs.append([(major, minor)])
    return [_range(run[0], run[-1]) for run in runs]


def _range(first: Minor, last: Minor) -> str:
    major, minor = first
    if major == _ENDLESS and last[1] == _LAST_OF[major]:
        return f"{major}.{minor}+" if minor else f"{major}"
    if minor == 0 and last[1] == _LAST_OF[major]:
        return f"{major}"
    return f"{major}.{minor}" if first == last else f"{major}.{minor} to {last[0]}.{last[1]}"


def _allowed(requires_python: str | None, claims: frozenset[str]) -> Callable[[Minor], bool]:
    """Which versions ``Requires-Python`` lets in; where it says nothing, none that is older than the classifiers."""
    satisfying = _satisfying((requires_python or "").strip())
    if satisfying is not None:
        return satisfying.__contains__
    claimed = sorted((int(match[1]), int(match[2])) for text in claims if (match := _CLASSIFIED_PYTHON.fullmatch(text)))
    oldest = dict(reversed(claimed))
    return lambda minor: not oldest or minor[1] >= oldest.get(minor[0], _LAST_OF[minor[0]] + 1)


@lru_cache(maxsize=1024)
def _satisfying(text: str) -> frozenset[Minor] | None:
    """The minor versions of which some release satisfies it; None where it says nothing that can be understood."""
    if not text or len(text) > _LONGEST_SPECIFIER:
        return None
    try:
        specifier = SpecifierSet(text)
    except InvalidSpecifier:
        return None
    # The last digit stands for any: ">=3.9.2" takes some of 3.9, and so does "<3.9.5".
    return frozenset(
        (major, minor)
        for major, minors in _MINORS.items()
        for minor in minors
        if any(specifier.contains(f"{major}.{minor}.{micro}") for micro in (0, 4, 99))
    )


def _platforms(wheels: Iterable[Runs]) -> tuple[str, ...]:
    if any(not runs.platforms for runs in wheels):
        return ("any",)
    architectures: dict[str, set[str]] = defaultdict(set)
    for platform in {each for runs in wheels for each in runs.platforms}:
        architectures[platform.system].update(platform.architectures)
    ordered = sorted(architectures, key=_by_order)
    return tuple(f"{name} ({', '.join(sorted(them))})" if (them := architectures[name]) else name for name in ordered)


def _claimed(claims: frozenset[str]) -> tuple[str, ...]:
    """The systems that classifiers name, when nothing else says it."""
    if "Operating System :: OS Independent" in claims:
        return ("any",)
    named = {
        system for begins, system in _CLASSIFIED_SYSTEMS.items() if any(text.startswith(begins) for text in claims)
    }
    return tuple(sorted(named, key=_by_order)) or ("any",)


def _by_order(system: str) -> tuple[int, str]:
    order: Sequence[str] = _ORDER
    return (order.index(system) if system in order else len(order), system)
