"""Invented names: plausible, varied in length, and never the same for two numbers, without remembering any."""

from __future__ import annotations

from random import Random

_SYLLABLES = [consonant + vowel for consonant in "bcdfghjklmnprstvz" for vowel in "aeiou"]

# How many syllables the words have that the first so many numbers get; what is left has four.
_SHORT = ((2, 5_000), (3, 500_000))
_LONG = 4
_STRIDE = 1_000_003  # a prime that divides no count of words, so that neighbours get words far apart

# None of these can be read as a run of our syllables, so a name says which of its words is the number.
BEFORE = (
    "py", "django", "pytest", "aws", "types", "async", "open", "simple", "flask", "apache", "airflow-provider",
    "llama-index", "odoo-addon", "opentelemetry-instrumentation", "ml", "easy", "jupyter", "sphinx", "robot",
)  # fmt: skip
AFTER = (
    "client", "api", "sdk", "utils", "tools", "cli", "plugin", "server", "parser", "models", "lib", "py", "async",
    "wrapper", "connector", "toolkit", "engine", "framework", "backend", "extensions", "common-utils", "test",
)  # fmt: skip


def word(number: int) -> str:
    """The word of a number: pronounceable, and another one for every number below 50 million."""
    length, place = _LONG, number
    for syllables, count in _SHORT:
        if place < count:
            length = syllables
            break
        place -= count
    place = place * _STRIDE % len(_SYLLABLES) ** length
    letters = []
    for _ in range(length):
        place, syllable = divmod(place, len(_SYLLABLES))
        letters.append(_SYLLABLES[syllable])
    return "".join(letters)


def project_name(number: int, random: Random) -> str:
    """The normalized name of a project: the number's word, in most cases with words around it that many share."""
    name, style = word(number), random.random()
    if style < 0.45:
        name = f"{name}-{random.choice(AFTER)}"
    if 0.25 < style < 0.75:
        name = f"{random.choice(BEFORE)}-{name}"
    return f"{name}-{random.randint(2, 9)}" if style > 0.98 else name


def spelling(name: str, random: Random) -> str:
    """How its author writes a normalized name."""
    style = random.random()
    if style < 0.75:
        return name
    if style < 0.90:
        return name.replace("-", "_")
    if style < 0.95:
        return name.replace("-", ".")
    return name.title()
