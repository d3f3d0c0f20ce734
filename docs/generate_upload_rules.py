"""Writes docs/upload-rules.md to standard output: what an upload is judged by, from the rules themselves."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence

from warehouse.errors import Conflict, Invalid, NotAllowed, Refusal
from warehouse.operations.upload.rules import ADMISSION, CONTENTS
from warehouse.operations.upload.rules.names import not_too_many_new_projects
from warehouse.standards.metadata import FIELDS

HEAD = """\
# What an upload is judged by

An upload is refused with the first rule that it breaks, in this order. The sentence is in the reason phrase of the
answer and in its body; nothing of a refused upload is kept. A file that is in the index already, with the same name and
the same bytes, is answered with 200 and changes nothing.

Before any rule: the body is a form in `multipart/form-data` (400), its `:action` is `file_upload` (405, or 410 for what
there was once), nothing but `content` is sent as a file (400), the index takes uploads at all (403), the API token is
somebody's (403), and the metadata beside the description has at most a million characters (413). Then the form itself
is checked, field by field (400): `protocol_version`, `name`, `version`, `filetype`, `pyversion` and the digests, and
the core metadata below. `access.…`, `limits`, `namespaces.…` and `upload.…` are [settings](settings.md).

This page is made by `python docs/generate_upload_rules.py > docs/upload-rules.md`.
"""

STATUS = {Invalid: 400, NotAllowed: 403, Conflict: 409}


def markdown() -> str:
    """The whole page."""
    parts = [HEAD, "\n## Before anybody looks inside the file\n\n", *_rules(ADMISSION)]
    parts += ["\n## For a file that is really new\n\n", *_rules(CONTENTS)]
    parts += ["\n## Core metadata\n\n| Field | Form field | Since | May be repeated | Value |\n|---|---|---|---|---|\n"]
    parts += [
        f"| {field.name} | `{field.form}` | {field.since} | {'yes' if field.multiple else ''} | {_cell(field.rule)} |\n"
        for field in FIELDS
    ]
    return "".join(parts)


def _rules(rules: Sequence[tuple[type[Refusal], Callable[..., str | None]]]) -> list[str]:
    return [
        f"{number}. **{rule.__name__.replace('_', ' ')}** ({_status(refusal, rule)}). {_meaning(rule)}\n"
        for number, (refusal, rule) in enumerate(rules, start=1)
    ]


def _status(refusal: type[Refusal], rule: Callable[..., str | None]) -> int:
    """One rule raises its refusal itself, because that says when to come back."""
    return 429 if rule is not_too_many_new_projects else STATUS[refusal]


def _meaning(rule: Callable[..., str | None]) -> str:
    return " ".join((inspect.getdoc(rule) or "").partition("\n\n")[0].replace("``", "`").split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(markdown(), end="")
