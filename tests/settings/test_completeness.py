"""Settings that take others are refused before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from warehouse.application import Application
from warehouse.application.complete import refuse_incomplete
from warehouse.cli.main import cli
from warehouse.events.mail import mailer
from warehouse.settings import BadSettings, load_settings

INCOMPLETE = {
    "mail.region": {"MAIL__BACKEND": "ses"},
    "The settings of mail": {"MAIL__BACKEND": "smtp", "MAIL__PASSWORD": "sesame\u00e9"},
    "captcha.site_key": {"CAPTCHA__BACKEND": "hcaptcha"},
    "mail_domains.status_url": {"MAIL_DOMAINS__STATUS": "service"},
    "cdn.varnish": {"CDN__BACKEND": "varnish"},
    "images.camo_key": {"IMAGES__MODE": "camo", "IMAGES__CAMO_URL": "https://camo.example"},
    "terms.url": {"TERMS__REVISION": "2026-11"},
    "associations.github_client_secret": {"ASSOCIATIONS__GITHUB_CLIENT_ID": "warehouse"},
    "none of sign_on.issuers": {"SIGN_ON__CLIENT_SECRETS": "corp=sesame"},
}


@pytest.mark.parametrize("named", INCOMPLETE)
def test_a_sentence_names_what_is_missing(named: str) -> None:
    settings = load_settings({f"WAREHOUSE_{name}": value for name, value in INCOMPLETE[named].items()})
    with pytest.raises(BadSettings) as refused:
        refuse_incomplete(settings)
    assert named in refused.value.sentence
    assert "sesame" not in refused.value.sentence


@pytest.mark.parametrize(
    "sender",
    ["index@example.org", "Example index <index@example.org>", '"Index, Example" <a@example.org>', "ä@größe.example"],
)
def test_a_sender_is_one_that_mail_can_come_from(sender: str) -> None:
    mailer(load_settings({"WAREHOUSE_MAIL__BACKEND": "smtp", "WAREHOUSE_MAIL__SENDER": sender}))


@pytest.mark.parametrize(
    "sender", ["nobody at all", "a@example.org, b@example.org", "a@b\nBcc: c@d", "<a@b> c", "a b@c"]
)
def test_another_sender_is_refused(sender: str) -> None:
    with pytest.raises(BadSettings, match=r"expected an address such as 'index@example\.org'"):
        load_settings({"WAREHOUSE_MAIL__SENDER": sender})


@pytest.mark.parametrize("profile", ["private", "public"])
def test_the_defaults_are_complete(profile: str) -> None:
    refuse_incomplete(load_settings({"WAREHOUSE_PROFILE": profile}))


@pytest.mark.parametrize("command", ["serve", "web", "worker"])
def test_nothing_is_made_or_started(tmp_path: Path, command: str) -> None:
    data = tmp_path / "data"
    application = Application({"WAREHOUSE_DATA": str(data), "WAREHOUSE_MAIL__BACKEND": "ses"})
    result = CliRunner().invoke(cli, [command], obj=application)
    assert result.exit_code == 2
    assert result.stderr.startswith("With mail.backend ses, set mail.region")
    assert not data.exists()
