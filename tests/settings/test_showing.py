"""What an operator sees of the settings: the command and the page."""

import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from warehouse.cli.config import config
from warehouse.settings import BadSettings, Settings, load_settings, where

ROOT = Path(__file__).parents[2]
SECRETS = {
    "DATABASE_URL": "postgresql://warehouse:hunter2@db/warehouse",
    "WAREHOUSE_MAIL__PASSWORD": "hunter2",
    "WAREHOUSE_METRICS__TOKEN": "hunter2",
    "WAREHOUSE_STORAGE__OPTIONS": "access_key=hunter2, region=hunter2",
}


def shown(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(config, arguments, obj=SimpleNamespace(settings=load_settings(environ)))


def test_the_page_of_settings_is_up_to_date() -> None:
    page = runpy.run_path(str(ROOT / "docs/generate_settings.py"))["markdown"]()
    assert (ROOT / "docs/settings.md").read_text() == page, "run: python docs/generate_settings.py > docs/settings.md"


def test_the_table_names_value_source_and_meaning() -> None:
    row = next(line for line in shown(WAREHOUSE_PROFILE="public").output.splitlines() if "release_window" in line)
    assert row.split("  ", 1)[0] == "upload.release_window"
    for part in ("14 days", "profile public", "How long after its first file a release accepts new files."):
        assert part in row


@pytest.mark.parametrize("rates", ["none", "5 per 5 min, 20 per hour"])
def test_rates_are_shown_as_they_are_written(rates: str) -> None:
    (line,) = json.loads(
        shown("limits.sign_in_per_user", "--json", WAREHOUSE_LIMITS__SIGN_IN_PER_USER=rates).output
    ).values()
    assert line["value"] == rates


def test_every_setting_is_one_line_of_the_table() -> None:
    assert len(shown().output.splitlines()) == 1 + len(where(load_settings({})))


@pytest.mark.parametrize("name", ["upload.enabled", "WAREHOUSE_UPLOAD__ENABLED"])
def test_one_setting_is_found_by_either_of_its_names(name: str) -> None:
    assert list(json.loads(shown("--json", name).output)) == ["upload.enabled"]


def test_a_section_shows_its_settings() -> None:
    assert set(json.loads(shown("--json", "jobs").output)) == {"jobs.threads", "jobs.in_tree"}


def test_json_holds_all_that_is_known_about_a_setting() -> None:
    output = shown("--json", "jobs.threads", WAREHOUSE_JOBS__THREADS="3").output
    assert json.loads(output)["jobs.threads"] == {
        "value": "3",
        "default": "2",
        "meaning": "Jobs that one worker process does at the same time.",
        "source": "environment WAREHOUSE_JOBS__THREADS",
    }


def test_an_unknown_name_gets_the_nearest_one() -> None:
    result = shown("upload.enbled")
    assert result.exit_code == 2
    assert result.stderr == "There is no setting upload.enbled; did you mean upload.enabled?\n"


def test_settings_that_cannot_be_used_are_one_sentence_and_exit_2() -> None:
    class Broken:
        @property
        def settings(self) -> Settings:
            return load_settings({"WAREHOUSE_WEB__WORKERS": "none"})

    result = CliRunner().invoke(config, [], obj=Broken())
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == ("web.workers is 'none' in environment WAREHOUSE_WEB__WORKERS; expected a whole number.\n")


def test_secrets_are_shown_nowhere() -> None:
    settings = load_settings(SECRETS)
    everywhere = [repr(settings), str(settings), repr(where(settings)), settings.model_dump_json()]
    everywhere += [shown(**SECRETS).output, shown("--json", **SECRETS).output]
    assert not [text for text in everywhere if "hunter2" in text]
    values = {line.name: line.value for line in where(settings)}
    assert values["database_url"] == values["mail.password"] == values["metrics.token"] == "******"
    assert values["storage.options"] == "access_key=******, region=******"


def test_a_refusal_is_an_exception_with_its_sentence() -> None:
    assert BadSettings("Say it.").sentence == str(BadSettings("Say it.")) == "Say it."
