"""The one way an archive is refused, and how the names inside it are shown."""

from __future__ import annotations

from warehouse.errors import Invalid


class BadArchive(Invalid):
    """The uploaded file is not an acceptable archive; the sentence says what to do about it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, code="bad-archive")


def invalid_file(reason: str) -> BadArchive:
    """A refusal of the file itself, with the prefix that upload clients know."""
    return BadArchive(f"Invalid distribution file. {reason}")


def quoted(name: str | bytes) -> str:
    """A name chosen by the sender, safe in a header or a log line: ASCII, in quotes, shortened in the middle."""
    shown = ascii(name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else name)
    return shown if len(shown) <= 120 else f"{shown[:60]}...{shown[-50:]}"


def leaves_archive(name: str) -> bool:
    """Whether extracting this path could write outside the directory it is extracted to.

    Installers refuse such members, so no usable file has them: absolute paths, drive letters and ``..``.
    """
    if ".." not in name and name[:1] not in "/\\" and name[1:2] != ":":
        return False
    parts = name.replace("\\", "/").split("/")
    return not parts[0] or ".." in parts or (len(parts[0]) == 2 and parts[0][1] == ":")
