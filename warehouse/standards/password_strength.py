"""How well a password withstands guessing (zxcvbn), at a bounded cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import isqrt
from threading import Lock

LOWEST_SCORE = 2
"""Of 0 to 4: fewer than a million guesses find what has less."""
MOST_SCORED = 100
"""Characters that are looked at: what has more is strong already, or repeats itself."""

# zxcvbn reads each symbol as each letter that it may stand for and looks every part of the password up in its
# dictionaries, for each combination of readings. A hundred random characters take it ten seconds.
_READINGS = {"a": "4@", "b": "8", "c": "({[<", "e": "3", "g": "69", "i": "1!|", "l": "1|7", "o": "0", "s": "$5"}
_READINGS |= {"t": "+7", "x": "%", "z": "2"}
_MOST_WORK = 250_000  # combinations x characters²; some tenths of a second

# zxcvbn keeps what is known of the user in a dictionary that all calls share.
_ONE_AT_A_TIME = Lock()


def is_strong(password: str, *, about: Iterable[str] = ()) -> bool:
    """Whether it takes a million guesses or more to find this password.

    ``about`` is what anybody knows of its owner: name, username, address. Those who guess try it first.
    """
    from zxcvbn import zxcvbn

    if not password:
        return False
    known = [word[:MOST_SCORED] for word in about if word]
    with _ONE_AT_A_TIME:
        return zxcvbn(scored_part(password), user_inputs=known, max_length=MOST_SCORED)["score"] >= LOWEST_SCORE


def scored_part(password: str) -> str:
    """The beginning of the password that is looked at; the shorter, the more readings its symbols have."""
    used = Counter(password[:MOST_SCORED])
    combinations = 1
    for symbols in _READINGS.values():
        combinations *= max(1, sum(symbol in used for symbol in symbols))
    return password[: min(MOST_SCORED, isqrt(_MOST_WORK // combinations))]
