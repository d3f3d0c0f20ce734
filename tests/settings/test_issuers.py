"""How issuers of single sign-on are written in the settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from warehouse.settings import BadSettings, load_settings, where

CORP = {"issuer": "https://login.example.org/realms/corp", "client_id": "warehouse"}


def load(issuers: object, **more: str):
    text = issuers if isinstance(issuers, str) else json.dumps(issuers)
    return load_settings({"WAREHOUSE_SIGN_ON__ISSUERS": text, **more})


def test_there_are_none_unless_somebody_names_one():
    assert load_settings({}).sign_on.issuers == load("none").sign_on.issuers == {}


def test_an_issuer_is_written_in_the_file(tmp_path: Path):
    file = tmp_path / "config.yml"
    file.write_text(
        "sign_on:\n"
        "  issuers:\n"
        "    corp:\n"
        "      issuer: https://login.example.org/realms/corp/\n"
        "      client_id: warehouse\n"
        "      scopes: openid email groups\n"
        "      roles:\n"
        "        admins: administrator\n"
        "        data: [moderator, 'project:Demo:Owner']\n"
        "  client_secrets:\n"
        "    corp: hunter2, and more\n"
    )
    settings = load_settings({}, config_file=file).sign_on
    corp = settings.issuers["corp"]
    assert corp.issuer == "https://login.example.org/realms/corp/"  # compared letter by letter, so the slash stays
    assert corp.scopes == ("openid", "email", "groups")
    assert corp.roles == {"admins": ("administrator",), "data": ("moderator", "project:Demo:Owner")}
    assert settings.client_secrets["corp"].get_secret_value() == "hunter2, and more"


def test_an_issuer_is_json_in_the_environment():
    settings = load({"corp": CORP}, WAREHOUSE_SIGN_ON__CLIENT_SECRETS="corp=hunter2")
    assert settings.sign_on.issuers["corp"].client_id == "warehouse"
    shown = {line.name: line.value for line in where(settings)}
    assert json.loads(shown["sign_on.issuers"]) == {"corp": CORP}
    assert shown["sign_on.client_secrets"] == "corp=******"


@pytest.mark.parametrize(
    ("issuers", "expected"),
    [
        ("https://login.example.org", "issuers by name, as docs/single-sign-on.md shows them"),
        ({"Corp": CORP}, "names of issuers made of at most 40 of a-z, 0-9 and '-'"),
        ({"corp": {"issuer": CORP["issuer"]}}, "a value for corp.client_id"),
        (
            {"corp": {**CORP, "client_secret": "hunter2"}},
            "no corp.client_secret, which is not one of an issuer's settings",
        ),
        ({"corp": {**CORP, "issuer": "http://login.example.org"}}, "as corp.issuer an address such as 'https://"),
        ({"corp": {**CORP, "issuer": "https://login.example.org?x=hunter2"}}, "as corp.issuer an address such as"),
        ({"corp": {**CORP, "issuer": "https://login.example.org:port"}}, "as corp.issuer an address such as"),
        ({"corp": {**CORP, "roles": {"staff": "root"}}}, "as corp.roles administrator, moderator, project:NAME:Owner"),
        ({"corp": {**CORP, "second_factor": "yes"}}, "as corp.second_factor 'ask', 'amr' or 'trusted'"),
        ({"corp": {**CORP, "registration": "perhaps"}}, "another kind of value as corp.registration"),
        ({"corp": "x"}, "another kind of value as corp"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_that_holds_no_secret(issuers, expected):
    with pytest.raises(BadSettings) as refused:
        load(issuers)
    assert f"expected {expected}" in refused.value.sentence
    assert "hunter2" not in refused.value.sentence


def test_an_issuer_on_this_machine_may_be_http():
    assert load({"corp": {**CORP, "issuer": "http://127.0.0.1:8081"}}).sign_on.issuers["corp"].issuer
