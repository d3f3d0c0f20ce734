"""A setting that cannot be used is one sentence that says what, where, and what instead."""

import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.settings import BadSettings, load_settings


def refusal(environ: dict[str, str], file: Path | None = None) -> str:
    with pytest.raises(BadSettings) as refused:
        load_settings(environ, file)
    assert refused.value.__cause__ is None
    assert refused.value.sentence == str(refused.value)
    return refused.value.sentence


DURATION = "a duration longer than zero such as '14 days', '20 s' or 'PT20S'"
SIZE = "a size such as '100 MiB', '10 GiB' or a number of bytes"
RATE = "a rate such as '20 per hour' or '5 per 10 minutes'"
LISTEN = "host:port such as '127.0.0.1:8080' or '[::1]:8080'"
URL = "an address such as 'https://packages.example.org'"
LINK = "an address such as 'https://example.org/security'"
AVATAR = "an address such as 'https://avatars.example.org/{hash}?s={size}'"
MAIL = "a mail address such as 'security@example.org'"
STORE = "an address such as 's3://bucket/prefix', 'gs://bucket/prefix' or 'az://container/prefix'"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("listen", "8080", LISTEN),
        ("listen", "::1:8080", LISTEN),
        ("listen", "[::g]:8080", LISTEN),
        ("listen", "localhost:65536", LISTEN),
        ("profile", "pubic", "'private' or 'public'"),
        ("site.url", "packages.example.org", URL),
        ("site.url", "https://packages.example.org/?a=b", URL),
        ("site.security_policy", "example.org/security", LINK),
        ("site.security_policy", "https://example.org/a b", LINK),
        ("site.funding_manifest", "https://example.org/a\nContact: b", LINK),
        ("site.security_contact", "security", MAIL),
        ("site.security_contact", "Ada <ada@example.org>", MAIL),
        ("site.security_contact", "ada@example.org\nContact: bob@example.org", MAIL),
        ("site.avatar_url", "https://avatars.example.org/?s={size}", AVATAR),
        ("site.avatar_url", "https://avatars.example.org/{hash}?{name}", AVATAR),
        ("site.avatar_url", "https://{hash}.example.org/", AVATAR),
        ("site.avatar_url", "https://avatars.example.org/{hash}; script-src *", AVATAR),
        ("access.read", "nobody", "'everyone' or 'signed_in'"),
        ("access.require_second_factor", "maybe", "true or false"),
        ("upload.max_file_size", "100 M", SIZE),
        ("upload.max_file_size", "0", SIZE),
        ("upload.max_file_size", "-1", SIZE),
        ("upload.max_file_size", "9000000 TiB", SIZE),
        ("upload.max_file_size", "none", SIZE),
        ("upload.release_window", "a fortnight", DURATION),
        ("upload.release_window", "0", DURATION),
        ("upload.release_window", "P", DURATION),
        ("upload.release_window", "3 days and 1", DURATION),
        ("upload.release_window", "9" * 400, DURATION),
        ("storage.sweep_after", "off", DURATION),
        ("limits.new_projects_per_user", "20", RATE),
        ("limits.new_projects_per_user", "0 per hour", RATE),
        ("limits.new_projects_per_user", "20 per blue moon", RATE),
        ("limits.new_projects_per_user", "20 per 500 ms", RATE),
        ("limits.new_projects_per_user", "20 per 1.5 s", RATE),
        ("web.workers", "two", "a whole number"),
        ("web.workers", "1.5", "a whole number"),
        ("web.workers", "0", "1 or more"),
        ("cdn.varnish", "10.0.0.5:6081", "addresses such as 'http://10.0.0.5:6081, http://10.0.0.6:6081'"),
        ("web.trusted_proxies", "10.0.0.1/8", "networks such as '10.0.0.0/8, 2001:db8::/32'"),
        ("mail.port", "65536", "65535 or less"),
        ("mail.tls", "ssl", "'starttls', 'tls' or 'none'"),
        ("storage.url", "https://bucket", STORE),
        ("storage.url", "s3://", STORE),
    ],
)
def test_a_wrong_value_is_answered_with_what_was_expected(name: str, text: str, expected: str) -> None:
    key = "WAREHOUSE_" + name.replace(".", "__").upper()
    written = repr(text) if len(repr(text)) <= 100 else repr(text)[:97] + "..."
    assert refusal({key: text}) == f"{name} is {written} in environment {key}; expected {expected}."


TEXT = "text, in quotes where YAML would read a number or a date"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("upload:\n  max_file_size: 3 parsecs", f"upload.max_file_size is '3 parsecs' at FILE:2; expected {SIZE}."),
        ("upload:\n  max_file_size: true", f"upload.max_file_size is True at FILE:2; expected {SIZE}."),
        ("upload:\n  max_file_size: [1]", f"upload.max_file_size is [1] at FILE:2; expected {SIZE}."),
        ("jobs:\n  threads: yes", "jobs.threads is True at FILE:2; expected a whole number."),
        ("site:\n  name: 2026", f"site.name is 2026 at FILE:2; expected {TEXT}."),
        ("site:\n  name:", f"site.name is None at FILE:2; expected {TEXT}."),
        ("profile: [public]", "profile is ['public'] at FILE:1; expected 'private' or 'public'."),
        ("data: ''", "data is '' at FILE:1; expected the path of a folder."),
        ("listen: 8080", f"listen is 8080 at FILE:1; expected {LISTEN}."),
        ("\nuplod:\n  a: 1", "FILE:2 sets uplod, which is no setting; did you mean upload?"),
        (
            "upload:\n  max_fil_size: 1",
            "FILE:2 sets upload.max_fil_size, which is no setting; did you mean upload.max_file_size?",
        ),
        ("colour: red", "FILE:1 sets colour, which is no setting; docs/settings.md lists them all."),
        ("config: more.yml", "FILE:1 sets config, which is no setting; docs/settings.md lists them all."),
        ("upload.enabled: false", "FILE:1 sets upload.enabled, which is no setting; did you mean upload.enabled?"),
        ("site: {name: a}\nsite: {name: b}", "FILE:2 sets site again after FILE:1; keep one of the two."),
        ("site:\n  name: a\n  name: b", "FILE:3 sets site.name again after FILE:2; keep one of the two."),
        ("site: Example", "FILE:1 should hold the settings of site, one 'name: value' on each line."),
        ("- site", "FILE:1 should hold sections and settings, one 'name: value' on each line."),
        ("site: {", "The settings file is not YAML at FILE:1: expected the node content, but found '<stream end>'."),
        (
            "site:\n\tname: a",
            "The settings file is not YAML at FILE:2: found character '\\t' that cannot start any token.",
        ),
        ("a: \x00", "The settings file is not YAML at FILE: it holds characters that YAML does not allow."),
        (
            "site: !!python/name:os.system x",
            "The settings file is not YAML at FILE:1: "
            "could not determine a constructor for the tag 'tag:yaml.org,2002:python/name:os.system'.",
        ),
    ],
)
def test_a_wrong_line_in_the_file_is_answered_with_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "config.yml"
    file.write_text(text)
    assert refusal({}, file).replace(str(file), "FILE") == sentence


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("WAREHOUSE_UPLOAD__MAX_FIEL_SIZE", "did you mean WAREHOUSE_UPLOAD__MAX_FILE_SIZE?"),
        ("WAREHOUSE_UPLOAD_MAX_FILE_SIZE", "did you mean WAREHOUSE_UPLOAD__MAX_FILE_SIZE?"),
        ("WAREHOUSE_LISTN", "did you mean WAREHOUSE_LISTEN?"),
        ("WAREHOUSE_DATABASE_URL", "did you mean DATABASE_URL?"),
        ("WAREHOUSE_QQQQQQ__ZZZZ", "docs/settings.md lists them all."),
    ],
)
def test_an_unknown_variable_is_refused_with_the_nearest_name(key: str, hint: str) -> None:
    assert refusal({key: "1"}) == f"The environment sets {key}, which is no setting; {hint}"


def test_variables_of_other_programs_are_left_alone() -> None:
    assert load_settings({"PATH": "/bin", "WAREHOUSES": "2"}) == load_settings({})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "none.yml"
    assert refusal({"WAREHOUSE_CONFIG": str(missing)}) == (
        f"The settings file {missing} cannot be read: No such file or directory."
    )
    (tmp_path / "latin.yml").write_bytes(b"site: {name: caf\xe9}")
    assert refusal({}, tmp_path / "latin.yml") == (
        f"The settings file {tmp_path / 'latin.yml'} is not UTF-8 text; save it as UTF-8."
    )


@pytest.mark.parametrize(
    "environ",
    [
        {"DATABASE_URL": "mysql://root:hunter2@db/x"},
        {"WAREHOUSE_STORAGE__OPTIONS": "hunter2"},
    ],
)
def test_a_refusal_never_repeats_a_secret(environ: dict[str, str]) -> None:
    sentence = refusal(environ)
    assert "hunter2" not in sentence
    assert "******" in sentence


def test_nothing_is_read_from_a_secret_in_the_wrong_shape(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    file.write_text("mail:\n  password: 80085")
    assert refusal({}, file) == f"mail.password is ****** at {file}:2; expected {TEXT}."


def test_python_can_read_the_settings_without_what_only_servers_need() -> None:
    heavy = "{'rich', 'sqlalchemy', 'structlog', 'prometheus_client', 'pyramid'}"
    script = f"import sys, warehouse.settings; sys.exit(' '.join({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], stderr=subprocess.PIPE).stderr.decode().strip() == ""
