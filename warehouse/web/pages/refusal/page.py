"""What the page of a refusal shows; it asks the database nothing, for that may be what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True)
class RefusalPage:
    """A status, its name and a sentence."""

    status: int
    title: str
    sentence: str


def refusal_page(status: int, sentence: str) -> RefusalPage:
    """The page for a status and the sentence that goes with it."""
    return RefusalPage(status, HTTPStatus(status).phrase, sentence)
