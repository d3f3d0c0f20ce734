"""The command itself: what it knows, how it fails, and that it starts at once."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.builders import wheel
from warehouse import __version__
from warehouse.cli.main import COMMANDS, cli
from warehouse.infra.blobs import key_of


@pytest.mark.parametrize("name", COMMANDS)
def test_the_short_help_of_a_command_begins_its_own_help(run, name):
    result = run(name, "--help")
    assert result.exit_code == 0
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert (command.help or "").partition("\n")[0] == COMMANDS[name].sentence


def test_help_lists_every_command_and_says_what_exit_statuses_mean(run):
    said = run("--help").stdout
    assert [line.split()[0] for line in said.partition("Commands:\n")[2].splitlines() if line[:3] == "  " + line[2:3]]
    assert all(f"  {name} " in said for name in COMMANDS)
    assert "Exit status: 0 done, 1 refused" in said


@pytest.mark.parametrize("name", COMMANDS)
def test_no_sentence_of_help_is_cut_short(run, name):
    assert "..." not in run(name, "--help").stdout.partition("\n")[2]


def test_a_follower_that_can_be_rebuilt_is_named(run):
    assert "Followers: totals" in run("rebuild", "--help").stdout


def test_the_operators_guide_tells_of_every_command_and_option_that_it_names():
    guide = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()
    table = guide.partition("## The data folder")[0]
    assert [name for name in COMMANDS if f"`{name}" not in table] == []
    known = {option for name in COMMANDS for option in _options(cli.get_command(click.Context(cli), name))}
    ours = guide.partition("## Another WSGI server")[0]
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ours))
    of_others = {"--index-url", "--check-url", "--skip-existing", "--threads", "--worker-class"}
    assert named - of_others <= known | {"--data", "--config", "--help"}


def _options(command: click.Command | None) -> set[str]:
    assert command is not None
    below = {option for child in getattr(command, "commands", {}).values() for option in _options(child)}
    return below | {option for parameter in command.params for option in parameter.opts}


def test_the_version_is_said(run):
    assert run("--version").stdout == f"warehouse, version {__version__}\n"


@pytest.mark.parametrize("words", [["--help"], ["config", "--json"], ["serve", "--help"]])
def test_what_needs_neither_database_nor_server_loads_neither(words):
    code = (
        "import sys, contextlib\nfrom warehouse.application import Application\nfrom warehouse.cli.main import cli\n"
        f"with contextlib.suppress(SystemExit):\n    cli({words!r}, obj=Application({{}}))\n"
        "print(sorted({'sqlalchemy', 'psycopg', 'pyramid', 'rich', 'alembic'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == "[]\n"


def test_an_unknown_command_is_wrong_usage(run):
    result = run("seve")
    assert (result.exit_code, "No such command 'seve'." in result.stderr) == (2, True)


def test_wrong_settings_are_one_sentence_and_status_two(run):
    result = run("user", "list", WAREHOUSE_PROFILE="secret")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "profile is 'secret' in environment WAREHOUSE_PROFILE; expected 'private' or 'public'.\n"
    result = run("serve", "--listen", "nowhere")
    assert result.exit_code == 2
    assert result.stderr.startswith("listen is 'nowhere'")


def test_a_database_that_does_not_answer_is_one_sentence(run):
    result = run("user", "list", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("The database cannot be used: ")
    assert result.stderr.count("\n") == 1


def test_a_data_folder_that_cannot_be_made_is_one_sentence(run, tmp_path):
    (tmp_path / "file").write_text("")
    result = run("--data", tmp_path / "file" / "data", "user", "list")
    assert (result.exit_code, result.stderr) == (1, f"{tmp_path / 'file' / 'data'}: Not a directory.\n")


def test_a_bug_keeps_its_traceback(run, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("warehouse.cli.upkeep.sweep_blobs", broken)
    with pytest.raises(ZeroDivisionError):
        run("sweep")


def test_a_new_index_is_made_by_hand_and_shows_its_link_until_there_is_an_administrator(run, tmp_path, empty_url):
    place = {"WAREHOUSE_DATA": str(tmp_path / "new"), "DATABASE_URL": empty_url}
    first = run("init", **place)
    assert (first.exit_code, first.stderr) == (0, "")
    (link,) = [line for line in first.stdout.splitlines() if "/setup/" in line]
    assert link.startswith("Then open http://127.0.0.1:8080/setup/")
    assert (tmp_path / "new" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert link in run("init", **place).stdout
    run("user", "add", "ada", "--email", "ada@example.com", "--admin", **place)
    assert "/setup/" not in run("init", **place).stdout


def test_a_key_that_was_lost_is_told_rather_than_replaced(run, tmp_path, empty_url):
    place = {"WAREHOUSE_DATA": str(tmp_path / "new"), "DATABASE_URL": empty_url}
    run("init", **place)
    key = tmp_path / "new" / "secret.key"
    key.write_bytes(b"")
    refused = run("user", "list", **place)
    sentence = f"{key} holds no key. Restore it from a backup; without it every API token is void.\n"
    assert (refused.exit_code, refused.stderr, key.read_bytes()) == (1, sentence, b"")


def test_the_schema_is_checked_and_brought_up_to_date(run, empty_url):
    place = {"DATABASE_URL": empty_url}
    behind = run("migrate", "--check", **place)
    assert (behind.exit_code, behind.stderr) == (1, "The schema is not up to date. Run: warehouse migrate\n")
    assert run("migrate", **place).stdout.startswith("applied 0001")
    assert run("migrate", "--check", **place).stdout == "The schema is up to date.\n"
    assert run("migrate", **place).stdout == "The schema was up to date.\n"


def test_a_whole_index_is_found_whole_and_a_damaged_one_is_not(run, index):
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    result = run("check")
    assert (result.exit_code, result.stdout.endswith("all is well.\n")) == (0, True)
    for blob in list(index.tools.blobs.keys(after="")):
        path = index.tools.blobs.local_path(blob.key)
        path.write_bytes(path.read_bytes()[::-1])
    assert run("check", "--no-rehash").exit_code == 0
    damaged = run("check", "--json")
    assert damaged.exit_code == 1
    said = json.loads(damaged.stdout)
    assert {finding["code"] for finding in said["findings"]} == {"blob_damaged", "metadata_damaged"}
    assert said["found"] == len(said["findings"])


def test_a_sweep_says_what_it_would_remove_before_it_does(run, index):
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    leftover = key_of(b"left over")
    index.tools.blobs.put_bytes(leftover, b"left over")
    assert run("sweep").stdout == "Removed 0 stored files, 0.0 MiB together.\n"
    os.utime(index.tools.blobs.local_path(leftover), (0, 0))
    assert run("sweep", "--dry-run").stdout == "Would remove 1 stored files, 0.0 MiB together.\n"
    assert run("sweep").stdout == "Removed 1 stored files, 0.0 MiB together.\n"
    assert run("check").exit_code == 0


def test_followers_are_rebuilt_all_or_one(run, index):
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    everything = run("rebuild").stdout
    assert f"Rebuilt totals up to serial {index.tools.head.serial}.\n" in everything
    assert run("rebuild", "totals").stdout in everything
    unknown = run("rebuild", "nothing")
    assert (unknown.exit_code, "There is no follower 'nothing'. There are: totals" in unknown.stderr) == (2, True)
