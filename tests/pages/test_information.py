"""The page about security, and the map of the site."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from tests.web.client import site
from warehouse.web.language import offered, speaking
from warehouse.web.texts import text_in

PAGES = ("/help/", "/security/", "/sitemap/")


def test_whoever_found_something_learns_whom_to_write_to(tools):
    def links(**settings: str) -> set[str | None]:
        got = site(tools, **{f"WAREHOUSE_{name}": value for name, value in settings.items()}).get("/security/")
        assert got.status == 200
        return {link.attributes["href"] for link in got.page.all("a")}

    assert not {link for link in links() if link and link.startswith("mailto:")}
    assert "mailto:help@example.org" in links(MAIL__SUPPORT="help@example.org")
    told = links(
        MAIL__SUPPORT="help@example.org",
        SITE__SECURITY_CONTACT="security@example.org",
        SITE__SECURITY_POLICY="https://example.org/policy",
    )
    assert {"mailto:security@example.org", "/.well-known/security.txt", "https://example.org/policy"} <= told
    assert "mailto:help@example.org" not in told


def test_the_map_leads_to_what_there_is(tools):
    def links(**settings: str) -> set[str | None]:
        page = site(tools, **{f"WAREHOUSE_{name}": value for name, value in settings.items()}).get("/sitemap/").page
        return {link.attributes["href"] for link in page.all("a")}

    more = {"/account/register/", "https://example.org/terms", "/.well-known/security.txt"}
    few = links()
    assert {"/search/", "/classifiers/", "/help/", "/security/", "/manage/account/token/", "/api/journal/"} <= few
    assert not more & few
    assert more <= links(
        PROFILE="public",
        SITE__SECURITY_CONTACT="security@example.org",
        TERMS__REVISION="2026-11",
        TERMS__URL="https://example.org/terms",
    )


@pytest.mark.parametrize("path", PAGES)
def test_everybody_reads_them_and_search_engines_know_their_address(tools, path):
    for settings in ({}, {"WAREHOUSE_ACCESS__READ": "signed_in"}):
        got = site(tools, **settings).get(path)
        assert got.status == 200
        (canonical,) = [link for link in got.page.all("link") if link.attributes.get("rel") == "canonical"]
        assert canonical.attributes["href"] == f"http://index.test{path}"
        assert got.page.text("title").startswith(got.page.text("h1"))


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_asked_of_the_database(tools, path):
    web, asked = site(tools), []
    event.listen(tools.database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert web.get(path).status == 200
    assert asked == []


@pytest.mark.parametrize("folder", ["pages/help", "pages/security"])
def test_a_text_has_the_same_ids_in_all_its_languages(folder):
    def ids(tag: str) -> list[str]:
        with speaking(tag):
            text = text_in(folder)
        return [name for chapter in text.chapters for name in (chapter.id, *(part for part, _title in chapter.parts))]

    assert all(ids(tag) == ids("en") for tag in offered())


def test_people_read_them_in_their_language(tools):
    web = site(tools, WAREHOUSE_PROFILE="public", WAREHOUSE_SITE__URL="https://index.example")
    for path, said in (("/help/", "Wie installiere ich von hier?"), ("/security/", "Was dann geschieht")):
        got = web.get(path, HTTP_ACCEPT_LANGUAGE="de")
        assert said in got.text
        (body,) = [one for one in got.page.all("div") if one.attributes.get("class") == "text__body"]
        assert "lang" not in body.attributes
    assert "älter als dies: 14 Tage" in web.get("/help/", HTTP_ACCEPT_LANGUAGE="de").text
