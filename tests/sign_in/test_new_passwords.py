"""What may become somebody's password."""

from __future__ import annotations

import pytest

from tests.conftest import MakeIndex
from tests.contracts.test_breaches import STOLEN, range_server
from tests.index import Index
from warehouse.operations.new_passwords import known_of, password_mistake


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "8 to 4096 characters"),
        ("kT9x!2z", "8 to 4096 characters"),
        ("hamster unicycle " * 300, "8 to 4096 characters"),
        ("hamster\x00unicycle", "cannot hold the character NUL"),
        ("password1", "easy to guess"),
        ("ada@example.com", "easy to guess"),
        ("Ada Lovelace", "easy to guess"),
        ("a" * 4096, "easy to guess"),
        ("hamster unicycle", None),
        ("kT9x!2zQ", None),
        ("hamster unicycle " * 240, None),
    ],
)
def test_what_is_short_long_or_easy_to_guess_is_not_taken(index: Index, password: str, sentence: str | None) -> None:
    ada = index.user("ada")
    with index.work() as work:
        ada = work.db.merge(ada)
        ada.name = "Ada Lovelace"
        mistake = password_mistake(work, password, about=known_of(ada))
    assert mistake is None if sentence is None else sentence in (mistake or "")


def test_what_was_stolen_elsewhere_is_not_taken(index_with: MakeIndex) -> None:
    with range_server() as service:
        index = index_with(PASSWORDS__BREACH_RANGE_URL=service.url)
        with index.work() as work:
            assert "stolen from another site" in (password_mistake(work, STOLEN[1], about=[]) or "")
            assert password_mistake(work, "hamster unicycle", about=[]) is None
            service.status = 503
            assert password_mistake(work, STOLEN[1], about=[]) is None
