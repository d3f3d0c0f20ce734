"""Questions that machines find hard to answer: asked by hCaptcha or reCAPTCHA on a page, and checked there."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

from warehouse.infra.asking import NotAnswered, ask
from warehouse.settings import BadSettings, Settings

log = logging.getLogger("warehouse.captcha")

LONGEST_RESPONSE = 16 * 1024  # characters
LONGEST_ANSWER = 64 * 1024  # bytes


@dataclass(frozen=True)
class Vendor:
    """Somebody who asks such questions: where its script is, what its page holds and what the page may then load."""

    name: str
    script: str
    element: str
    """The class of the element that the script puts its question into."""
    response_field: str
    """The field that the script adds to the form."""
    verify_url: str
    sources: dict[str, tuple[str, ...]] = field(hash=False)
    """What it takes in the page's Content-Security-Policy, by directive."""


HCAPTCHA = Vendor(
    name="hCaptcha",
    script="https://js.hcaptcha.com/1/api.js",
    element="h-captcha",
    response_field="h-captcha-response",
    verify_url="https://api.hcaptcha.com/siteverify",
    sources={
        "script-src": ("https://js.hcaptcha.com", "https://*.hcaptcha.com"),
        "frame-src": ("https://newassets.hcaptcha.com", "https://*.hcaptcha.com"),
        "style-src": ("https://hcaptcha.com", "https://*.hcaptcha.com"),
        "connect-src": ("https://hcaptcha.com", "https://*.hcaptcha.com"),
    },
)
RECAPTCHA = Vendor(
    name="reCAPTCHA",
    script="https://www.google.com/recaptcha/api.js",
    element="g-recaptcha",
    response_field="g-recaptcha-response",
    verify_url="https://www.google.com/recaptcha/api/siteverify",
    sources={
        "script-src": ("https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/"),
        "frame-src": ("https://www.google.com/recaptcha/", "https://recaptcha.google.com/recaptcha/"),
        "connect-src": ("https://www.google.com/recaptcha/",),
    },
)


class Captcha(Protocol):
    """Tells people from machines. May be called from several threads."""

    vendor: Vendor | None
    """Who asks; None when nobody does, and everybody passes."""
    site_key: str

    def passes(self, response: str, *, address: str | None) -> bool | None:
        """Whether the response, which came from this network address, answers the question.

        None when the vendor could not be asked within the time limit.
        """


class NoCaptcha:
    """Asks nothing."""

    vendor: Vendor | None = None
    site_key = ""

    def passes(self, response: str, *, address: str | None) -> bool | None:
        return True


class VendorCaptcha:
    """A vendor's question. Both vendors check answers by the same protocol, which reCAPTCHA's began."""

    def __init__(
        self, vendor: Vendor, *, site_key: str, secret_key: str, verify_url: str | None = None, time_limit: timedelta
    ) -> None:
        self.vendor: Vendor | None = vendor
        self.site_key = site_key
        self._name = vendor.name
        self._secret_key = secret_key
        self._verify_url = verify_url or vendor.verify_url
        self._time_limit = time_limit

    def passes(self, response: str, *, address: str | None) -> bool | None:
        if not response or len(response) > LONGEST_RESPONSE:
            return False
        fields = {"secret": self._secret_key, "response": response, "sitekey": self.site_key}
        if address is not None:
            fields["remoteip"] = address
        try:
            reply = ask(
                self._name,
                "POST",
                self._verify_url,
                headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
                body=urlencode(fields).encode(),
                time_limit=self._time_limit,
                limit=LONGEST_ANSWER,
            )
        except NotAnswered as error:
            log.warning("nobody can register for now: %s", error)
            return None
        return self._read(reply.status, reply.body)

    def _read(self, status: int, body: bytes) -> bool | None:
        try:
            said: Any = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        if status != 200 or not isinstance(said, dict) or not isinstance(said.get("success"), bool):
            log.warning(
                "nobody can register for now: %s answers %d, and not whether somebody passes", self._name, status
            )
            return None
        wrong = said.get("error-codes")
        if isinstance(wrong, list) and any("secret" in str(code) for code in wrong):
            log.warning("nobody can register for now: %s does not know captcha.secret_key", self._name)
            return None
        return bool(said["success"])


def open_captcha(settings: Settings) -> Captcha:
    """What the settings choose; refuses with BadSettings when a key is missing."""
    chosen = settings.captcha
    if chosen.backend == "off":
        return NoCaptcha()
    if not chosen.site_key or chosen.secret_key is None:
        raise BadSettings(f"With captcha.backend {chosen.backend}, set captcha.site_key and captcha.secret_key, too.")
    return VendorCaptcha(
        HCAPTCHA if chosen.backend == "hcaptcha" else RECAPTCHA,
        site_key=chosen.site_key,
        secret_key=chosen.secret_key.get_secret_value(),
        verify_url=chosen.verify_url,
        time_limit=chosen.time_limit,
    )
