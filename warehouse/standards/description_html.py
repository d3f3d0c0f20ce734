"""What renderers make of descriptions, fitted into a page of ours: its outline, its ids, its links, its images."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

PREFIX = "user-content-"
"""What every id in a description begins with, so that none is the page's own or hides a name of its scripts."""

TOP = 3
"""The level of a description's highest heading: below the page's title and the heading of the section it stands in."""

LONGEST_URL = 2000
"""Characters of an image's address; longer ones are left out, since the proxy's address doubles them."""

REL = "nofollow noopener ugc"

# As the sanitiser writes it: names in lower case, values in double quotes, which stand in them only as &quot;.
_ATTRIBUTES = r"""((?: [a-z-]+="[^"]*")*)"""
_TAG = re.compile(rf"<(/?)([a-z][a-z0-9]*){_ATTRIBUTES}(?: /)?>|(<)")
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_EMPTY_LINK = re.compile(rf"<a{_ATTRIBUTES}>\s*</a>")
_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_MAIL = re.compile(r"mailto:\S", re.IGNORECASE)
_PIXELS = re.compile(r"([1-9][0-9]{0,3})(?:px)?")
_PERCENT = re.compile(r"([1-9][0-9]?|100)(?:\.[0-9]+)?%")
_NUMBER = re.compile(r"-?[0-9]{1,4}")
_HEADING = re.compile(r"h[1-6]")

# A landmark for each aside and section would be a crowd of landmarks; the others are obsolete.
_RENAMED = {"section": "div", "aside": "div", "nav": "div", "tt": "code", "acronym": "abbr"}
_ALIGNED = ("left", "right", "center")

# Code is coloured as in web/components/code.css; what Pygments tells apart beyond that is not worth its rules.
_COLOURS = {
    "k": "k kc kd kn kp kr kt ow gh gu",
    "s": "s sa sb sc dl sd s1 s2 se sh si sx sr ss",
    "c": "c c1 ch cm cp cpf cs gp go",
    "m": "m mb mf mh mi mo il no",
    "n": "na nb bp nc nd ne nf fm nl nn nt",
    "gd": "gd",
    "gi": "gi",
}
_COLOUR_OF = {name: colour for colour, names in _COLOURS.items() for name in names.split()}
# What else descriptions are styled by. Any other class could make one look like a part of the page.
_CLASSES = {
    *("admonition", "admonition-title", "note", "tip", "important", "warning", "caution", "danger", "attention"),
    *("hint", "error", "topic", "topic-title", "footnote-list", "footnote", "citation-list", "citation", "brackets"),
    *("fn-bracket", "align-left", "align-right", "align-center", "line-block", "rubric"),
}

_SHOWN = re.compile(rf'<a[ >]|</a>|<img src="([^"]*)" alt="([^"]*)"{_ATTRIBUTES}>')


def fitted(sanitised: str) -> str:
    """Sanitised HTML as it may stand in a page; the addresses of its images are yet to be replaced by `with_images`.

    Headings make an outline without gaps from :data:`TOP` down. Ids begin with :data:`PREFIX` and are there once, and
    links to them lead there. Links that are no full address on the web or for mail are plain text, and so are images:
    what is relative was meant for another place. What is wide can be scrolled with the keyboard.
    """
    return _Fitting().fit(_EMPTY_LINK.sub(_target, sanitised))


def with_images(fitted: str, address: Callable[[str], str | None], word: str) -> str:
    """A fitted description with the images where ``address`` says that each URL is to be had.

    Where it says None there is a link to the image in its place, which says what the image would: its alternative
    text, or else ``word``.
    """
    is_in_link = False

    def shown(found: re.Match[str]) -> str:
        nonlocal is_in_link
        if not found[0].startswith("<img"):
            is_in_link = found[0] != "</a>"
            return found[0]
        source, alternative, rest = found[1], found[2], found[3]
        to = address(html.unescape(source))
        if to is not None:
            return f'<img src="{html.escape(to)}" alt="{alternative}"{rest}>'
        said = alternative or html.escape(word)
        return said if is_in_link else f'<a href="{source}" rel="{REL}">{said}</a>'

    return _SHOWN.sub(shown, fitted)


class _Fitting:
    """One pass over one description."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._outline: list[int] = []
        self._headings: list[int] = []
        self._spans: list[bool] = []
        self._link: str | None = None

    def fit(self, sanitised: str) -> str:
        return _TAG.sub(self._tag, sanitised)

    def _tag(self, found: re.Match[str]) -> str:
        if found[4]:
            return "&lt;"  # the sanitiser leaves no such sign; should it ever, then it is text
        name = found[2]
        if found[1]:
            return self._end(name)
        attributes = {key: html.unescape(value) for key, value in _ATTRIBUTE.findall(found[3])}
        return self._start(name, attributes)

    def _end(self, name: str) -> str:
        if name == "picture":
            return ""
        if name == "a":
            self._link = None
        if name == "span" and self._spans and not self._spans.pop():
            return ""
        if _HEADING.fullmatch(name):
            return f"</h{self._headings.pop() if self._headings else TOP}>"
        return "</table></div>" if name == "table" else f"</{_RENAMED.get(name, name)}>"

    def _start(self, name: str, given: dict[str, str]) -> str:
        if name == "picture":
            return ""
        if name == "input":
            return "☑" if "checked" in given else "☐"
        if name == "img":
            return self._image(given)
        kept = self._kept(given)
        if _HEADING.fullmatch(name):
            return _written(f"h{self._level(int(name[1]))}", kept)
        if name == "a":
            return self._anchor(given, kept)
        if name == "span":
            self._spans.append(bool(kept))
            if not kept:
                return ""  # nine of ten, in coloured code
        if name == "pre":
            kept["tabindex"] = "0"
        opened = _written(_RENAMED.get(name, name), kept)
        return f'<div class="description__wide" tabindex="0">{opened}' if name == "table" else opened

    def _level(self, written: int) -> int:
        """One below the nearest heading before it that was written above it."""
        while self._outline and self._outline[-1] >= written:
            self._outline.pop()
        level = min(TOP + len(self._outline), 6)
        self._outline.append(written)
        self._headings.append(level)
        return level

    def _kept(self, given: dict[str, str]) -> dict[str, str]:
        """The attributes that any element may have, and those of cells and lists."""
        kept = {}
        if (own := self._own_id(given.get("id"))) is not None:
            kept["id"] = own
        if classes := _classes(given):
            kept["class"] = " ".join(classes)
        for key in ("colspan", "rowspan", "start"):
            if _NUMBER.fullmatch(given.get(key, "")):
                kept[key] = given[key]
        if given.get("title"):
            kept["title"] = given["title"]
        return kept

    def _own_id(self, written: str | None) -> str | None:
        if not written or re.search(r"\s", written):
            return None
        own = _prefixed(written)
        if own in self._ids:
            return None
        self._ids.add(own)
        return own

    def _anchor(self, given: dict[str, str], kept: dict[str, str]) -> str:
        href = given.get("href", "").strip()
        if len(href) > 1 and href[0] == "#":
            kept["href"] = f"#{_prefixed(href[1:])}"
        elif _WEB.match(href) or _MAIL.match(href):
            kept |= {"href": href, "rel": REL}
        self._link = kept.get("href")
        return _written("a", kept)

    def _image(self, given: dict[str, str]) -> str:
        source, alternative = given.get("src", "").strip(), given.get("alt", "")
        if not _WEB.match(source) or len(source) > LONGEST_URL:
            return html.escape(alternative)
        if alternative in ("", source) and self._link is not None:
            alternative = _host(self._link)  # or nobody who hears the page would know where the link leads
        image = {"src": source, "alt": "" if alternative == source else alternative}
        classes = _classes(given)
        for side in ("width", "height"):
            if pixels := _PIXELS.fullmatch(given.get(side, "").strip()):
                image[side] = pixels[1]
        if share := _PERCENT.fullmatch(given.get("width", "").strip()):
            classes.append(f"width-{max(round(int(share[1]), -1), 10)}")
        if classes:
            image["class"] = " ".join(classes)
        return _written("img", image | {"loading": "lazy", "decoding": "async", "referrerpolicy": "no-referrer"})


def _target(found: re.Match[str]) -> str:
    """An empty link cannot be seen, and is announced as nothing; what others link to stays as a place."""
    written = dict(_ATTRIBUTE.findall(found[1])).get("id")
    return f'<span id="{written}"></span>' if written else ""


def _classes(given: dict[str, str]) -> list[str]:
    written = given.get("class", "").split()
    classes = [_COLOUR_OF.get(one, one) for one in written if one in _CLASSES or one in _COLOUR_OF]
    return [*classes, f"align-{given['align']}"] if given.get("align") in _ALIGNED else classes


def _prefixed(name: str) -> str:
    return name if name.startswith(PREFIX) else f"{PREFIX}{name}"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _written(name: str, attributes: dict[str, str]) -> str:
    return f"<{name}{''.join(_each(attributes.items()))}>"


def _each(attributes: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (f' {key}="{html.escape(value)}"' for key, value in attributes)
