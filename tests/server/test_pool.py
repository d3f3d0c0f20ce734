"""Threads that everybody shares: nobody takes all the turns, and who wants most gives way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from warehouse.errors import Unavailable
from warehouse.server.pool import Pool

Began = list[str]


def busy(waiting: int, ask: Callable[[Pool, Began], Awaitable[None]]) -> Began:
    """What a pool of one thread does, in order, after everything that ``ask`` puts in its queue is there."""

    async def main() -> Began:
        pool, gate, began = Pool("test", threads=1, waiting=waiting), threading.Event(), []
        first = asyncio.ensure_future(pool.run("first", gate.wait))
        await asyncio.sleep(0.01)
        try:
            tasks = asyncio.ensure_future(ask(pool, began))
            await asyncio.sleep(0.01)
        finally:
            gate.set()
        await asyncio.gather(first, tasks)
        pool.close()
        assert pool.load == 0
        return began

    return asyncio.run(main())


async def together(*calls: Awaitable[None]) -> list[str]:
    """What became of each."""
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert all(each is None or isinstance(each, Unavailable) for each in ended), ended
    return ["refused" if isinstance(each, Unavailable) else "done" for each in ended]


def test_who_asks_for_little_does_not_wait_for_all_that_another_asks_for() -> None:
    async def ask(pool: Pool, began: Began) -> None:
        greedy = [pool.run("greedy", began.append, f"greedy {number}") for number in range(5)]
        assert set(await together(*greedy, *(pool.run(name, began.append, name) for name in "ab"))) == {"done"}

    assert busy(10, ask) == ["greedy 0", "a", "b", *(f"greedy {number}" for number in range(1, 5))]


def test_when_all_places_are_taken_who_has_most_of_them_gives_way() -> None:
    async def ask(pool: Pool, began: Began) -> None:
        greedy = [pool.run("greedy", began.append, f"greedy {number}") for number in range(5)]
        modest = [pool.run(name, began.append, name) for name in "abc"]
        became = await together(*greedy, *modest, pool.run("greedy", began.append, "one more"))
        assert became == ["done", "done", *["refused"] * 3, *["done"] * 3, "refused"]

    assert busy(5, ask) == ["greedy 0", "a", "b", "c", "greedy 1"]


def test_nobody_gives_way_to_who_would_have_as_much() -> None:
    async def ask(pool: Pool, began: Began) -> None:
        became = await together(*(pool.run(name, began.append, name) for name in "abcd"))
        assert became == ["done", "done", "done", "refused"]

    assert busy(3, ask) == ["a", "b", "c"]


@pytest.mark.parametrize("begun", [3, 20])
def test_what_was_begun_is_never_refused_and_keeps_out_nobody_else(begun: int) -> None:
    async def ask(pool: Pool, began: Began) -> None:
        greedy = [pool.insist("greedy", began.append, f"greedy {number}") for number in range(begun)]
        became = await together(*greedy, pool.run("a", began.append, "a"), pool.run("greedy", began.append, "more"))
        assert became == [*["done"] * begun, "done", "refused"]

    assert busy(3, ask) == ["greedy 0", "a", *(f"greedy {number}" for number in range(1, begun))]


def test_what_was_begun_comes_before_what_the_same_client_asks_for() -> None:
    async def ask(pool: Pool, began: Began) -> None:
        await together(pool.run("a", began.append, "asked"), pool.insist("a", began.append, "begun"))

    assert busy(3, ask) == ["begun", "asked"]
