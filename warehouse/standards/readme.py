"""Project descriptions rendered to safe HTML."""

from __future__ import annotations

import html
import io
import re
import threading
from importlib.metadata import version

from warehouse.errors import Invalid
from warehouse.standards.description_html import fitted

RENDERER = f"{version('readme-renderer')}+1"
"""What renders, and after the sign what we make of it; a page that another one made is rendered again."""

MAX_DESCRIPTION = 2**20
"""Characters. Rendering takes seconds per million, and no page that long is read."""

MAX_TAGS = 10_000
MAX_QUOTES = 1000
MAX_ELEMENTS = 1_000_000
"""What Markdown may make the sanitiser do: HTML tags, block quotes in one another, elements in all."""

_TYPES = {"text/plain": "plain text", "text/x-rst": "reStructuredText", "text/markdown": "Markdown"}

_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_TAG = re.compile(r"<[a-zA-Z]")
# A formatting element is opened here; the group is its tag if that is plain enough to be read in one way only.
_FORMATTING = re.compile(
    r"""<(?=(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)\b)"""
    r"""(?=(\w+(?:\s+[\w-]+(?:=(?:"[^"<>]*"|'[^'<>]*'|[\w#%.-]+))?)*\s*>)?)""",
    re.IGNORECASE,
)
_QUOTES = re.compile(rf"(?:> ?){{{MAX_QUOTES}}}")
_WARNING = re.compile(r"\A<string>:(\d+): \([A-Z]+/\d\) (.*)")

# docutils keeps the roles that a document defines in a module, where the next document would find them.
_one_rst_at_a_time = threading.Lock()


class BadDescription(Invalid):
    """A description that does not render for its content type."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, code="bad-description")


def render(raw: str, content_type: str | None = None) -> str:
    """The description as sanitised HTML, fitted into a page: an allow-list of tags, links http, https or mailto only.

    ``content_type`` is that of the metadata, None or empty for the default, reStructuredText; its parameters do not
    matter (``variant=CommonMark`` is rendered as GFM too). Refuses with `BadDescription` an unknown type, reST with
    any warning, what renders to nothing, what is not text, and more than `MAX_DESCRIPTION` characters.
    """
    return _rendered(raw, content_type, coloured=True)


def check(raw: str, content_type: str | None = None) -> None:
    """Refuse what `render` refuses, without colouring the code in Markdown, which is most of what rendering costs."""
    _rendered(raw, content_type, coloured=False)


def as_text(raw: str) -> str:
    """The description as it was written, whatever it claims to be."""
    return f'<pre tabindex="0">{html.escape(_NOT_TEXT.sub("", raw))}</pre>'


def _rendered(raw: str, content_type: str | None, *, coloured: bool) -> str:
    kind = (content_type or "").partition(";")[0].strip().lower() or "text/x-rst"
    if kind not in _TYPES:
        raise BadDescription(f"Description-Content-Type must be one of {', '.join(_TYPES)}.")
    if len(raw) > MAX_DESCRIPTION:
        raise BadDescription(f"The description is longer than {MAX_DESCRIPTION} characters. Link to the rest of it.")
    if _NOT_TEXT.search(raw):
        raise BadDescription("The description holds NUL or surrogate characters. Write it as UTF-8 text.")
    if kind == "text/plain":
        return as_text(raw)
    rendered, reason = _markdown(raw, coloured=coloured) if kind == "text/markdown" else _rst(raw)
    if not rendered:
        default = "" if content_type else ", the default as no content type was given"
        raise BadDescription(f"The description failed to render as {_TYPES[kind]}{default}{reason}.")
    return fitted(rendered) if coloured else rendered


def _markdown(raw: str, *, coloured: bool) -> tuple[str | None, str]:
    from readme_renderer import clean, markdown

    if _is_html_bomb(raw):
        return None, ": it holds too much HTML"
    return (markdown.render(raw) if coloured else clean.clean(markdown.variants["GFM"](raw))), ""


def _is_html_bomb(raw: str) -> bool:
    """Whether the HTML in this Markdown could make the sanitiser take minutes or gigabytes.

    Its time grows with the square of the nesting. And HTML says that a formatting element left open is opened again
    in every paragraph that follows, with up to three copies of equal ones: 20 KB of source become 30 MB of page.
    Closing tags are not counted, as some that we see the sanitiser does not.
    """
    tags = len(_TAG.findall(raw))
    plain_tags = _FORMATTING.findall(raw)
    reopened = 3 * len(set(filter(None, plain_tags))) + plain_tags.count("")
    paragraphs = tags + raw.count("\n")
    return tags > MAX_TAGS or reopened * paragraphs > MAX_ELEMENTS or _QUOTES.search(raw) is not None


def _rst(raw: str) -> tuple[str | None, str]:
    """The HTML, or None and why not."""
    from docutils.parsers.rst import roles
    from readme_renderer import rst

    warnings = io.StringIO()
    with _one_rst_at_a_time:
        try:
            rendered = rst.render(raw, stream=warnings)
        except RecursionError:
            return None, ": it is nested too deeply"
        finally:
            roles._roles.clear()
    match = _WARNING.match(warnings.getvalue())
    return rendered, f": line {match[1]}: {match[2].rstrip('.')[:200]}" if match else ""
