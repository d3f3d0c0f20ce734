"""One's own profile and projects, and what others see of them."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import event

from tests.builders import wheel
from tests.web.browser import browser
from tests.web.client import Got
from warehouse.domain.accounts import user_named
from warehouse.domain.packaging import ProjectStatus, Release, RoleName
from warehouse.operations.projects import find_project, set_project_status
from warehouse.operations.roles import give_role
from warehouse.web.avatars import drawn_from


@pytest.fixture
def ada(index):
    return index.user("Ada", verified=True)


@pytest.fixture
def hers(tools, ada):
    """Ada's browser, signed in."""
    found = browser(tools)
    assert found.sign_in("ada").status == 200
    return found


def change(index, **values):
    with index.work() as work:
        user = user_named(work.db, "ada")
        for name, value in values.items():
            setattr(user, name, value)


def leads_to(got: Got) -> str:
    """The path that an answer leads to."""
    return got.headers["location"].removeprefix("http://index.test")


def names(got: Got) -> list[str]:
    """The projects on a page, in order."""
    return [link.text for link in got.page.all("a") if (link.attributes["href"] or "").startswith("/project/")]


class TestOnesOwnProfile:
    def test_the_name_is_saved(self, index, hers):
        hers.open("/manage/account/")
        got = hers.submit(action="/manage/account/profile/", name="Ada L.")
        assert (got.status, hers.path) == (200, "/manage/account/")
        assert "Your profile is saved." in got.text
        assert 'value="Ada L."' in got.text

    def test_a_name_that_is_none_is_shown_again_and_not_saved(self, index, hers):
        hers.open("/manage/account/")
        got = hers.submit(action="/manage/account/profile/", name="See http://x")
        assert got.status == 400
        assert "One field needs another look" in got.text
        assert 'value="See http://x"' in got.text
        assert got.page.text("title").startswith("Mistake:")
        with index.work() as work:
            assert user_named(work.db, "ada").name == ""

    def test_the_profile_says_which_address_others_see_and_where_that_is_chosen(self, hers):
        assert "Nobody sees an e-mail address of yours." in hers.open("/manage/account/").text
        assert 'href="/manage/account/emails/#public"' in hers.open("/manage/account/").text
        hers.open("/manage/account/emails/")
        got = hers.submit(action="/manage/account/emails/make-public/", public_email="Ada@example.com")
        assert '<option value="Ada@example.com" selected>' in got.text
        assert "Only people who are signed in see Ada@example.com." in hers.open("/manage/account/").text

    def test_times_are_told_in_the_zone_that_was_chosen(self, index, hers):
        with index.work() as work:
            created = work.now.replace(year=2020, month=1, day=1, hour=23, minute=30)
        change(index, created_at=created)
        assert '">2020-01-01</time>' in hers.open("/manage/account/").text
        got = hers.submit(action="/manage/account/preferences/", time_zone="Asia/Tokyo")
        assert "Your preferences are saved." in got.text
        assert '">2020-01-02</time>' in got.text
        assert '<option value="Asia/Tokyo" selected>' in got.text
        wrong = hers.submit(action="/manage/account/preferences/", time_zone="Mars/Olympus")
        assert (wrong.status, "does not know that time zone" in wrong.text) == (400, True)

    def test_a_stranger_is_asked_to_sign_in(self, tools):
        stranger = browser(tools)
        for path in ("/manage/account/", "/manage/projects/"):
            got = stranger.get(path)
            assert (got.status, leads_to(got).partition("?")[0]) == (303, "/account/login/")

    def test_pictures_of_a_service_are_allowed_on_the_pages_that_show_them(self, tools, ada):
        hers = browser(tools, WAREHOUSE_SITE__AVATAR_URL="https://avatars.example.org/{hash}?s={size}")
        hers.sign_in("ada")
        for path in ("/manage/account/", "/user/Ada/"):
            got = hers.open(path)
            assert "img-src 'self' https://avatars.example.org;" in got.headers["content-security-policy"]
            assert 'src="https://avatars.example.org/3e3417d7ef77d5932a6734b916515ed5?s=160"' in got.text
        assert "avatars.example.org" not in hers.open("/").headers["content-security-policy"]

    def test_a_hidden_picture_is_hidden_everywhere(self, index, hers):
        change(index, hide_avatar=True)
        for path in ("/manage/account/", "/user/Ada/"):
            text = hers.open(path).text
            assert "/avatar/neutral.svg" in text
            assert drawn_from("ada") not in text


@pytest.fixture
def projects(index, ada):
    """Projects of ada's in every status, one that bob owns with her, and one that is none of hers."""
    for name in ("old", "archived", "gone", "fresh", "shared"):
        assert index.upload(wheel(name, "1.0", summary=f"The {name} one."), by=ada).status == 200
    bob = index.user("bob")
    index.upload(wheel("bobs", "1.0"), by=bob)
    with index.work() as work:
        give_role(work, find_project(work, "shared"), bob, RoleName.OWNER)
        give_role(work, find_project(work, "bobs"), ada, RoleName.MAINTAINER)
        newest = work.now
        for days, name in enumerate(("fresh", "shared", "bobs", "gone", "old", "archived")):
            for release in work.db.query(Release).filter(Release.project_id == find_project(work, name).id):
                release.created_at = newest - timedelta(days=days)
        set_project_status(work, find_project(work, "archived"), ProjectStatus.ARCHIVED, reason="It is finished.")
    return index


def quarantine(index, name):
    with index.work() as work:
        set_project_status(work, find_project(work, name), ProjectStatus.QUARANTINED, reason="It steals.")
        for username in ("ada", "bob"):
            user_named(work.db, username).is_frozen = False


class TestOnesOwnProjects:
    def test_they_are_listed_by_their_newest_release_and_archived_ones_last(self, projects, hers):
        got = hers.open("/manage/projects/")
        assert names(got) == ["fresh", "shared", "bobs", "gone", "old", "archived"]
        assert "It is finished." in got.text
        assert got.text.count("Sole owner") == 4
        assert got.text.count(">Maintainer<") == 1

    def test_one_in_quarantine_is_there_and_says_so(self, tools, projects):
        quarantine(projects, "gone")
        hers = browser(tools)
        hers.sign_in("ada")
        text = hers.open("/manage/projects/").text
        assert "In quarantine" in text
        assert "It steals." in text

    def test_without_projects_it_says_what_to_do(self, hers):
        assert "You have no projects yet." in hers.open("/manage/projects/").text

    def test_the_pages_ask_as_few_questions_for_many_projects_as_for_few(self, tools, projects, ada, hers):
        asked: list[str] = []
        event.listen(tools.database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

        def questions() -> list[int]:
            counts = []
            for path in ("/manage/projects/", "/user/Ada/"):
                asked.clear()
                assert hers.open(path).status == 200
                counts.append(len(asked))
            return counts

        few = questions()
        for number in range(9):
            projects.upload(wheel(f"more{number}", "1.0"), by=ada)
        assert questions() == few


class TestWhatOthersSee:
    def test_live_projects_come_first_then_archived_ones_and_none_in_quarantine(self, tools, projects):
        quarantine(projects, "gone")
        got = browser(tools).open("/user/Ada/")
        assert names(got) == ["fresh", "shared", "bobs", "old", "archived"]
        assert "The fresh one." in got.text
        assert got.page.text("h1") == "Ada"

    def test_only_people_who_are_signed_in_see_the_public_address(self, index, tools, hers):
        stranger = browser(tools)
        assert "example.com" not in hers.open("/user/Ada/").text
        hers.open("/manage/account/")
        hers.submit(action="/manage/account/profile/", name="Ada L.")
        hers.open("/manage/account/emails/")
        hers.submit(action="/manage/account/emails/make-public/", public_email="Ada@example.com")
        fragment = "/_includes/authed/profile-public-email/Ada"
        assert "mailto:Ada@example.com" in hers.open(fragment).text
        assert stranger.get(fragment).status == 403
        for who in (stranger, hers):
            seen = who.open("/user/Ada/")
            assert seen.page.text("h1") == "Ada L."
            assert "example.com" not in seen.text
            assert f'data-html-include="{fragment}"' in seen.text

    def test_where_only_some_may_read_the_page_itself_says_what_this_visitor_may_see(self, index, tools, ada):
        with index.work() as work:
            user_named(work.db, "ada").emails[0].is_public = True
        index.user("bob")
        for name, edits in (("ada", True), ("bob", False)):
            browsing = browser(tools, WAREHOUSE_ACCESS__READ="signed_in")
            browsing.sign_in(name)
            text = browsing.open("/user/Ada/").text
            assert "mailto:Ada@example.com" in text
            assert ("Edit your profile" in text) is edits

    def test_only_oneself_is_offered_to_edit_the_page(self, index, tools, hers):
        index.user("bob")
        his = browser(tools)
        his.sign_in("bob")
        for part, words in (
            ("profile-actions", "Edit your profile"),
            ("current-user-profile-callout", "others see you"),
        ):
            assert words in hers.open(f"/_includes/authed/{part}/Ada").text
            assert his.open(f"/_includes/authed/{part}/Ada").text.strip() == ""
            assert browser(tools).get(f"/_includes/authed/{part}/Ada").status == 403
            assert hers.get(f"/_includes/authed/{part}/nobody").status == 404

    def test_names_are_shown_as_text(self, index, tools, ada):
        change(index, name='<script>alert("1")</script>')
        assert "<script>alert" not in browser(tools).open("/user/Ada/").text

    @pytest.mark.parametrize(
        ("path", "location"),
        [
            ("/user/ada/", "/user/Ada/"),
            ("/user/ADA/", "/user/Ada/"),
            ("/u/ada/", "/user/ada/"),
            ("/u/nobody/", "/user/nobody/"),
            ("/u/a%0D%0Ab/", "/user/a%0D%0Ab/"),
        ],
    )
    def test_other_addresses_lead_to_the_one(self, tools, ada, path, location):
        got = browser(tools).get(path.replace("%0D%0A", "\r\n"))
        assert (got.status, leads_to(got)) == (301, location)

    @pytest.mark.parametrize("name", ["nobody", "a" * 51, "\0", "-", "ünï", "a\r\nb", "%"])
    def test_there_is_no_page_of_anybody_else(self, tools, ada, name):
        path = f"/user/{name}/".encode().decode("latin-1")
        assert browser(tools).get(path).status == 404

    @pytest.mark.parametrize("page", ["0", "-1", "x", "1001", "9" * 400, "٣", "", "1 "])
    def test_a_page_that_is_no_number_is_refused(self, tools, ada, page):
        assert browser(tools).get(f"/user/Ada/?page={quote(page)}").status == 400

    def test_a_long_list_is_shown_in_parts(self, tools, projects, monkeypatch):
        monkeypatch.setattr("warehouse.web.pages.profile.page.PROJECTS", 4)
        stranger = browser(tools)
        first = stranger.open("/user/Ada/")
        assert names(first) == ["fresh", "shared", "bobs", "gone"]
        assert 'rel="next" href="?page=2"' in first.text
        second = stranger.open("/user/Ada/?page=2")
        assert names(second) == ["old", "archived"]
        assert 'rel="next"' not in second.text
        assert "There are no more projects." in stranger.open("/user/Ada/?page=3").text

    def test_search_engines_wait_until_an_account_is_a_month_old(self, index, tools, ada):
        assert browser(tools).open("/user/Ada/").headers["x-robots-tag"] == "noindex"
        with index.work() as work:
            user_named(work.db, "ada").created_at = work.now - timedelta(days=31)
        assert "x-robots-tag" not in browser(tools).open("/user/Ada/").headers

    def test_where_only_some_may_read_a_stranger_learns_not_even_who_exists(self, tools, ada):
        private = {"WAREHOUSE_ACCESS__READ": "signed_in"}
        stranger, hers = browser(tools, **private), browser(tools, **private)
        for name in ("Ada", "ada", "nobody"):
            got = stranger.get(f"/user/{name}/")
            assert (got.status, leads_to(got)) == (303, f"/account/login/?next=%2Fuser%2F{name}%2F")
        hers.sign_in("ada")
        assert hers.open("/user/Ada/").status == 200


class TestSearching:
    def search(self, who, text):
        got = who.get(f"/accounts/search/?username={text}")
        return got.status, [item.text for item in got.page.all("li")] if got.status == 200 else []

    def test_the_first_ten_names_that_begin_so_are_found(self, index, hers):
        for number in range(12):
            index.user(f"Bob{number:02}")
        index.user("b_b")
        assert self.search(hers, "bOB") == (200, [f"Bob{number:02}" for number in range(10)])
        assert self.search(hers, "bob11") == (200, ["Bob11"])
        assert self.search(hers, "b_") == (200, ["b_b"])
        assert self.search(hers, "%25") == (404, [])
        assert self.search(hers, "ob") == (404, [])

    @pytest.mark.parametrize("text", ["", "%20", "a" * 51, "%00"])
    def test_no_beginning_is_refused(self, hers, text):
        assert self.search(hers, text) == (400, [])

    def test_a_stranger_finds_nobody(self, tools, ada):
        got = browser(tools).get("/accounts/search/?username=a")
        assert (got.status, got.headers["www-authenticate"]) == (401, "Session")

    def test_who_asks_too_often_gets_an_empty_list(self, tools, ada):
        hers = browser(tools, WAREHOUSE_LIMITS__PEOPLE_SEARCHES_PER_ADDRESS="2 per hour")
        hers.sign_in("ada")
        assert [self.search(hers, "a") for _ in range(3)] == [(200, ["Ada"]), (200, ["Ada"]), (200, [])]
