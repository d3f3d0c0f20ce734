"""Names of wheels (PEP 427) and source distributions (PEP 625), taken apart and compared with what they must be."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.version import InvalidVersion

from warehouse.errors import Invalid
from warehouse.standards import versions
from warehouse.standards.names import NormalizedName, normalize

EXTENSIONS: dict[str, tuple[str, ...]] = {"sdist": (".tar.gz", ".zip"), "bdist_wheel": (".whl",)}
"""The endings a file may have, by its ``filetype``."""

LONGEST_NAME = 255
"""Bytes that file systems and object stores take in one name."""

_COMPANION = ".metadata"
_WHEEL_NAME = re.compile(r"[A-Za-z0-9._]+")
_TAG = re.compile(r"[A-Za-z0-9_]+")


class BadFilename(Invalid):
    """A file name that does not follow its specification; the message is one sentence for the uploader."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, code="bad-filename")


@dataclass(frozen=True, slots=True)
class WheelFilename:
    """The parts of a wheel's name; ``name``, ``version`` and ``build`` as they were written."""

    filename: str
    name: str
    version: str
    build: str | None
    interpreters: frozenset[str]
    abis: frozenset[str]
    platforms: frozenset[str]


@dataclass(frozen=True, slots=True)
class SdistFilename:
    """The parts of the name of a source distribution, as they were written."""

    filename: str
    name: str
    version: str


def control_characters(filename: str) -> str | None:
    """A name with control characters would not survive a terminal, a header or an archive."""
    if any(ord(character) < 32 or ord(character) == 127 for character in filename):
        return "The file name holds control characters, which are not allowed; rename the file."
    return None


def slashes(filename: str) -> str | None:
    """A file name is one part of a path, on every system."""
    if "/" in filename or "\\" in filename:
        return "The file name holds '/' or '\\', which are not allowed; send the name without its folder."
    return None


def wrong_extension(filename: str, filetype: str) -> str | None:
    """The ending says what installers do with a file; it is compared case-sensitively."""
    if not filename.endswith(tuple(ending for endings in EXTENSIONS.values() for ending in endings)):
        return "The file name has no known extension; files end in .tar.gz, .zip or .whl."
    if not filename.endswith(EXTENSIONS.get(filetype, ())):
        return f"The extension of the file name does not fit the filetype {filetype!r}."
    return None


def too_long(filename: str) -> str | None:
    """Next to each file there is room for its metadata (PEP 658), whose name is longer."""
    longest = LONGEST_NAME - len(_COMPANION)
    if len(filename.encode("utf-8", "surrogatepass")) > longest:
        return f"The file name is too long; at most {longest} bytes are allowed."
    return None


def parse_wheel(filename: str) -> WheelFilename:
    """Take a wheel's name apart, or refuse it with `BadFilename`.

    PEP 427: "The wheel filename is {distribution}-{version}(-{build tag})?-{python tag}-{abi tag}-{platform tag}.whl."
    """
    stem = filename.removesuffix(".whl")
    parts = stem.split("-")
    if stem == filename or len(parts) not in (5, 6):
        raise BadFilename(
            "A wheel is named name-version-python-abi-platform.whl, with a build tag after the version or none."
        )
    name, version, *build = parts[:-3]
    if "__" in name or not _WHEEL_NAME.fullmatch(name):
        raise BadFilename("The name in a wheel's file name is the normalised project name with '_' in place of '-'.")
    _check_version(version)
    if build and not re.match(r"[0-9]", build[0]):
        raise BadFilename("The build tag in a wheel's file name must start with a digit.")
    interpreters, abis, platforms = (_tag_set(part) for part in parts[-3:])
    return WheelFilename(filename, name, version, build[0] if build else None, interpreters, abis, platforms)


def parse_sdist(filename: str, *, name: NormalizedName | None = None, version: str | None = None) -> SdistFilename:
    """Take the name of a source distribution apart at its last hyphen, or refuse it with `BadFilename`.

    Old tools wrote post-releases as ``1.0-9``. With the ``name`` and ``version`` that are expected, such a file is
    split at the hyphen before, so that people read about the wrong version rather than about a wrong name.
    """
    stem = next((filename.removesuffix(end) for end in EXTENSIONS["sdist"] if filename.endswith(end)), None)
    if stem is None:
        raise BadFilename("A source distribution is named name-version.tar.gz.")
    written_name, hyphen, written_version = stem.rpartition("-")
    if not hyphen or not written_name:
        raise BadFilename("A source distribution is named name-version.tar.gz, with a hyphen between the two.")
    _check_version(written_version)
    if name is not None and version is not None and normalize(written_name) != name and "-" in written_name:
        first, _, middle = written_name.rpartition("-")
        if _is_post_release(version) and _is_version(f"{middle}-{written_version}"):
            written_name, written_version = first, f"{middle}-{written_version}"
    return SdistFilename(filename, written_name, written_version)


def name_in_filenames(name: NormalizedName) -> str:
    """How a project is written in the names of its files (PEP 625, and the wheel specification)."""
    return name.replace("-", "_")


def sdist_name_for(name: NormalizedName, version: str) -> str:
    """The one name a source distribution may have.

    PEP 625: "The name of an sdist should be {distribution}-{version}.tar.gz", the distribution normalised with ``_``,
    the version in PEP 440 form with its zeros. Raises `packaging.version.InvalidVersion` for other versions.
    """
    return f"{name_in_filenames(name)}-{versions.normalized_version(version)}.tar.gz"


def misnamed_sdist(
    sdist: SdistFilename, name: NormalizedName, version: str, *, any_spelling: bool = False
) -> str | None:
    """A source distribution is named for its project and release, exactly as PEP 625 has it.

    ``any_spelling`` takes what older tools wrote as well, as long as it is the same project and version.
    """
    if normalize(sdist.name) != name:
        return f"The file name must start with {name_in_filenames(name)!r}, the normalised name of its project."
    if any_spelling and versions.canonical(sdist.version) == versions.canonical(version):
        return None
    expected = sdist_name_for(name, version)
    if sdist.filename != expected:
        return f"The file name of this source distribution must be {expected!r} (PEP 625); use a newer build tool."
    return None


def misnamed_wheel(
    wheel: WheelFilename, name: NormalizedName, version: str, *, any_spelling: bool = False
) -> str | None:
    """A wheel is named for its project, in normalised form, and for its release, in any form PEP 440 calls equal.

    ``any_spelling`` takes names that are not normalised as well, as long as it is the same project.
    """
    if wheel.name != name_in_filenames(name) and not (any_spelling and normalize(wheel.name) == name):
        return f"The file name of this wheel must start with '{name_in_filenames(name)}-'; use a newer build tool."
    if versions.canonical(wheel.version) != versions.canonical(version):
        return "The version in the file name of this wheel is not the version in its metadata."
    return None


def _tag_set(text: str) -> frozenset[str]:
    """PEP 425, compressed tag sets: "each tag in a filename can instead be a '.'-separated, sorted, set of tags"."""
    tags = text.split(".")
    if not all(_TAG.fullmatch(tag) for tag in tags):
        raise BadFilename("Each tag in a wheel's file name consists of ASCII letters, digits and '_'.")
    return frozenset(tags)


def _check_version(text: str) -> None:
    if not _is_version(text):
        raise BadFilename("The version in the file name is not a valid version (PEP 440).")


def _is_version(text: str) -> bool:
    try:
        versions.parse(text)
    except InvalidVersion:
        return False
    return text == text.strip()


def _is_post_release(text: str) -> bool:
    return _is_version(text) and versions.parse(text).is_postrelease
