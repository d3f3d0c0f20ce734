"""The law of imports, and the picture of the system: imports run down the picture, never up."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "warehouse"

# Top to bottom; the parts on one line never see each other.
PICTURE = [
    ["wsgi", "__main__"],
    ["application"],
    ["web", "api", "admin", "cli", "worker"],
    ["operations", "follow"],
    ["authz", "events", "sources"],
    ["toolbox"],
    ["domain"],
    ["work"],
    ["standards", "infra", "server"],
    ["settings", "errors"],
]

# Words that everybody speaks: what is set, how one refuses, what a piece of work is.
SPOKEN_BY_ALL = {"settings", "errors", "work"}

# The web server's types are what the machine doors answer with; standards/http says what is asked and answered.
ALLOWED_BESIDE = {("server", "standards")}

# Inside domain, top to bottom.
NOUNS = ["tokens", "packaging", "accounts", "site", "audit", "journal"]

# Libraries that only some parts may know.
FENCES = {
    "pyramid": {"web", "api", "admin"},
    "procrastinate": {"infra"},
    "obstore": {"infra"},
    "smtplib": {"infra"},
    "urllib3": {"infra"},
    "tantivy": {"infra"},
}

# What is heavy is imported where it is used, and only there.
HEAVY = {
    *("readme_renderer", "docutils", "obstore", "prometheus_client", "procrastinate", "rich", "trove_classifiers"),
    *("webauthn", "cryptography", "segno", "jwt", "zxcvbn", "tldextract", "disposable_email_domains", "dns"),
    *("babel", "PIL", "pygments", "tantivy"),
}

LEVEL = {part: level for level, parts in enumerate(PICTURE) for part in parts}


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if "migrations/versions" not in path.as_posix())


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Every imported module, and whether the import stands inside a function."""
    tree = ast.parse(path.read_text())
    # A module that later versions of Python bring along is chosen by a condition, which is no function.
    parts = [[*node.body, *node.orelse] if isinstance(node, ast.If) else [node] for node in tree.body]
    top = {id(node) for part in parts for node in part}
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            yield name, id(node) not in top


def part_of(path: Path) -> str:
    relative = path.relative_to(ROOT)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_run_down_the_picture(path):
    mine = part_of(path)
    if mine == "__init__":
        return
    for name, is_inside in imports(path):
        library = name.partition(".")[0]
        if library in FENCES:
            assert mine in FENCES[library], f"{mine} may not import {library}"
        if library != "warehouse":
            assert not is_inside or library in HEAVY, f"import of {name} inside a function"
            continue
        assert not is_inside or mine == "cli", f"import of {name} inside a function"
        theirs = name.split(".")[1]
        if theirs in SPOKEN_BY_ALL and mine not in SPOKEN_BY_ALL:
            continue
        if theirs in (mine, "__version__"):
            continue
        assert LEVEL[theirs] > LEVEL[mine] or (mine, theirs) in ALLOWED_BESIDE, f"{mine} may not import {theirs}"


@pytest.mark.parametrize("path", sorted((ROOT / "domain").rglob("*.py")), ids=lambda path: path.as_posix())
def test_nouns_of_the_domain_know_only_those_below(path):
    mine = path.relative_to(ROOT / "domain").parts[0]
    for name, _ in imports(path):
        if name.startswith("warehouse.domain.") and mine in NOUNS:
            theirs = name.split(".")[2]
            assert theirs == mine or NOUNS.index(theirs) > NOUNS.index(mine), f"{mine} may not import {theirs}"


def test_every_part_stands_in_the_picture():
    parts = {part_of(path) for path in modules()} - {"__init__"}
    assert parts <= set(LEVEL)
