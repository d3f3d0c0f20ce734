"""Asking the embedded index (tantivy): any number of processes read what one of them writes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from warehouse.errors import Unavailable
from warehouse.infra.search import schema as fields
from warehouse.infra.search.asking import Asking, Typed, allowed_edits, typed
from warehouse.infra.search.contract import Answered, Asked, Hit
from warehouse.infra.search.distance import distance
from warehouse.infra.search.writing import Versions

if TYPE_CHECKING:
    import tantivy

MOST_CLASSIFIERS = 5_000  # there are about a thousand
COUNTS_KEPT = 64  # questions
ORDER_FIELDS = {"newest": ("released", "Desc"), "name": ("key", "Asc"), "most_used": ("downloads", "Desc")}


class _Opened(NamedTuple):
    """A version as of one commit: told apart by what the file system says of its list of parts."""

    version: Path
    commit: tuple[int, int]
    engine: tantivy.Index
    searcher: tantivy.Searcher


class EmbeddedSearch:
    """Reads the index in this folder. The next question notices a commit or another version, by two calls of stat."""

    def __init__(self, folder: Path) -> None:
        self._versions = Versions(folder)
        self._lock = threading.Lock()
        self._opened: _Opened | None = None
        self._pointer: tuple[int, int] | None = None
        self._counts: OrderedDict[tuple, dict[str, int]] = OrderedDict()

    def search(self, asked: Asked) -> Answered:
        """See :meth:`warehouse.infra.search.contract.Searching.search`."""
        searcher, commit = self._searcher()
        asking = Asking(searcher)
        said = typed(asked.text)
        question, total, found = self._ask(asking, searcher, said, asked)
        hits = [fields.to_hit(searcher.doc(address)) for address in found]
        if asked.offset == 0 and total == len(hits):
            # Who was found is known: looking for slips of the finger a second time would take longer than all the rest.
            question = fields.tantivy_library().Query.term_set_query(
                fields.schema(), "key", [hit.normalized_name for hit in hits]
            )
        key = (commit, said, asked.classifiers)
        meant = _meant(asking, said, hits) if asked.order == "relevance" and asked.offset == 0 else None
        return Answered(total, hits, self._classifiers(searcher, question, key) if total else {}, meant)

    def suggest(self, text: str, limit: int) -> list[Hit]:
        """See :meth:`warehouse.infra.search.contract.Searching.suggest`."""
        searcher, _ = self._searcher()
        asking = Asking(searcher)
        whole = typed(text).whole[: fields.LONGEST_BEGINNING]
        if not whole:
            return []
        for edits in range(allowed_edits(whole) + 1):
            question = asking.beginnings(whole, edits=edits)
            found = searcher.search(question, limit, count=False, weight_by_field="weight").hits
            if found:
                return [fields.to_hit(searcher.doc(address)) for _, address in found]
        return []

    def numbers(self, names: list[str]) -> dict[str, tuple[int, int]]:
        """Downloads and dependents as the index has them, of those of these normalized names that it knows."""
        searcher, _ = self._searcher()
        query = fields.tantivy_library().Query.term_set_query(fields.schema(), "key", names)
        found = searcher.search(query, len(names) or 1, count=False).hits
        hits = (fields.to_hit(searcher.doc(address)) for _, address in found)
        return {hit.normalized_name: (hit.downloads, hit.dependents) for hit in hits}

    @property
    def size(self) -> int:
        """How many projects can be found."""
        return self._searcher()[0].num_docs

    def _ask(
        self, asking: Asking, searcher: tantivy.Searcher, said: Typed, asked: Asked
    ) -> tuple[tantivy.Query, int, list[tantivy.DocAddress]]:
        """The question that found something: for all the words first, then for most of them."""
        for strict in (True, False):
            question = asking.question(said, asked.classifiers, strict=strict)
            total, found = self._found(searcher, question, asked, bool(said.words or said.phrases))
            if total or len(said.words) + len(said.phrases) < 2:
                break
        return question, total, found

    def _found(
        self, searcher: tantivy.Searcher, question: tantivy.Query, asked: Asked, has_text: bool
    ) -> tuple[int, list[tantivy.DocAddress]]:
        order = asked.order if has_text or asked.order != "relevance" else "most_used"
        if order == "relevance":
            result = searcher.search(question, asked.limit, offset=asked.offset, weight_by_field="weight")
        else:
            field, direction = ORDER_FIELDS[order]
            way = getattr(fields.tantivy_library().Order, direction)
            result = searcher.search(question, asked.limit, offset=asked.offset, order_by_field=field, order=way)
        return result.count or 0, [address for _, address in result.hits]  # type: ignore[attr-defined]

    def _classifiers(self, searcher: tantivy.Searcher, question: tantivy.Query, key: tuple) -> dict[str, int]:
        """How many of the hits hold each; remembered, for it costs more than all the rest and pages ask again."""
        with self._lock:
            if key in self._counts:
                self._counts.move_to_end(key)
                return self._counts[key]
        terms = {"terms": {"field": "classifier", "size": MOST_CLASSIFIERS, "segment_size": MOST_CLASSIFIERS}}
        buckets = searcher.aggregate(question, {"classifiers": terms})["classifiers"]["buckets"]
        counted = {bucket["key"]: int(bucket["doc_count"]) for bucket in buckets}
        with self._lock:
            self._counts[key] = counted
            while len(self._counts) > COUNTS_KEPT:
                self._counts.popitem(last=False)
        return counted

    def _searcher(self) -> tuple[tantivy.Searcher, tuple]:
        with self._lock:
            for _ in range(3):  # the version may be removed while it is opened
                try:
                    opened = self._open()
                except (OSError, ValueError):
                    self._opened = self._pointer = None
                    continue
                return opened.searcher, (opened.version.name, opened.commit)
        raise Unavailable("The search index is being made. Try again in a minute.", code="search", retry_after=30)

    def _open(self) -> _Opened:
        pointer = _seen(self._versions.pointer)
        opened = self._opened
        if opened is None or pointer != self._pointer:
            version = self._versions.current()
            if version is None:
                raise FileNotFoundError(self._versions.pointer)
            index = fields.tantivy_library().Index.open(str(version))
            for name, analyzer in fields.analyzers().items():
                index.register_tokenizer(name, analyzer)
            index.config_reader("manual")
        else:
            version, index = opened.version, opened.engine
        commit = _seen(version / "meta.json")
        if opened is None or opened.engine is not index or opened.commit != commit:
            index.reload()
            opened = self._opened = _Opened(version, commit, index, index.searcher())
            self._pointer = pointer
        return opened


def _seen(path: Path) -> tuple[int, int]:
    """What tells one content of a file that is only ever replaced from the next."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def _meant(asking: Asking, said: Typed, hits: list[Hit]) -> str | None:
    """What to ask instead, taken from the best hit: its name, or its words in place of those nobody uses."""
    rare = asking.rare_words(said)
    if not rare or not hits or asking.is_known(said):
        return None
    best = hits[0]
    if 0 < distance(said.whole, fields.squeezed(best.name)) <= allowed_edits(said.whole):
        return best.name
    if said.phrases:
        return None
    known = set(fields.pieces(best.name)) | set(fields.analyzers()["words"].analyze(best.summary))
    replaced = [_nearest(word, known) if word in rare else word for word in said.words]
    meant = " ".join(replaced)
    return meant if replaced != list(said.words) else None


def _nearest(word: str, known: set[str]) -> str:
    most = allowed_edits(word)
    near = sorted((distance(word.lower(), one), one) for one in known if abs(len(one) - len(word)) <= most)
    return near[0][1] if near and 0 < near[0][0] <= most else word
