"""What every captcha promises, with a real web service that speaks the vendors' protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from tests.contracts.web_service import WebService, web_service
from warehouse.infra.captcha import HCAPTCHA, RECAPTCHA, NoCaptcha, Vendor, VendorCaptcha, open_captcha
from warehouse.settings import BadSettings, load_settings


@pytest.fixture
def service() -> Iterator[WebService]:
    with web_service() as running:
        running.body = b'{"success": true}'
        yield running


def captcha(url: str, vendor: Vendor = HCAPTCHA, seconds: float = 5) -> VendorCaptcha:
    return VendorCaptcha(
        vendor, site_key="site", secret_key="secret", verify_url=url, time_limit=timedelta(seconds=seconds)
    )


@pytest.mark.parametrize("vendor", [HCAPTCHA, RECAPTCHA], ids=lambda vendor: vendor.name)
def test_the_vendor_is_asked_with_the_secret_the_response_and_whose_it_is(vendor, service):
    assert captcha(f"{service.url}/siteverify", vendor).passes("the response", address="192.0.2.1") is True
    [asked] = service.asked
    assert (asked.method, asked.path) == ("POST", "/siteverify")
    assert parse_qs(asked.body.decode()) == {
        "secret": ["secret"],
        "response": ["the response"],
        "sitekey": ["site"],
        "remoteip": ["192.0.2.1"],
    }


def test_who_answers_wrongly_does_not_pass(service):
    service.body = b'{"success": false, "error-codes": ["invalid-input-response"]}'
    assert captcha(service.url).passes("wrong", address=None) is False


@pytest.mark.parametrize("response", ["", "x" * 20_000])
def test_what_cannot_be_a_response_is_not_even_asked_about(response, service):
    assert captcha(service.url).passes(response, address=None) is False
    assert not service.asked


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b'{"success": true}'),
        (302, b'{"success": true}'),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"success": "yes"}'),
        (200, b"[" * 60_000),
        (200, b" " * 100_000),
        (200, json.dumps({"success": False, "error-codes": ["invalid-input-secret"]}).encode()),
    ],
)
def test_nobody_is_judged_by_a_vendor_that_does_not_say(status, body, service):
    service.status, service.body = status, body
    assert captcha(service.url).passes("response", address=None) is None


def test_nobody_is_judged_by_a_vendor_that_is_slow_or_away(service):
    service.pause = 5
    assert captcha(service.url, seconds=0.2).passes("response", address=None) is None
    assert captcha("http://127.0.0.1:9").passes("response", address=None) is None


def test_without_a_captcha_everybody_passes(tmp_path):
    chosen = open_captcha(load_settings({"WAREHOUSE_DATA": str(tmp_path)}))
    assert isinstance(chosen, NoCaptcha)
    assert chosen.vendor is None and chosen.passes("", address=None) is True


@pytest.mark.parametrize(("name", "vendor"), [("hcaptcha", HCAPTCHA), ("recaptcha", RECAPTCHA)])
def test_the_settings_choose_the_vendor_and_need_both_keys(name, vendor, tmp_path):
    given = {"WAREHOUSE_DATA": str(tmp_path), "WAREHOUSE_CAPTCHA__BACKEND": name, "WAREHOUSE_CAPTCHA__SITE_KEY": "s"}
    with pytest.raises(BadSettings, match=r"set captcha.site_key and captcha.secret_key, too"):
        open_captcha(load_settings(given))
    assert open_captcha(load_settings({**given, "WAREHOUSE_CAPTCHA__SECRET_KEY": "k"})).vendor == vendor
