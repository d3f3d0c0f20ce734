"""Whatever somebody types, the search answers; filters, orders, pages and suggestions do what they say."""

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from warehouse.errors import NotFound, TooLarge
from warehouse.infra.search import Asked, EmbeddedSearch, Mark, SearchDocument, SearchWriter, Versions
from warehouse.infra.search.asking import typed
from warehouse.infra.search.distance import distance
from warehouse.operations.searching import Question, search, suggest

STRANGE = (
    *("🐍", "\0", "\ud800", '"', "'", '"""', "[a-z]*(", "a OR", "name:", "+-&|!(){}^~?:\\/", "*", ".", "-_.", "\n\t"),
    *("the", "ﬁ", "ß", "数据", "x" * 1000, '"a" ' * 250, "a " * 500, "'" * 1000, "é" * 60, "AND NOT", "%00", "..\\.."),
)
DESCRIBED = MappingProxyType(
    {
        "alpha": ("boils eggs slowly", ["Topic :: Kitchen :: Eggs"], 5),
        "alpha-two": ("fries eggs", ["Topic :: Kitchen"], 50),
        "beta": ("eggs of birds, slowly boils them", ["Topic :: Nature", "License :: Free"], 500),
    }
)


@pytest.fixture(scope="module")
def searching(tmp_path_factory):
    versions = Versions(tmp_path_factory.mktemp("asking"))
    version = versions.fresh()
    writer = SearchWriter(version)
    writer.add(
        SearchDocument(
            name=name,
            normalized_name=name,
            version="1.0",
            released_at=datetime(2020 + number, 1, 1, tzinfo=UTC),
            summary=summary,
            classifiers=classifiers,
            downloads=downloads,
        )
        for number, (name, (summary, classifiers, downloads)) in enumerate(DESCRIBED.items())
    )
    writer.add(
        SearchDocument(
            name=f"crowd{n}", normalized_name=f"crowd{n}", version="1", released_at=datetime(2001, 1, 1, tzinfo=UTC)
        )
        for n in range(45)
    )
    writer.commit(Mark())
    versions.swap(version)
    return EmbeddedSearch(versions.folder)


def names(searching, *asked, **details):
    return [hit.name for hit in searching.search(Asked(*asked, **details)).hits]


@pytest.mark.parametrize("text", STRANGE)
def test_nothing_that_is_typed_is_an_error(searching, text):
    for order in ("relevance", "newest", "name", "most_used"):
        searching.search(Asked(text, ("Topic", text), order))
        searching.search(Asked(text, (), order))
    searching.suggest(text, 8)


def test_a_picture_finds_nothing(searching):
    assert names(searching, "🐍") == names(searching, "[*(") == []


def test_quoted_words_stand_together(searching):
    assert set(names(searching, "boils eggs")) == {"alpha", "beta"}
    assert names(searching, '"boils eggs"') == names(searching, "'boils eggs'") == ["alpha"]


def test_a_filter_also_finds_what_is_below_it_and_counts_are_those_of_what_was_found(searching):
    found = searching.search(Asked("eggs", ("Topic :: Kitchen",), "name"))
    assert [hit.name for hit in found.hits] == ["alpha", "alpha-two"]
    assert found.classifiers == {"Topic": 2, "Topic :: Kitchen": 2, "Topic :: Kitchen :: Eggs": 1}
    assert names(searching, "eggs", ("Topic :: Kitchen", "License")) == []
    assert names(searching, "alph", ("License",)) == []


def test_results_come_in_the_order_asked_for(searching):
    assert names(searching, "eggs", order="newest") == ["beta", "alpha-two", "alpha"]
    assert names(searching, "eggs", order="name") == ["alpha", "alpha-two", "beta"]
    assert names(searching, "eggs", order="most_used") == ["beta", "alpha-two", "alpha"]


def test_what_was_meant_is_said_where_words_are_misspelt(searching):
    assert searching.search(Asked("alpah")).meant == "alpha"
    assert searching.search(Asked("boils slwoly egsg")).meant == "boils slowly eggs"
    assert searching.search(Asked("alpha")).meant is None
    assert searching.search(Asked("eggs")).meant is None


def test_suggestions_begin_as_what_was_typed_or_nearly_so(searching):
    assert [hit.name for hit in searching.suggest("al", 8)] == ["alpha-two", "alpha"]
    assert [hit.name for hit in searching.suggest("tw", 8)] == ["alpha-two"]
    assert [hit.name for hit in searching.suggest("Alpha", 8)] == ["alpha", "alpha-two"]
    assert [hit.name for hit in searching.suggest("apl", 8)] == []
    assert [hit.name for hit in searching.suggest("aplha", 8)] == ["alpha-two", "alpha"]
    assert searching.suggest("", 8) == searching.suggest("  ", 8) == []


def test_there_are_pages_up_to_the_last(tools, searching):
    tools = replace(tools, search=searching)
    found = search(tools, Question("crowd", page=3))
    assert (found.total, found.is_more, found.pages, len(found.hits)) == (45, False, 3, 5)
    for page in (0, 4, 501, 10**30):
        with pytest.raises(NotFound):
            search(tools, Question("crowd", page=page))
    assert search(tools, Question("nobody", page=2)).hits == []
    with pytest.raises(TooLarge):
        search(tools, Question("x" * 1001))
    assert suggest(tools, "x" * 101) == []


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("", "", 0),
        ("a", "", 1),
        ("reqeusts", "requests", 1),
        ("flask", "falks", 2),
        ("numpy", "numpi", 1),
        ("ab", "ba", 1),
    ],
)
def test_slips_of_the_finger_are_counted(one, other, slips):
    assert distance(one, other) == distance(other, one) == slips


def test_of_ever_so_many_phrases_a_few_are_looked_for():
    said = typed(" ".join(f'"eggs {number}"' for number in range(90)))
    assert said.phrases == tuple(f"eggs {number}" for number in range(6))
