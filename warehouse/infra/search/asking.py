"""From what somebody typed to a question for the engine. It is built of words, never parsed, so nothing is an error."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.infra.search import schema as fields
from warehouse.infra.search.schema import squeezed

if TYPE_CHECKING:
    import tantivy

MOST_WORDS = 24
MOST_PHRASES = 6  # whose words are looked for one beside the other, the dearest there is, in each of the texts
MOST_CLASSIFIERS = 100
FILLING = frozenset(("python", "python3", "library", "package", "module", "how", "what", "do", "using", "best"))
"""Words that people add to a question and nobody has to have written."""
RARE = 3  # projects; a word that fewer hold in name, summary or keywords may be misspelt
SHORTEST_MISSPELT = 4  # characters; of shorter words every other is a neighbour
LONG_ENOUGH_FOR_TWO = 7
ENOUGH_OF_THE_WORDS = 0.5

# What a project is worth whose name, as a whole, is what was typed. Texts add up to some hundred at most.
SAME_NAME = 1_000_000.0
SAME_LETTERS = 100_000.0
SAME_IMPORT = 1_500.0
NEARLY = 500.0
NEARLY_TWICE = 160.0
NEARLY_THOUGH_KNOWN = 12.0
BEGINNING = 30.0

TEXTS = (("name", 7.0), ("keywords", 2.5), ("summary", 3.0), ("description", 0.7), ("people", 0.5))

_PARTS = re.compile(r'"([^"]*)"|([^\s"]+)')
_ANALYZER = {"name": "words", "people": "words"}


class Typed(NamedTuple):
    """What somebody typed, taken apart. ``whole`` is all of it without separators and quotation marks."""

    words: tuple[str, ...]
    phrases: tuple[str, ...]
    whole: str

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not self.words and not self.phrases


def typed(text: str) -> Typed:
    """Take apart what was typed. Single quotation marks are double ones; one too many is none."""
    text = _readable(text).replace("'", '"').replace("\0", " ")
    words: list[str] = []
    phrases: list[str] = []
    for phrase, word in _PARTS.findall(text):
        if phrase.strip():
            phrases.append(phrase)
        elif word and word not in words:
            words.append(word)
    return Typed(tuple(words[:MOST_WORDS]), tuple(phrases[:MOST_PHRASES]), squeezed(text.replace('"', " ")))


class Asking:
    """Builds questions for one searcher, whose words it knows."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher
        self._library = fields.tantivy_library()
        self._query = self._library.Query
        self._must = self._library.Occur.Must
        self._should = self._library.Occur.Should
        self._schema = fields.schema()

    def question(self, said: Typed, classifiers: tuple[str, ...], *, strict: bool = True) -> tantivy.Query:
        """Who matches: what is typed is their name or nearly so, or all its words are found; not ``strict``: most."""
        wanted = [_readable(one) for one in dict.fromkeys(classifiers)]
        parts = [(self._must, self._const(self._term("classifier", one), 0.0)) for one in wanted[:MOST_CLASSIFIERS]]
        if not said.is_empty:
            # What leads to nothing but words nobody knows, such as a picture of a snake, finds nothing.
            parts.append((self._must, self._boolean([(self._should, one) for one in self._ways(said, strict)])))
        return self._boolean(parts) if parts else self._query.all_query()

    def beginnings(self, text: str, *, edits: int = 0) -> tantivy.Query:
        """Whose name, or a word of it, begins so; with ``edits``, nearly so."""
        whole = typed(text).whole
        if edits:
            return self._query.fuzzy_term_query(self._schema, "squeezed", whole, edits, True, True)
        return self._any(
            self._const(self._term("squeezed", whole), SAME_LETTERS),
            self._const(self._term("beginning", whole[: fields.LONGEST_BEGINNING]), 100.0),
            self._const(self._term("import", whole), 100.0),
            self._const(self._term("piece", whole[: fields.LONGEST_PIECE]), 40.0),
        )

    def is_known(self, said: Typed) -> bool:
        """Whether a project, or what one imports, is called so."""
        return any(self._searcher.doc_freq(field, said.whole) for field in ("squeezed", "import"))

    def rare_words(self, said: Typed) -> list[str]:
        """The words that hardly any project is described with, so that they may be misspelt."""
        return [word for word in said.words if self._is_rare(word)]

    def _is_rare(self, word: str) -> bool:
        if len(word) < SHORTEST_MISSPELT:
            return False
        held = 0
        for field, _ in TEXTS[:3]:
            found = _analyzed(field, word)
            held += min((self._searcher.doc_freq(field, one) for one in found), default=0)
        return held < RARE

    def _ways(self, said: Typed, strict: bool) -> list[tantivy.Query]:
        texts = self._texts(said, strict)
        if not strict and texts is not None:
            return [texts]  # were it a name or nearly so, the strict question would have found it
        whole = said.whole
        ways = [
            self._const(self._term("key", _normalized(said)), SAME_NAME),
            self._const(self._term("squeezed", whole), SAME_LETTERS),
            self._const(self._term("import", whole), SAME_IMPORT),
        ]
        if len(whole) > 1:
            ways.append(self._const(self._term("beginning", whole[: fields.LONGEST_BEGINNING]), BEGINNING))
        ways += self._nearly(said)
        return [*ways, texts] if texts is not None else ways

    def _texts(self, said: Typed, strict: bool) -> tantivy.Query | None:
        """All words that matter, or most of them, somewhere in the texts; None when there are none."""
        weighty = [word for word in said.words if word.lower() not in FILLING]
        if not weighty and not said.phrases:
            weighty = list(said.words)
        misspelt = () if self.is_known(said) else self.rare_words(said)
        texts = [self._word(word, word in misspelt) for word in weighty] + [
            self._phrase(phrase) for phrase in said.phrases
        ]
        found = [one for one in texts if one is not None]
        if not found:
            return None
        least = len(found) if strict else math.ceil(len(found) * ENOUGH_OF_THE_WORDS)
        needed = self._query.boolean_query([(self._should, one) for one in found], least)
        besides = [one for word in said.words if word not in weighty if (one := self._word(word)) is not None]
        return self._boolean([(self._must, needed), *((self._should, one) for one in besides)]) if besides else needed

    def _nearly(self, said: Typed) -> list[tantivy.Query]:
        """Names that are a slip of the finger away: the more letters, the more slips."""
        whole = said.whole
        edits = allowed_edits(whole)
        if not edits or len(whole) > LONGEST_NAME:
            return []
        known = self.is_known(said)
        nearly = [self._const(self._fuzzy("squeezed", whole, 1), NEARLY_THOUGH_KNOWN if known else NEARLY)]
        if not known:
            nearly.append(self._const(self._fuzzy("import", whole, 1), NEARLY_TWICE))
            # Two slips are the dearest to look for, and words that many write are no slips.
            if edits > 1 and self.rare_words(said):
                nearly.append(self._const(self._fuzzy("squeezed", whole, 2), NEARLY_TWICE))
        return nearly

    def _word(self, word: str, is_misspelt: bool = False) -> tantivy.Query | None:
        """The word in any of the texts, or one that is a slip away; None for what is not looked for ("the")."""
        ways = [
            self._boost(self._all(field, found), boost) for field, boost in TEXTS if (found := _analyzed(field, word))
        ]
        if not _analyzed("summary", word):
            return None
        ways.append(self._const(self._term("import", word.lower()), 20.0))
        if is_misspelt:
            for field, boost in TEXTS[:3]:
                found = _analyzed(field, word)
                if len(found) == 1:
                    ways.append(self._boost(self._fuzzy(field, found[0], 1), boost))
        return self._query.disjunction_max_query(ways, 0.3)

    def _phrase(self, phrase: str) -> tantivy.Query | None:
        ways = []
        for field, boost in TEXTS:
            found = _analyzed(field, phrase)[:MOST_WORDS]
            if len(found) == 1:
                ways.append(self._boost(self._term(field, found[0]), boost))
            elif found:
                ways.append(self._boost(self._query.phrase_query(self._schema, field, list(found)), boost))
        return self._query.disjunction_max_query(ways, 0.3) if ways else None

    def _all(self, field: str, words: list[str]) -> tantivy.Query:
        terms = [self._term(field, word) for word in words[:MOST_WORDS]]
        return terms[0] if len(terms) == 1 else self._boolean([(self._must, term) for term in terms])

    def _any(self, *queries: tantivy.Query) -> tantivy.Query:
        return self._boolean([(self._should, query) for query in queries])

    def _term(self, field: str, word: str) -> tantivy.Query:
        option = "position" if field in dict(TEXTS) else "basic"
        return self._query.term_query(self._schema, field, word, option)

    def _fuzzy(self, field: str, word: str, edits: int) -> tantivy.Query:
        return self._query.fuzzy_term_query(self._schema, field, word, edits)

    def _const(self, query: tantivy.Query, score: float) -> tantivy.Query:
        return self._query.const_score_query(query, score)

    def _boost(self, query: tantivy.Query, boost: float) -> tantivy.Query:
        return self._query.boost_query(query, boost)

    def _boolean(self, parts: list[tuple[Any, tantivy.Query]]) -> tantivy.Query:
        return self._query.boolean_query(parts)


LONGEST_NAME = 60  # characters; longer ones are not looked for letter by letter


def allowed_edits(word: str) -> int:
    """How many letters may be wrong, missing, too many or in the wrong order."""
    if len(word) < SHORTEST_MISSPELT:
        return 0
    return 2 if len(word) >= LONG_ENOUGH_FOR_TWO else 1


def _readable(text: str) -> str:
    """The text without halves of characters, which no engine takes."""
    return text.encode("utf-8", "replace").decode()


def _normalized(said: Typed) -> str:
    return re.sub(r"[-_.]+", "-", " ".join((*said.words, *said.phrases)).strip()).lower()


def _analyzed(field: str, text: str) -> list[str]:
    return fields.analyzers()[_ANALYZER.get(field, "english")].analyze(text)
