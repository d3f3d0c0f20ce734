"""Text files on pages: in lines, in colours, with nothing hidden."""

from __future__ import annotations

import pytest

from warehouse.standards.source import as_text, coloured, language_of, line_html, lines_of, seems_text, shown_name


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        ("größe\n".encode(), "größe\n"),
        (b"\xef\xbb\xbfa", "a"),
        (b"a\0b", None),
        (b"\xff\xfe", None),
        (b"\x7fELF\x02\x01\x01\0", None),
    ],
)
def test_only_utf_8_without_nul_is_a_text(content: bytes, text: str | None) -> None:
    assert as_text(content) == text


def test_the_beginning_of_a_text_may_end_within_a_character() -> None:
    assert seems_text("größe".encode()[:3])
    assert not seems_text(b"\x89PNG\r\n\x1a\n\0\0") and not seems_text(b"\xff\xfe\xfd plain")


def test_a_line_break_at_the_end_makes_no_line() -> None:
    assert lines_of("a\nb\n") == ["a", "b"]
    assert lines_of("a\n\n") == ["a", ""]
    assert lines_of("") == []


@pytest.mark.parametrize(
    ("path", "language"),
    [("a/b.PY", "python"), ("Makefile", "make"), ("x.tar", None), ("LICENSE", None), ("a.dist-info/METADATA", None)],
)
def test_the_language_is_told_by_the_name(path: str, language: str | None) -> None:
    assert language_of(path) == language


def test_colours_keep_every_character_and_every_line() -> None:
    text = '\n\n"""One\ntwo"""\n@wraps\ndef f(x=1):\n    return None\n\n\n'
    lines = coloured(text, "f.py")
    assert ["".join(piece for _, piece in line) for line in lines] == lines_of(text)
    assert [line_html(line) for line in lines[5:7]] == [
        '<span class="k">def</span> <span class="n">f</span>(x=<span class="m">1</span>):',
        '    <span class="k">return</span> <span class="m">None</span>',
    ]


def test_markup_in_a_file_is_text_on_the_page() -> None:
    (line,) = coloured("<script>alert('1') & \"2\"</script>", "a.txt")
    assert line_html(line) == "&lt;script&gt;alert('1') &amp; \"2\"&lt;/script&gt;"


def test_characters_that_hide_or_turn_text_are_shown_by_their_numbers() -> None:
    (line,) = coloured("if a:\u202e\u2066 # \x1b[0m\u200b", "a.txt")
    shown = line_html(line)
    assert all(number in shown for number in ("U+202E", "U+2066", "U+001B", "U+200B"))
    assert not set(shown) & set("\u202e\u2066\x1b\u200b")
    assert shown_name("a\u202egnp.py") == "a⟨U+202E⟩gnp.py"


def test_the_end_of_a_very_long_line_is_left_out() -> None:
    assert line_html([("s", "x" * 1500), ("", "y" * 1500)]) == f'<span class="s">{"x" * 1500}</span>{"y" * 500}…'


def test_words_are_marked_across_colours() -> None:
    line = [("k", "def"), ("", " "), ("n", "name")]
    assert line_html(line, (2, 6)) == (
        '<span class="k">de</span><mark><span class="k">f</span></mark><mark> </mark>'
        '<mark><span class="n">na</span></mark><span class="n">me</span>'
    )


@pytest.mark.parametrize("path", ["a.py", "a.md", "a.html", "a.rst", "a.toml", "a.yaml", "a.json", "a.sh", "setup.cfg"])
def test_no_language_loses_text(path: str) -> None:
    text = "# <b> & [x]\n\t\r\nkey = 'value' # \x0c\n{{ }} `x`: **y**\n- a:\n  - 1.5\n%%$!\n" * 3
    lines = coloured(text, path)
    assert ["".join(piece for _, piece in line) for line in lines] == lines_of(text)
