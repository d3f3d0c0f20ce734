"""What operators read about single sign-on is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from warehouse.settings import load_settings
from warehouse.settings.sign_on import Issuer

PAGE = (Path(__file__).parents[2] / "docs/single-sign-on.md").read_text()


def test_every_setting_of_an_issuer_is_explained():
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == list(Issuer.model_fields)


def test_the_example_can_be_used(tmp_path):
    example = re.search(r"```yaml\n(site:.*?)```", PAGE, re.DOTALL)
    assert example is not None
    file = tmp_path / "config.yml"
    file.write_text(example[1])
    assert load_settings({}, config_file=file).sign_on.issuers["corp"].allowed_groups == ("engineering", "data")


def test_what_is_said_of_each_provider_can_be_used():
    found = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(issuer:.*?)```", PAGE, re.DOTALL)]
    assert len(found) == 5
    for about in found:
        issuer = re.sub("<.*?>", "x", about["issuer"]).replace("…", "x")
        assert Issuer.model_validate({**about, "issuer": issuer})
