"""Looks for the texts that people read and brings the catalogues of the other languages up to date.

``make messages`` runs it. New texts come into each ``warehouse.po`` without a translation; write it there and run it
again, which compiles the ``warehouse.mo`` that pages and mails read. A test tells what is missing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parents[1] / "warehouse"
LOCALE = PACKAGE / "locale"

WRITTEN = datetime(2026, 11, 20, tzinfo=UTC)  # a date of its own for each run would make each a change

METHODS = [
    ("web/**.py", "python"),
    ("operations/**.py", "python"),
    ("events/**.py", "python"),
    ("authz/**.py", "python"),
    ("web/**.html", "jinja2"),
    ("events/mail/*.txt", "jinja2"),
]
OPTIONS = {method: {"encoding": "utf-8", "trimmed": "true"} for method, kind in METHODS if kind == "jinja2"}

KEYWORDS = {**DEFAULT_KEYWORDS, "lazy": None}

# Sentences with which something is refused are translated where they are shown, unless they are made up of parts.
REFUSALS = {"Conflict", "Gone", "Invalid", "NotAllowed", "NotFound", "TooLarge", "TooMany", "Unavailable"}
REFUSING = ("web", "operations", "authz", "infra/search")


def texts() -> Catalog:
    """Everything that people read, as the code has it."""
    found = Catalog(project="Warehouse", charset="utf-8", fuzzy=False)
    for file, _line, message, comments, context in extract_from_dir(PACKAGE, METHODS, OPTIONS, KEYWORDS):
        found.add(message, locations=[(f"warehouse/{file}", None)], auto_comments=comments, context=context)
    for path in sorted(path for part in REFUSING for path in (PACKAGE / part).rglob("*.py")):
        for sentence in refusals(path):
            found.add(sentence, locations=[(path.relative_to(PACKAGE.parent).as_posix(), None)])
    return found


def refusals(path: Path) -> Iterator[str]:
    """The sentences with which a module refuses something."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(sentence)), *_]) if name in REFUSALS:
                yield sentence


def catalogues() -> dict[str, Path]:
    """The catalogues that there are, by language."""
    return {path.parents[1].name: path for path in sorted(LOCALE.glob("*/LC_MESSAGES/warehouse.po"))}


def read(language: str, path: Path) -> Catalog:
    """A catalogue as translators left it."""
    with path.open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"))


def main() -> None:
    """Bring all of them up to date."""
    present = texts()
    for language, path in catalogues().items():
        catalogue = read(language, path)
        catalogue.update(present, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.creation_date = catalogue.revision_date = WRITTEN
        catalogue.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalogue, width=120, sort_output=True, omit_header=False, include_lineno=False)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)


if __name__ == "__main__":
    main()
