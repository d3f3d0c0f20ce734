"""`warehouse purge`."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.cdn.fastly import SERVICE, TOKEN, Fastly, fastly
from warehouse.application import Application
from warehouse.cli.main import cli


@pytest.fixture
def api() -> Iterator[Fastly]:
    with fastly() as running:
        yield running


def run(tmp_path: Path, *arguments: str, **settings: str) -> Result:
    given = {f"WAREHOUSE_CDN__{name}": value for name, value in settings.items()}
    application = Application({"WAREHOUSE_DATA": str(tmp_path), **given})
    return CliRunner().invoke(cli, ["purge", *arguments], obj=application)


def at(api: Fastly) -> dict[str, str]:
    return {"BACKEND": "fastly", "FASTLY_API": api.url, "FASTLY_SERVICE": SERVICE, "FASTLY_TOKEN": TOKEN}


def test_keys_and_projects_are_purged(tmp_path: Path, api: Fastly) -> None:
    result = run(tmp_path, "all-legacy-json", "--project", "Demo.Project", **at(api))
    keys = ["all-legacy-json", "files/demo-project", "project/demo-project"]
    assert (result.exit_code, result.output) == (0, f"Purged {' '.join(keys)} at fastly {SERVICE}.\n")
    assert sorted(api.keys) == keys
    assert api.purges[0].soft


def test_everything_is_purged(tmp_path: Path, api: Fastly) -> None:
    result = run(tmp_path, "--all", **at(api))
    assert (result.exit_code, result.output) == (0, f"Purged everything at fastly {SERVICE}.\n")
    assert api.everything == 1


@pytest.mark.parametrize("arguments", [[], ["project/demo", "--all"], ["--project", "demo", "--all"]])
def test_it_wants_to_know_what(tmp_path: Path, api: Fastly, arguments: list[str]) -> None:
    result = run(tmp_path, *arguments, **at(api))
    assert result.exit_code == 2
    assert "Say which keys or projects to purge, or --all." in result.stderr
    assert api.asked == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["two keys"], "A surrogate key is a word of printable ASCII characters such as project/demo.\n"),
        (["--project", "../x"], "'../x' is no name of a project.\n"),
    ],
)
def test_what_cannot_be_purged_is_refused(tmp_path: Path, api: Fastly, arguments: list[str], sentence: str) -> None:
    result = run(tmp_path, *arguments, **at(api))
    assert (result.exit_code, result.stderr) == (1, sentence)
    assert api.asked == 0


def test_without_a_cache_there_is_nothing_to_tell(tmp_path: Path) -> None:
    result = run(tmp_path, "--all")
    assert (result.exit_code, result.stderr) == (1, "There is no cache that could be told: set cdn.backend.\n")
    result = run(tmp_path, "--all", BACKEND="fastly")
    assert result.exit_code == 2
    assert result.stderr == "With cdn.backend fastly, set cdn.fastly_service and cdn.fastly_token, too.\n"


def test_what_goes_wrong_is_one_sentence(tmp_path: Path, api: Fastly) -> None:
    api.status = 401
    result = run(tmp_path, "project/demo", **at(api))
    assert result.exit_code == 1
    assert result.stderr == (
        "Fastly does not let our token purge: set cdn.fastly_token to one that may purge the service (401).\n"
    )
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        result = run(tmp_path, "--all", BACKEND="varnish", VARNISH=url)
    assert (result.exit_code, result.stderr) == (1, f"Varnish at {url} does not answer: Connection refused.\n")
