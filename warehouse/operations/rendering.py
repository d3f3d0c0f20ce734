"""Descriptions rendered in a process of their own: strangers' markup can cost minutes, and threads cannot be stopped.

The child (`warehouse.infra.apart`) runs this very module, which therefore imports little.
"""

from __future__ import annotations

from typing import Any

from warehouse.infra.apart import Answer, Apart, serve
from warehouse.standards import readme
from warehouse.standards.readme import BadDescription

TIME_LIMIT = 10.0  # seconds for one description; a long one takes a tenth of one
WAIT_LIMIT = 20.0  # seconds that a description waits for those before it
CROWD = 100  # of them; uploads wait in threads of their own
MEMORY_LIMIT = 1024**3  # bytes of address space

_child = Apart("warehouse.operations.rendering", memory=MEMORY_LIMIT, waiting=WAIT_LIMIT, crowd=CROWD)


def render(raw: str, content_type: str | None = None) -> str:
    """The description as safe HTML, as :func:`warehouse.standards.readme.render` makes it.

    Refuses with :class:`BadDescription` what does not render, or not within `TIME_LIMIT`; with
    :class:`Unavailable` when too many others wait.
    """
    return _ask(raw, content_type, only_check=False)


def check(raw: str, content_type: str | None = None) -> None:
    """Refuse what `render` refuses, for much less."""
    _ask(raw, content_type, only_check=True)


def _ask(raw: str, content_type: str | None, *, only_check: bool) -> Any:
    question = {"raw": raw, "content_type": content_type, "only_check": only_check}
    answer = _child.ask(question, time_limit=TIME_LIMIT)
    if answer is None:
        raise BadDescription("The description takes too long or too much memory to render. Simplify it.")
    said, _ = answer
    if "refused" in said:
        raise BadDescription(said["refused"])
    return said["html"]


def _answer(question: dict[str, Any]) -> Answer:
    """What the child says."""
    render_or_check = readme.check if question["only_check"] else readme.render
    try:
        return {"html": render_or_check(question["raw"], question["content_type"])}, b""
    except BadDescription as refusal:
        return {"refused": str(refusal)}, b""


if __name__ == "__main__":
    serve(_answer)
