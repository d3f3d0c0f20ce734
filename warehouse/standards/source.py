"""Text files as a browser may show them: in lines, coloured by what their parts are, with nothing that hides."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

BINARY_SIGN = b"\0"
LONGEST_LINE = 2_000  # characters of a line that are shown
LONGEST_COLOURED = 5_000  # characters: a lexer takes its time over what no person wrote
LARGEST_COLOURED = 512 * 1024  # characters of a file

Segment = tuple[str, str]
"""A piece of a line: what it is (``k`` keyword, ``s`` string, ``c`` comment, ``m`` number, ``n`` name), its text."""

LANGUAGES = {
    **dict.fromkeys((".py", ".pyi", ".pyw", ".bzl"), "python"),
    **dict.fromkeys((".pyx", ".pxd", ".pxi"), "cython"),
    **dict.fromkeys((".c", ".h"), "c"),
    **dict.fromkeys((".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".cu", ".cuh"), "cpp"),
    **dict.fromkeys((".f", ".f90", ".f95"), "fortran"),
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx"), "javascript"),
    **dict.fromkeys((".ts", ".tsx"), "typescript"),
    **dict.fromkeys((".json", ".ipynb", ".map"), "json"),
    **dict.fromkeys((".yml", ".yaml"), "yaml"),
    **dict.fromkeys((".ini", ".cfg"), "ini"),
    **dict.fromkeys((".html", ".htm"), "html"),
    **dict.fromkeys((".xml", ".svg", ".xsd", ".ui"), "xml"),
    **dict.fromkeys((".sh", ".bash", ".zsh"), "bash"),
    **dict.fromkeys((".bat", ".cmd"), "batch"),
    **dict.fromkeys((".md", ".markdown"), "markdown"),
    **dict.fromkeys((".j2", ".jinja", ".jinja2"), "html+jinja"),
    **dict.fromkeys((".diff", ".patch"), "diff"),
    ".toml": "toml",
    ".rst": "rst",
    ".css": "css",
    ".scss": "scss",
    ".sql": "sql",
    ".rs": "rust",
    ".go": "go",
    ".java": "java",
    ".kt": "kotlin",
    ".swift": "swift",
    ".m": "objective-c",
    ".lua": "lua",
    ".r": "r",
    ".rb": "ruby",
    ".pl": "perl",
    ".php": "php",
    ".ps1": "powershell",
    ".cmake": "cmake",
    ".mk": "make",
    ".proto": "protobuf",
    ".s": "gas",
    ".cs": "csharp",
    ".zig": "zig",
    ".tcl": "tcl",
    ".jl": "julia",
    ".po": "po",
    ".pot": "po",
    ".lock": "toml",
    ".pth": "python",
}
"""What colours a file, by how its name ends."""
NAMED = {
    "makefile": "make",
    "dockerfile": "docker",
    "cmakelists.txt": "cmake",
    "meson.build": "meson",
    "pipfile": "toml",
    "poetry.lock": "toml",
    "entry_points.txt": "ini",
}

# Invisible characters change what code seems to say: those that turn its direction (CVE-2021-42574), and those without
# a width. What has no picture is shown by its number.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


def as_text(content: bytes) -> str | None:
    """The text of a file, or None for one that is none: only UTF-8 without NUL is."""
    if BINARY_SIGN in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def seems_text(beginning: bytes) -> bool:
    """Whether a file that begins so may be a text; the last character may be cut."""
    return BINARY_SIGN not in beginning and "�" not in beginning.decode("utf-8", "replace").rstrip("�")


def lines_of(text: str) -> list[str]:
    """The lines, without what ends them; a text that ends in a line break has no empty line after it."""
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def language_of(path: str) -> str | None:
    """What the file at this path is written in, as far as its name tells."""
    name = PurePosixPath(path.lower())
    return NAMED.get(name.name) or LANGUAGES.get(name.suffix)


def coloured(text: str, path: str) -> list[list[Segment]]:
    """The lines in pieces; one piece each where nothing is known of the language, or it would take too long.

    What a lexer makes of hostile text can take for ever all the same: call it where it can be stopped.
    """
    lines = lines_of(text)
    language = language_of(path)
    if language is None or len(text) > LARGEST_COLOURED or max(map(len, lines), default=0) > LONGEST_COLOURED:
        return plain(lines)
    return _coloured(text, language)[: len(lines)]


def plain(lines: Sequence[str]) -> list[list[Segment]]:
    """The lines without colours."""
    return [[("", line)] for line in lines]


def line_html(segments: Sequence[Segment], marked: tuple[int, int] | None = None) -> str:
    """A line as HTML; what is between ``marked`` columns is emphasised, the end of a very long line is left out."""
    pieces: list[str] = []
    at = 0
    for kind, text in _until(segments, LONGEST_LINE):
        for is_marked, part in _parts(text, at, marked):
            shown = _HIDDEN.sub(_numbered, html.escape(part, quote=False))
            shown = f'<span class="{kind}">{shown}</span>' if kind else shown
            pieces.append(f"<mark>{shown}</mark>" if is_marked else shown)
        at += len(text)
    length = sum(len(text) for _, text in segments)
    return "".join(pieces) + ("…" if length > LONGEST_LINE else "")


def shown_name(path: str) -> str:
    """A path as it may stand on a page: invisible characters by their numbers."""
    return _HIDDEN.sub(lambda found: f"⟨{_number(found)}⟩", path)


def _until(segments: Sequence[Segment], length: int) -> Iterator[Segment]:
    for kind, text in segments:
        if length <= 0:
            return
        yield kind, text[:length]
        length -= len(text)


def _parts(text: str, at: int, marked: tuple[int, int] | None) -> Iterator[tuple[bool, str]]:
    if marked is None:
        yield False, text
        return
    begin, end = (min(max(column - at, 0), len(text)) for column in marked)
    for is_marked, part in ((False, text[:begin]), (True, text[begin:end]), (False, text[end:])):
        if part:
            yield is_marked, part


def _number(found: re.Match[str]) -> str:
    return f"U+{ord(found[0]):04X}"


def _numbered(found: re.Match[str]) -> str:
    return "␍" if found[0] == "\r" else f'<b class="hidden-character">{_number(found)}</b>'


def _coloured(text: str, language: str) -> list[list[Segment]]:
    from pygments.lexers import get_lexer_by_name

    kinds: dict[object, str] = {}
    lines: list[list[Segment]] = [[]]
    for _, token, value in get_lexer_by_name(language).get_tokens_unprocessed(text):
        kind = kinds.get(token)
        if kind is None:
            kind = kinds[token] = _kind(token)
        first, *others = value.split("\n")
        _add(lines[-1], kind, first)
        for other in others:
            lines.append([])
            _add(lines[-1], kind, other)
    return lines


def _add(line: list[Segment], kind: str, text: str) -> None:
    if not text:
        return
    if line and line[-1][0] == kind:
        text = line.pop()[1] + text
    line.append((kind, text))


def _kind(token: object) -> str:
    from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String

    for kind, types in (
        ("m", (Number, Keyword.Constant)),
        ("k", (Keyword, Operator.Word, Generic.Heading, Generic.Subheading)),
        ("s", (String, Generic.Inserted)),
        ("c", (Comment, Generic.Deleted)),
        ("n", (Name.Function, Name.Class, Name.Decorator, Name.Tag, Name.Builtin, Name.Exception, Name.Attribute)),
    ):
        if any(token in one for one in types):
            return kind
    return ""
