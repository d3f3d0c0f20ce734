"""Advisories on the command line."""

from __future__ import annotations

import json
import zipfile

import pytest

from tests.builders import wheel
from tests.cli.conftest import environ, run

__all__ = ["environ", "run"]  # fixtures

RECORD = {
    "id": "PYSEC-2026-1",
    "summary": "It\nbreaks.",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Demo"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        },
        {"package": {"ecosystem": "PyPI", "name": "elsewhere"}, "versions": ["1"]},
    ],
}
YAML = """
id: PYSEC-2026-2
withdrawn: 2026-02-03T04:05:06Z
affected:
- package: {ecosystem: PyPI, name: demo}
  versions: ["1.1"]
"""


def test_advisories_are_imported_listed_and_removed(run, index, tmp_path):
    ada = index.user("ada")
    for version in ("1.0", "1.1"):
        assert index.upload(wheel("demo", version), by=ada).status == 200
    folder = tmp_path / "vulns" / "demo"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text(YAML)
    (folder / "README.md").write_text("# Not one")
    (folder / "b.json").write_text("{")
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("GHSA.json", json.dumps(RECORD))
        written.writestr("empty.txt", "")
    said = run("advisories", "import", tmp_path / "vulns", archive)
    assert said.stdout == "2 new, 0 changed, 0 known already, 0 taken back, 1 about projects that are not here.\n"
    assert said.exit_code == 1 and "b.json: The file is no JSON" in said.stderr
    (folder / "b.json").unlink()
    again = run("advisories", "import", "--json", tmp_path / "vulns", archive)
    counts = {"new": 0, "changed": 0, "same": 2, "removed": 0, "not_here": 1}
    assert json.loads(again.stdout) == {**counts, "unreadable": []}
    assert again.exit_code == 0
    lines = [line.split() for line in run("advisories", "list", "Demo").stdout.splitlines()]
    assert lines == [
        ["ID", "PROJECT", "RELEASES", "FIXED", "IN", "SUMMARY"],
        ["PYSEC-2026-1", "demo", "1", "1.1", "It", "breaks."],
        ["PYSEC-2026-2", "demo", "1", "(withdrawn)"],
    ]
    assert run("advisories", "remove", "PYSEC-2026-1").stdout == "PYSEC-2026-1 is forgotten for demo.\n"
    assert [one["id"] for one in json.loads(run("advisories", "list", "--json").stdout)] == ["PYSEC-2026-2"]
    refused = run("advisories", "remove", "PYSEC-2026-1")
    assert (refused.exit_code, refused.stderr) == (1, "There is no advisory 'PYSEC-2026-1'.\n")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.yaml", b"a: [", "The file is no YAML."),
        ("a.yaml", b"a: 2026-99-99", "The file is no YAML."),
        ("a.yaml", b"!!python/object:os.system {}", "The file is no YAML."),
        ("a.json", b"[" * 100_000, "The file is no JSON"),
        ("a.json", b"7", "A record in the OSV format is an object with an id."),
        ("a.zip", b"no", "a.zip is no zip archive."),
    ],
)
def test_what_cannot_be_read_is_said(run, index, tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    said = run("advisories", "import", tmp_path / name)
    assert said.exit_code == 1
    assert sentence in said.stderr
