"""Where settings come from, and which of two places wins."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from warehouse.settings import FIELDS, PROFILES, Listen, Rate, Settings, load_settings, variable, where

FILE = "profile: public\nupload:\n  release_window: 3 days\n"


def release_window(tmp_path: Path, environ: dict[str, str], file: str | None = None) -> tuple[str, str]:
    if file is not None:
        (tmp_path / "config.yml").write_text(file)
        environ = {"WAREHOUSE_CONFIG": str(tmp_path / "config.yml")} | environ
    line = next(line for line in where(load_settings(environ)) if line.name == "upload.release_window")
    return line.value, line.source.replace(str(tmp_path), "")


SET = "WAREHOUSE_UPLOAD__RELEASE_WINDOW"


@pytest.mark.parametrize(
    ("environ", "file", "value", "source"),
    [
        ({}, None, "none", "default"),
        ({}, "profile: public", "14 days", "profile public"),
        ({"WAREHOUSE_PROFILE": "public"}, None, "14 days", "profile public"),
        ({"WAREHOUSE_PROFILE": "public"}, "profile: private", "14 days", "profile public"),
        ({"WAREHOUSE_PROFILE": "private"}, "profile: public", "none", "default"),
        ({}, "upload: {release_window: 3 days}", "3 days", "/config.yml:1"),
        ({}, FILE, "3 days", "/config.yml:3"),
        ({"WAREHOUSE_PROFILE": "private"}, FILE, "3 days", "/config.yml:3"),
        ({SET: "5 days"}, None, "5 days", f"environment {SET}"),
        ({SET: "5 days", "WAREHOUSE_PROFILE": "public"}, None, "5 days", f"environment {SET}"),
        ({SET: "5 days"}, FILE, "5 days", f"environment {SET}"),
        ({SET: "none"}, FILE, "none", f"environment {SET}"),
        ({SET: ""}, FILE, "3 days", "/config.yml:3"),
        ({}, FILE.replace("3 days", "off"), "none", "/config.yml:3"),
        ({}, FILE.replace("3 days", "null"), "none", "/config.yml:3"),
    ],
)
def test_the_environment_wins_over_the_file_over_the_profile_over_the_default(
    tmp_path: Path, environ: dict[str, str], file: str | None, value: str, source: str
) -> None:
    assert release_window(tmp_path, environ, file) == (value, source)


def test_a_file_on_the_command_line_is_read_instead_of_the_one_the_environment_names(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text("site: {name: One}")
    (tmp_path / "two.yml").write_text("site: {name: Two}")
    environ = {"WAREHOUSE_CONFIG": str(tmp_path / "one.yml")}
    assert load_settings(environ).site.name == "One"
    assert load_settings(environ, tmp_path / "two.yml").site.name == "Two"


def test_an_empty_file_or_section_sets_nothing(tmp_path: Path) -> None:
    for text in ("", "# nothing yet\n", "upload:\n# max_file_size: 1 GiB\n"):
        (tmp_path / "config.yml").write_text(text)
        settings = load_settings({}, tmp_path / "config.yml")
        assert settings.upload == Settings().upload


def test_the_profiles_defaults_are_those_of_the_public_index_and_of_a_private_one() -> None:
    private, public = load_settings({}), load_settings({"WAREHOUSE_PROFILE": "public"})
    assert (private.access.require_second_factor, public.access.require_second_factor) == (False, True)
    assert (private.upload.local_versions, public.upload.local_versions) == (True, False)
    assert (private.upload.linux_wheels, public.upload.linux_wheels) == (True, False)
    assert (private.pages.max_age, public.pages.max_age) == (None, timedelta(seconds=600))
    assert private.limits.new_projects_per_user is None
    assert public.limits.new_projects_per_user == Rate(20, timedelta(hours=1))
    assert public.limits.new_projects_per_address == Rate(40, timedelta(hours=1))


def test_profiles_name_only_settings_that_exist() -> None:
    assert {name for defaults in PROFILES.values() for name in defaults} <= set(FIELDS)


def test_every_setting_can_be_given_by_its_variable_as_it_is_shown() -> None:
    for environ in ({}, {"WAREHOUSE_PROFILE": "public"}):
        values = {line.name: line.value for line in where(load_settings(environ)) if line.name != "config"}
        again = load_settings({variable(name): value for name, value in values.items()})
        assert {line.name: line.value for line in where(again) if line.name != "config"} == values


def test_every_setting_has_a_meaning_that_is_a_sentence() -> None:
    for name, field in FIELDS.items():
        assert (field.description or "").endswith("."), name


def test_lists_and_options_are_written_with_commas_in_the_environment_and_as_yaml_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text(
        "web: {trusted_proxies: [10.0.0.0/8, '2001:db8::1']}\nstorage: {options: {region: here, retries: 3}}"
    )
    environ = {
        "WAREHOUSE_WEB__TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8::1",
        "WAREHOUSE_STORAGE__OPTIONS": "region=here, retries=3",
    }
    for settings in (load_settings(environ), load_settings({}, tmp_path / "config.yml")):
        assert [str(network) for network in settings.web.trusted_proxies] == ["10.0.0.0/8", "2001:db8::1/128"]
        options = {name: value.get_secret_value() for name, value in settings.storage.options.items()}
        assert options == {"region": "here", "retries": "3"}


def test_no_proxy_is_believed_when_none_is_named() -> None:
    assert load_settings({"WAREHOUSE_WEB__TRUSTED_PROXIES": "none"}).web.trusted_proxies == ()


def test_the_address_to_listen_on_is_written_as_it_was_read() -> None:
    assert load_settings({"WAREHOUSE_LISTEN": "[::1]:0"}).listen == Listen("::1", 0)
    assert str(Listen("::1", 0)) == "[::1]:0"
    assert load_settings({}).listen == ("127.0.0.1", 8080)


def test_the_data_folder_stays_the_same_when_the_process_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings({}).data == tmp_path / "var"
    assert load_settings({"WAREHOUSE_DATA": "./here"}).data == tmp_path / "here"


def test_tokens_name_the_sites_host_unless_told_otherwise() -> None:
    site = {"WAREHOUSE_SITE__URL": "https://packages.example.org:8443/index/"}
    assert load_settings(site).site.url == "https://packages.example.org:8443/index"
    assert load_settings(site).token_location == "packages.example.org"
    assert load_settings(site | {"WAREHOUSE_TOKENS__LOCATION": "example.org"}).token_location == "example.org"
    assert load_settings({}).token_location == "warehouse"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load_settings({}).upload.enabled = False
