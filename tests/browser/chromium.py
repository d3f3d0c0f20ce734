"""Chromium as a person uses it: pages, forms, security keys, and everything that it complains about."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page, sync_playwright

PROGRAM = Path("/usr/bin/chromium")
# Nothing of this asks the internet for anything.
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
# Where pictures of the pages are kept, for whoever wants to look at them.
PICTURES = os.environ.get("WAREHOUSE_TEST_PICTURES")
SECONDS = 10


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser itself, without any page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass(frozen=True)
class SecurityKey:
    """A security key in the browser's socket, touched as soon as somebody asks."""

    session: CDPSession
    id: str

    def pull_out(self) -> None:
        """Take it away: the next question finds none."""
        self.session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})


class Person:
    """Somebody with a browser of their own, which must find nothing wrong with what it is shown."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.complaints: list[str] = []
        self.page = context.new_page()
        self.page.set_default_timeout(SECONDS * 1000)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))

    def open(self, path: str) -> Page:
        """Go to a page of the index; the page."""
        self.page.goto(path if "://" in path else self.url + path)
        return self.page

    @property
    def path(self) -> str:
        """Where the browser is, without the question."""
        return self.page.url.removeprefix(self.url).partition("?")[0]

    @property
    def text(self) -> str:
        """What the page says."""
        return self.page.locator("body").inner_text()

    def fill(self, **fields: str) -> None:
        """Type into the fields of the page, by their names."""
        for name, value in fields.items():
            self.page.locator(f"[name='{name}']:visible").fill(value)

    def press(self, words: str) -> None:
        """Press the button with these words and wait for the page that follows."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).click()

    def sign_out(self) -> None:
        """By the menu that stands at the top of every page."""
        self.page.locator(".account-menu__open").click()
        self.press("Sign out")

    def plug_in(self) -> SecurityKey:
        """A new security key in the socket."""
        session = self.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "usb",
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        answer = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return SecurityKey(session, answer["authenticatorId"])

    def picture(self, name: str) -> None:
        """Keep pictures of the page, on a phone and on a desk, in light and dark, where somebody wants them."""
        if not PICTURES:
            return
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        for device, size in (("phone", PHONE), ("desk", DESK)):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                self.page.screenshot(path=f"{PICTURES}/{name}-{device}-{scheme}.png", full_page=True)
        self.page.set_viewport_size(DESK)  # type: ignore[arg-type]
        self.page.emulate_media(color_scheme=None)

    def overflows(self) -> bool:
        """Whether one has to scroll sideways on a phone."""
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        wide = self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        self.page.set_viewport_size(DESK)  # type: ignore[arg-type]
        return bool(wide)

    def _heard(self, message: ConsoleMessage) -> None:
        # That a page was answered 403 or 404 is no mistake of that page; everything else is, refused styles and scripts
        # first of all.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource: the server"):
            self.complaints.append(f"{self.page.url}: {message.text}")
