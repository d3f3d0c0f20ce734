"""What the page cache keeps, and what it lets go: the hot pages stay, whoever else passes by."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from warehouse.infra.cache import MISSED, OVERHEAD, PageCache

PAGE = 4000  # bytes
CAPACITY = 400 * (PAGE + OVERHEAD)
HOT = [f"hot{number}" for number in range(150)]


def ask(cache: PageCache, key: str, size: int = PAGE) -> bool:
    """Ask as a door does; whether it was a hit."""
    if cache.get(key) is not None:
        return True
    cache.build(key, key, lambda: ("page", size))
    return False


def hits_beside(cache: PageCache, passers_by: Iterator[str], *, each: int) -> float:
    """The share of hits in ten thousand requests for hot pages, with ``each`` others between any two."""
    chance = random.Random(5)
    hits = 0
    for _ in range(10_000):
        hits += ask(cache, chance.choice(HOT))
        for _ in range(each):
            ask(cache, next(passers_by))
    return hits / 10_000


def crawl() -> Iterator[str]:
    return (f"cold{number}" for number in count())


def crawl_twice() -> Iterator[str]:
    return (f"cold{number // 2}" for number in count())


def crawl_again() -> Iterator[str]:
    return (f"cold{number % 3000}" for number in count())


@pytest.mark.parametrize(("passing", "each"), [(crawl, 1), (crawl, 20), (crawl_twice, 1), (crawl_again, 1)])
def test_a_crawl_of_every_page_leaves_the_hot_ones_where_they_are(
    passing: Callable[[], Iterator[str]], each: int
) -> None:
    cache = PageCache(CAPACITY)
    for key in HOT * 2:
        ask(cache, key)
    assert hits_beside(cache, passing(), each=each) > 0.99
    assert cache.size <= CAPACITY


def test_pages_that_become_hot_during_a_crawl_find_their_place() -> None:
    cache = PageCache(CAPACITY)
    for key in crawl():
        ask(cache, key)
        if cache.evictions > 1000:
            break
    hits_beside(cache, crawl(), each=2)
    assert hits_beside(cache, crawl(), each=2) > 0.99


def test_pages_that_were_hot_make_room_for_those_that_are() -> None:
    cache = PageCache(CAPACITY)
    for number in range(2000):
        ask(cache, f"former{number % 300}")
    hits_beside(cache, iter(HOT * 1000), each=1)
    assert hits_beside(cache, crawl(), each=1) > 0.99


def test_a_hot_page_that_changes_comes_back_to_where_it_was() -> None:
    cache = PageCache(CAPACITY)
    for key in HOT * 2:
        ask(cache, key)
    others = crawl()
    hits_beside(cache, others, each=1)  # they are all in the long queue
    for key in HOT:
        cache.drop(key)
        ask(cache, key)
        for _ in range(60):  # more than the short queue holds
            ask(cache, next(others))
        assert cache.get(key) is not None


def test_what_is_larger_than_the_short_queue_is_kept_when_it_is_asked_for() -> None:
    cache, others = PageCache(CAPACITY), crawl()
    for _ in range(500):
        ask(cache, next(others))
    for _ in range(2):
        ask(cache, "large", CAPACITY // 2)
        for _ in range(500):
            ask(cache, next(others))
    assert ask(cache, "large")
    assert cache.size <= CAPACITY


def test_what_is_larger_than_everything_is_handed_out_and_not_kept() -> None:
    cache = PageCache(CAPACITY)
    ask(cache, "hot")
    assert cache.build("huge", "huge", lambda: ("page", CAPACITY)) == "page"
    assert cache.get("huge") is None
    assert cache.get("hot") == "page"


def test_a_page_that_grows_makes_others_go() -> None:
    cache = PageCache(CAPACITY)
    for number in range(200):
        ask(cache, f"page{number}")
    for number in range(200):
        cache.grown(f"page{number}", "page", 2 * PAGE)
    assert cache.size <= CAPACITY
    assert 0 < len(cache) < 200
    cache.grown("gone", "page", PAGE)
    for number in range(200):
        cache.drop(f"page{number}")
    assert cache.size == len(cache) == 0


def test_what_a_former_page_grew_by_does_not_count_for_the_present_one() -> None:
    cache = PageCache(CAPACITY)
    cache.build("demo", "demo", lambda: ("former page", PAGE))
    cache.drop("demo")
    cache.build("demo", "demo", lambda: ("page", PAGE))
    size = cache.size
    cache.grown("demo", "former page", PAGE)
    assert cache.size == size


def test_what_went_is_counted_by_why() -> None:
    cache = PageCache(CAPACITY)
    for number in range(1000):
        ask(cache, f"page{number}")
    left = len(cache)
    assert cache.evictions == 1000 - left
    assert cache.invalidations == 0
    cache.drop("page999")
    cache.drop("never heard of")
    cache.clear()
    assert cache.invalidations == left
    assert cache.evictions == 1000 - left


def test_a_million_names_leave_nothing_behind() -> None:
    cache = PageCache(CAPACITY)
    for number in range(30_000):
        ask(cache, f"name{number}", 13)
    assert cache.size <= CAPACITY
    assert len(cache._keys) == len(cache) < CAPACITY / OVERHEAD
    assert len(cache._missed) <= MISSED
