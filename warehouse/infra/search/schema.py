"""The fields of the embedded index, how text becomes words, and how a project becomes a document."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from warehouse.infra.search.contract import Hit, SearchDocument

if TYPE_CHECKING:
    import tantivy

VERSION = 1
"""Raised whenever fields or words change: an index of another version is not used, and made anew."""

LONGEST_BEGINNING = 24  # characters
LONGEST_PIECE = 16
LONGEST_WORD = 40
MANY_DOWNLOADS = 9  # a thousand million a month, as a power of ten
MANY_DEPENDENTS = 5
DAWN = 2006  # nothing older is thought older

_SEPARATORS = re.compile(r"[-_.\s]+")
_PIECES = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+")


def squeezed(name: str) -> str:
    """A name as somebody types it who does not remember what separates its parts: ``Scikit_Learn`` is scikitlearn."""
    return _SEPARATORS.sub("", name).lower()


def pieces(name: str) -> list[str]:
    """The words in a name, in lower case: PyYAML has pyyaml, py and yaml."""
    found: dict[str, None] = {}
    for part in _SEPARATORS.split(name):
        found.setdefault(part.lower())
        for piece in _PIECES.findall(part):
            found.setdefault(piece.lower())
    return [piece for piece in found if piece]


def tantivy_library() -> Any:
    """The engine, loaded by whoever searches or writes."""
    import tantivy

    return tantivy


@cache
def schema() -> tantivy.Schema:
    """The fields."""
    builder = tantivy_library().SchemaBuilder()
    builder.add_text_field("key", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("squeezed", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("beginning", tokenizer_name="beginning", index_option="basic")
    builder.add_text_field("piece", tokenizer_name="piece", index_option="basic")
    builder.add_text_field("name", tokenizer_name="words")
    builder.add_text_field("import", tokenizer_name="raw", index_option="basic")
    for text in ("summary", "keywords", "description"):
        builder.add_text_field(text, tokenizer_name="english")
    builder.add_text_field("people", tokenizer_name="words")
    builder.add_text_field("classifier", tokenizer_name="raw", index_option="basic", fast=True)
    for number in ("released", "downloads", "dependents"):
        builder.add_unsigned_field(number, fast=True)
    builder.add_float_field("weight", fast=True)
    builder.add_bytes_field("hit", stored=True)
    return builder.build()


@cache
def analyzers() -> dict[str, tantivy.TextAnalyzer]:
    """How each kind of field is taken apart; the engine has to be told on every opening."""
    library = tantivy_library()
    filters, tokenizer = library.Filter, library.Tokenizer

    def made(first: Any, *then: Any) -> tantivy.TextAnalyzer:
        builder = library.TextAnalyzerBuilder(first)
        for one in then:
            builder = builder.filter(one)
        return builder.build()

    plain = (filters.remove_long(LONGEST_WORD), filters.lowercase(), filters.ascii_fold())
    return {
        "words": made(tokenizer.simple(), *plain),
        "english": made(tokenizer.simple(), *plain, filters.stopword("english"), filters.stemmer("english")),
        "beginning": made(tokenizer.ngram(1, LONGEST_BEGINNING, prefix_only=True)),
        "piece": made(tokenizer.ngram(2, LONGEST_PIECE, prefix_only=True)),
    }


def to_document(project: SearchDocument) -> tantivy.Document:
    """The project as the engine takes it."""
    document = tantivy_library().Document()
    document.add_text("key", project.normalized_name)
    document.add_text("squeezed", squeezed(project.name))
    document.add_text("beginning", squeezed(project.name))
    words = pieces(project.name)
    for piece in words:
        document.add_text("piece", piece)
    document.add_text("name", " ".join(words))
    for name in sorted({name.lower() for name in project.import_names}):
        document.add_text("import", name)
    document.add_text("summary", project.summary)
    document.add_text("keywords", " ".join(project.keywords))
    document.add_text("description", project.description)
    document.add_text("people", " ".join(project.people))
    for classifier in sorted(with_ancestors(project.classifiers)):
        document.add_text("classifier", classifier)
    document.add_unsigned("released", max(0, int(project.released_at.timestamp())))
    document.add_unsigned("downloads", project.downloads)
    document.add_unsigned("dependents", project.dependents)
    # The engine multiplies a score by log2(2 + weight).
    document.add_float("weight", 2 ** factor(project) - 2)
    document.add_bytes("hit", _hit(project))
    return document


def with_ancestors(classifiers: Any) -> set[str]:
    """The classifiers and all those above them: a filter also finds what holds one of its descendants."""
    found: set[str] = set()
    for classifier in classifiers:
        parts = classifier.split(" :: ")
        found.update(" :: ".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    return found


def factor(project: SearchDocument) -> float:
    """By what a score is multiplied, from 1: gently more for what is used, kept up and described.

    What is fresh counts by the year of the release, not by its age: so time alone changes nothing.
    """
    used = min(1.0, math.log10(1 + project.downloads) / MANY_DOWNLOADS)
    needed = min(1.0, math.log10(1 + project.dependents) / MANY_DEPENDENTS)
    fresh = min(1.0, max(0, project.released_at.year - DAWN) / 20)
    value = 1.0 + 1.6 * used + 0.8 * needed + 0.4 * fresh
    if not project.description and not project.summary:
        value *= 0.8
    if project.is_archived:
        value *= 0.6
    return max(1.0, value)


def _hit(project: SearchDocument) -> bytes:
    return orjson.dumps(
        [
            project.name,
            project.normalized_name,
            project.version,
            project.summary,
            project.released_at.astimezone(UTC).timestamp(),
            project.downloads,
            project.dependents,
        ]
    )


def to_hit(document: tantivy.Document) -> Hit:
    """What :func:`to_document` stored."""
    name, key, version, summary, released, downloads, dependents = orjson.loads(bytes(document.get_first("hit") or b""))
    return Hit(name, key, version, summary, datetime.fromtimestamp(released, UTC), downloads, dependents)
