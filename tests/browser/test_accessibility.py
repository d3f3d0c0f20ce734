"""The site without a mouse, and without scripts."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.chromium import PHONE, Person
from tests.browser.conftest import Place
from tests.served import eventually

FOCUSED = """() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const around = at.closest(".search-box") ? getComputedStyle(at.closest(".search-box")) : style;
  return {
    what: at.id || at.getAttribute("href") || at.textContent.trim(),
    isSeen: [style, around].some((one) => one.outlineStyle !== "none" && parseFloat(one.outlineWidth) > 0),
  };
}"""


def walk(person: Person, most: int) -> list[str]:
    """What the tab key leads to, from the beginning of the page to its end; each must be seen to have the focus."""
    visited: list[str] = []
    for _ in range(most):
        person.page.keyboard.press("Tab")
        at = person.page.evaluate(FOCUSED)
        if at["what"] == "" or person.page.evaluate("document.activeElement === document.body"):
            return visited
        assert at["isSeen"], at
        visited.append(at["what"])
    raise AssertionError(f"the focus does not leave the page: {visited[-5:]}")


def test_the_keyboard_leads_through_the_page_and_out_of_it(visitor: Person) -> None:
    visitor.open("/stats/")
    visited = walk(visitor, 60)
    assert visited[:4] == ["#content", "/", "q", "Search"]
    assert visited[4:7] == ["/search/", "/legacy/", "/help/"]
    assert "/project/tidewatch/" in visited
    assert len(visited) == len(set(visited)) + sum(visited.count(one) - 1 for one in set(visited))


def test_the_first_stop_skips_to_the_content(visitor: Person) -> None:
    visitor.open("/stats/")
    visitor.page.keyboard.press("Tab")
    assert visitor.page.locator(".skip").bounding_box()["y"] >= 0  # type: ignore[index]
    visitor.page.keyboard.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id") == "content"


def test_tabs_are_chosen_by_arrow_keys_and_by_the_address(visitor: Person) -> None:
    page = visitor.open("/_/components")
    tabs = page.get_by_role("tab")
    assert [tab.get_attribute("aria-selected") for tab in tabs.all()] == ["true", "false", "false"]
    tabs.nth(0).focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.hash") == "#two"
    assert (page.locator("#two").is_visible(), page.locator("#one").is_visible()) == (True, False)
    page.keyboard.press("End")
    assert page.locator("#three").is_visible()
    page.keyboard.press("ArrowRight")
    assert page.locator("#one").is_visible()
    assert page.evaluate("location.hash") == "#one"
    visitor.open("/")
    page = visitor.open("/_/components#deep")
    assert page.locator("#deep").is_visible() and not page.locator("#one").is_visible()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    visitor.open("/project/tidewatch/#statistics")
    box = page.locator("[role=tab][aria-selected=true]").bounding_box()
    assert box is not None and 0 <= box["x"] <= PHONE["width"] - box["width"], "the row was moved to it"


def test_a_phone_opens_the_menu_without_scripts_and_closes_it_with_escape(
    filled: Place, windows: Callable[..., Person]
) -> None:
    plain = windows(filled.url, java_script_enabled=False)
    plain.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page = plain.open("/stats/")
    menu = page.locator("#menu")
    assert not menu.is_visible()
    page.locator(".top__open").click()
    assert menu.is_visible()
    page.keyboard.press("Escape")
    assert not menu.is_visible()
    plain.context.close()


def test_all_that_is_shown_one_at_a_time_is_there_without_scripts(
    filled: Place, windows: Callable[..., Person]
) -> None:
    plain = windows(filled.url, java_script_enabled=False)
    page = plain.open("/_/components")
    assert [page.locator(panel).is_visible() for panel in ("#one", "#two", "#three")] == [True, True, True]
    assert page.locator(".copy").first.is_visible() is False
    plain.context.close()


def test_somebody_without_scripts_finds_a_project_and_its_files(filled: Place, windows: Callable[..., Person]) -> None:
    eventually(lambda: "/project/tidewatch/" in filled.index.get("/search/?q=tidewatch").body.decode(), seconds=20)
    plain = windows(filled.url, java_script_enabled=False)
    page = plain.open("/")
    page.locator("#q").fill("tidewatch")
    plain.press("Search")
    assert plain.path == "/search/"
    with page.expect_navigation():
        page.locator("main a[href^='/project/tidewatch/']").first.click()
    assert plain.path == "/project/tidewatch/"
    assert "Tells when the water is high" in plain.text
    page.locator("#files a[href*='/files/']").first.click()
    page.wait_for_url("**/project/tidewatch/1.4.0/files/**")
    assert "SHA256" in plain.text
    plain.context.close()


def test_whoever_is_signed_in_has_a_menu_of_their_own(filled: Place, windows: Callable[..., Person]) -> None:
    ada = windows(filled.url)
    ada.open("/account/login/")
    ada.fill(username="ada", password="correct horse battery staple")
    ada.press("Sign in")
    page = ada.open("/stats/")
    button = page.locator(".account-menu__open")
    button.wait_for()
    assert "ada" in button.inner_text()
    assert not page.locator("#account-menu").is_visible()
    button.focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("link", name="Public profile").is_visible()
    ada.picture("account-menu")
    page.keyboard.press("Escape")
    assert not page.locator("#account-menu").is_visible()
    assert page.evaluate("document.activeElement.className") == "account-menu__open"
    ada.sign_out()
    ada.open("/stats/")
    assert page.get_by_role("link", name="Sign in").is_visible()
    ada.context.close()
