"""The colours of the site, for eyes of every kind."""

from __future__ import annotations

import re
from itertools import product

import pytest

from tests.web.test_appearance import FOLDER, SURFACES, contrast

TOKENS, MORE_CONTRAST = (FOLDER / "layout" / "tokens.css").read_text().split("@media (prefers-contrast: more)")


def colours(rules: str) -> dict[str, tuple[str, str]]:
    """Each colour by its name, in light and in dark."""
    return {
        name: (light, dark) for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", rules)
    }


USUAL = colours(TOKENS)
TONES = ("success", "warning", "danger")
CODE = ("code-keyword", "code-string", "code-comment", "code-number", "code-name")
CHART = tuple(f"chart-{number}" for number in range(1, 6))

TEXT = [*product([f"{tone}-ink" for tone in TONES], SURFACES)]
TEXT += [(f"{tone}-ink", f"{tone}-surface") for tone in TONES]
TEXT += [*product(("ink", "ink-2"), [f"{tone}-surface" for tone in (*TONES, "accent")]), ("accent", "accent-surface")]
TEXT += [*product((*CODE, "ink"), (*SURFACES, "diff-added", "diff-removed"))]
TEXT += [*product(("ink",), ("diff-added-mark", "diff-removed-mark"))]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_of_every_tone_and_code_is_readable(scheme: int) -> None:
    """WCAG 2.2, 1.4.3: "a contrast ratio of at least 4.5:1"."""
    faint = [(text, on) for text, on in TEXT if contrast(USUAL[text][scheme], USUAL[on][scheme]) < 4.5]
    assert faint == []


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_the_lines_of_a_chart_can_be_seen(scheme: int) -> None:
    """WCAG 2.2, 1.4.11: "a contrast ratio of at least 3:1 against adjacent color(s)"."""
    pairs = product(CHART, SURFACES)
    assert [(line, on) for line, on in pairs if contrast(USUAL[line][scheme], USUAL[on][scheme]) < 3] == []


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_whoever_asks_for_more_contrast_gets_more(scheme: int) -> None:
    """WCAG 2.2, 1.4.6: "a contrast ratio of at least 7:1"."""
    more = {**USUAL, **colours(MORE_CONTRAST)}
    pairs = product(("ink", "ink-2", "accent"), SURFACES)
    assert [(text, on) for text, on in pairs if contrast(more[text][scheme], more[on][scheme]) < 7] == []
