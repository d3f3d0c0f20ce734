"""Every language that people can choose says everything, and says what the code says."""

from __future__ import annotations

import importlib.util
import io
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo

SOURCE = Path(__file__).parents[2] / "docs" / "messages.py"
HINT = "Run `make messages` and translate what is new."
MARKS = re.compile(r"%\(\w+\)s|\{\w+\}|</?\w+[^>]*>|%%")


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", SOURCE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


messages = load()
CATALOGUES = [pytest.param(messages.read(*found), found[1], id=found[0]) for found in messages.catalogues().items()]


def texts(catalogue) -> dict[object, Message]:
    return {(message.context, message.id): message for message in catalogue if message.id}


def forms(said: str | tuple[str, ...]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


@pytest.fixture(scope="module")
def present() -> set[object]:
    return set(texts(messages.texts()))


def test_there_is_one_besides_ours() -> None:
    assert CATALOGUES


@pytest.mark.parametrize(("catalogue", "path"), CATALOGUES)
def test_it_has_the_texts_of_the_code_and_no_others(catalogue, path: Path, present: set[object]) -> None:
    assert set(texts(catalogue)) == present, HINT


@pytest.mark.parametrize(("catalogue", "path"), CATALOGUES)
def test_nothing_is_left_untranslated(catalogue, path: Path) -> None:
    missing = [message.id for message in texts(catalogue).values() if not all(forms(message.string)) or message.fuzzy]
    assert missing == [], HINT


@pytest.mark.parametrize(("catalogue", "path"), CATALOGUES)
def test_a_translation_has_the_placeholders_and_the_markup_of_its_text(catalogue, path: Path) -> None:
    """The first form of a plural may leave its number out: "one day"."""
    wrong = []
    for message in texts(catalogue).values():
        wanted = Counter(MARKS.findall(forms(message.id)[-1]))
        for form in forms(message.string)[-1:]:
            if Counter(MARKS.findall(form)) != wanted:
                wrong.append((message.id, form))
    assert wrong == []


@pytest.mark.parametrize(("catalogue", "path"), CATALOGUES)
def test_what_pages_read_is_made_from_it(catalogue, path: Path) -> None:
    made = io.BytesIO()
    write_mo(made, catalogue)
    assert path.with_suffix(".mo").read_bytes() == made.getvalue(), HINT
