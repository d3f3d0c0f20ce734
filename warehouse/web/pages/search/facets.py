"""The classifiers by which what was found can be narrowed, as a tree with counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from warehouse.standards.classifiers import KNOWN
from warehouse.web.pages.project.metadata import naturally

FIRST = (
    "Framework",
    "Topic",
    "Development Status",
    "License",
    "Programming Language",
    "Operating System",
    "Environment",
    "Intended Audience",
    "Natural Language",
)
"""The order of what classifiers begin with; others follow by name."""

_BETWEEN = " :: "
_DEEPEST = 8


@dataclass
class Facet:
    """A classifier, or what several begin with; ``count`` is None for what is none by itself, or has no numbers."""

    label: str
    classifier: str
    count: int | None = None
    is_applied: bool = False
    below: list[Facet] = field(default_factory=list)

    @property
    def may_be_applied(self) -> bool:
        """Whether it is a classifier, and not just what some begin with."""
        return self.count is not None or self.is_applied

    @property
    def holds_applied(self) -> bool:
        """Whether it, or something below it, is applied."""
        return self.is_applied or any(one.holds_applied for one in self.below)


def facets(counts: Mapping[str, int], applied: Sequence[str]) -> list[Facet]:
    """The tree of the classifiers that something found has, and of those that are applied.

    What is applied comes from an address: there it is only if it is a classifier.
    """
    roots: dict[str, Facet] = {}
    known: dict[str, Facet] = {}
    present = {name for name, count in counts.items() if count} | KNOWN.intersection(applied)
    for classifier in sorted(present, key=naturally):
        facet = _planted(classifier, roots, known)
        facet.count = counts.get(classifier, 0)
        facet.is_applied = classifier in applied
    return sorted(roots.values(), key=_place)


def _planted(classifier: str, roots: dict[str, Facet], known: dict[str, Facet]) -> Facet:
    """The facet of this classifier, put below those that it begins with."""
    parts = classifier.split(_BETWEEN, _DEEPEST)
    above: Facet | None = None
    for length, label in enumerate(parts, start=1):
        name = _BETWEEN.join(parts[:length])
        if name not in known:
            known[name] = Facet(label, name)
            if above is None:
                roots[name] = known[name]
            else:
                above.below.append(known[name])
        above = known[name]
    assert above is not None
    return above


def _place(facet: Facet) -> tuple[int, str]:
    return (FIRST.index(facet.label) if facet.label in FIRST else len(FIRST), facet.label)


def labels(classifiers: Iterable[str]) -> list[tuple[str, str]]:
    """Each classifier, and what of it is enough to know it by: "Python :: 3.9", since "3.9" alone says nothing."""
    return [(name, name.partition(_BETWEEN)[2] or name) for name in classifiers]
