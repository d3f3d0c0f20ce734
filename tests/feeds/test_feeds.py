"""What readers of feeds see: the newest releases, the newest projects, and the releases of one project."""

from datetime import UTC, datetime

import feedparser
import pytest

from tests.builders import wheel
from tests.feeds.conftest import HOST, add_project, add_release, ago, fields, read, tree
from tests.index import basic
from warehouse.domain.packaging import Release
from warehouse.errors import Invalid

SITE = f"http://{HOST}"


def items(index, path, **headers):
    """What the feed holds, each item as a dictionary."""
    return [{part.tag: part.text or "" for part in item} for item in tree(index, path, **headers).iter("item")]


def test_an_upload_is_told_in_all_feeds(index):
    dist = wheel("Demo.Kit", "1.0", summary="A <kit> & more", author_email="Ada <ada@example.com>, bob@example.com")
    assert index.upload(dist, by=index.user("ada")).status == 200
    (update,) = items(index, "/rss/updates.xml")
    published = update.pop("pubDate")
    release = {
        "title": "Demo.Kit 1.0",
        "link": f"{SITE}/project/Demo.Kit/1.0/",
        "description": "A <kit> & more",
        "author": "ada@example.com, bob@example.com",
    }
    assert update == release
    assert published.endswith(" GMT")
    (project,) = items(index, "/rss/packages.xml")
    page = f"{SITE}/project/Demo.Kit/"
    assert project.pop("pubDate") == published
    assert project == {**release, "title": "Demo.Kit added to Warehouse", "link": page, "guid": page}
    (of_the_project,) = items(index, "/rss/project/demo-kit/releases.xml")
    assert of_the_project == {**release, "title": "1.0", "pubDate": published}


def test_channels_say_what_they_are_about(index_with):
    index = index_with(SITE__NAME="Ours & yours", SITE__URL="https://packages.example")
    add_project(index, "Demo")
    for path, title, link in [
        ("/rss/updates.xml", "Ours & yours: latest releases", "https://packages.example/"),
        ("/rss/packages.xml", "Ours & yours: newest projects", "https://packages.example/"),
        (
            "/rss/project/demo/releases.xml",
            "Ours & yours: releases of Demo",
            "https://packages.example/project/Demo/",
        ),
    ]:
        feed = tree(index, path)
        assert (feed.tag, feed.attrib) == ("rss", {"version": "2.0"})
        (channel,) = feed
        told = {part.tag: part.text for part in channel}
        assert (told["title"], told["link"], told["language"]) == (title, link, "en")
        assert told["description"]


def test_the_newest_hundred_releases_come_newest_first(index):
    add_project(index, "demo")
    for number in range(103):
        add_release(index, "demo", f"1.{number}", created_at=ago(minutes=number))
    titles = [item["title"] for item in items(index, "/rss/updates.xml")]
    assert titles == [f"demo 1.{number}" for number in range(100)]
    of_the_project = [item["title"] for item in items(index, "/rss/project/demo/releases.xml")]
    assert of_the_project == [f"1.{number}" for number in range(40)]


def test_the_newest_forty_projects_that_have_a_release_come_with_the_newest_one(index):
    for number in range(45):
        add_project(index, f"demo-{number}", created_at=ago(days=number))
        if number % 10 != 3:
            add_release(index, f"demo-{number}", "1.0", created_at=ago(days=number), summary="the first")
    add_release(index, "demo-7", "0.9", created_at=ago(hours=1), summary="later, though lower")
    told = items(index, "/rss/packages.xml")
    assert [item["title"] for item in told] == [
        f"demo-{number} added to Warehouse" for number in range(45) if number % 10 != 3
    ][:40]
    assert told[6]["description"] == "later, though lower"


@pytest.mark.parametrize("name", ["demo-kit", "Demo.Kit", "DEMO__kit"])
def test_a_project_is_found_by_any_spelling_without_a_redirect(index, name):
    add_project(index, "Demo.Kit")
    assert items(index, f"/rss/project/{name}/releases.xml") == []


@pytest.mark.parametrize("name", ["nobody", "no body", "-", "a" * 10_000, "..", "demo\n", "é"])
def test_what_is_no_project_has_no_feed(index, name):
    answer = index.get(f"/rss/project/{name}/releases.xml", host=HOST)
    assert answer.status == 404
    assert fields(answer)["content-type"] == "text/html; charset=UTF-8"
    assert fields(answer)["access-control-allow-origin"] == "*"


def test_a_project_that_arrives_is_no_longer_missing(index):
    assert index.get("/rss/project/demo/releases.xml", host=HOST).status == 404
    assert index.upload(wheel("demo", "1.0"), by=index.user("ada")).status == 200
    assert len(items(index, "/rss/project/demo/releases.xml")) == 1


@pytest.mark.parametrize(
    ("field", "author"),
    [
        ("ada@example.com", "ada@example.com"),
        ("Ada <ada@example.com>, Bob <bob@example.com>", "ada@example.com, bob@example.com"),
        ("Ada Lovelace", None),
        ("ada@example.com, Bob", None),
        ("", None),
        (None, None),
    ],
)
def test_authors_are_told_only_if_all_of_them_are_addresses(index, field, author):
    add_project(index, "demo")
    add_release(index, "demo", "1.0", author_email=field)
    (item,) = items(index, "/rss/updates.xml")
    assert item.get("author") == author


def test_quarantine_hides_nothing_from_those_who_look_for_malware(index):
    assert index.upload(wheel("demo", "1.0"), by=index.user("ada")).status == 200
    with index.work() as work:
        work.db.query(Release).update({"is_quarantined": True})
    index.change_project("demo", status="quarantined")
    for path in ("/rss/updates.xml", "/rss/packages.xml", "/rss/project/demo/releases.xml"):
        assert len(items(index, path)) == 1


def test_feeds_are_kept_as_long_as_the_public_index_keeps_them(public):
    add_project(public, "demo")
    for path, surrogate_control, key in [
        ("/rss/updates.xml", "max-age=86400, stale-while-revalidate=86400, stale-if-error=432000", "all-projects"),
        ("/rss/packages.xml", "max-age=86400, stale-while-revalidate=86400, stale-if-error=432000", "all-projects"),
        ("/rss/project/Demo/releases.xml", "max-age=86400, stale-if-error=432000", "project/demo"),
    ]:
        answer = public.get(path, host=HOST)
        told = fields(answer)
        assert (answer.status, told["content-type"]) == (200, "text/xml; charset=utf-8")
        assert "cache-control" not in told
        assert (told["surrogate-control"], told["surrogate-key"]) == (surrogate_control, key)
        assert (told["vary"], told["access-control-allow-origin"]) == ("Accept-Encoding", "*")
        again = public.get(path, host=HOST, if_none_match=told["etag"])
        assert (again.status, again.body) == (304, b"")


def test_without_a_profile_clients_ask_each_time(index):
    assert fields(index.get("/rss/updates.xml", host=HOST))["cache-control"] == "no-cache"


def test_links_begin_as_the_client_asked_where_the_settings_do_not_say(index):
    add_project(index, "demo")
    add_release(index, "demo", "1.0")
    for host in ("one.example", "two.example:8080", "[::1]:80"):
        (item,) = items(index, "/rss/updates.xml", host=host)
        assert item["link"] == f"http://{host}/project/demo/1.0/"


@pytest.mark.parametrize("host", ["", "a b", "evil.example/x", "user@evil.example", "a" * 300, 'x"><script>'])
def test_a_host_that_is_none_is_refused(index, host):
    with pytest.raises(Invalid, match="header field Host"):
        index.get("/rss/updates.xml", host=host)


def test_a_private_index_tells_token_holders_only(index_with):
    index = index_with(ACCESS__READ="signed_in")
    token = index.token(index.user("ada"))
    for path in ("/rss/updates.xml", "/sitemap.xml", "/stats/"):
        headers = {"host": HOST, "accept": "application/json"}
        assert index.get(path, **headers).status == 401
        answer = index.get(path, **headers, authorization=basic("__token__", token))
        assert (answer.status, fields(answer)["cache-control"]) == (200, "private, no-cache")
        assert "Authorization" in fields(answer)["vary"]
        assert index.get(path, **headers).status == 401


def test_addresses_beside_the_feeds_are_somebody_elses(index):
    for path in ("/rss/", "/rss/other.xml", "/rss/project/demo/", "/rss/project/a/b/releases.xml"):
        assert not index.doors._doors["rss"].owns(path)
    assert index.get("/rss/updates.xml", method="POST", host=HOST).status == 405
    assert read(index, "/rss/updates.xml", query="x=1") == read(index, "/rss/updates.xml")


def test_a_reader_of_feeds_finds_nothing_to_complain_about(index):
    nasty = 'An & a <b>"bold"</b> ]]> é 𝄞 \x07\x1b\ufffe summary'
    add_project(index, "Demo.Kit", created_at=ago(days=1))
    add_release(index, "Demo.Kit", "1.0", created_at=ago(hours=1), summary=nasty, author_email="Ada <ada@example.com>")
    for path in ("/rss/updates.xml", "/rss/packages.xml", "/rss/project/demo-kit/releases.xml"):
        feed = feedparser.parse(read(index, path).encode(), sanitize_html=False)
        assert (feed.bozo, feed.version, feed.feed.language) == (False, "rss20", "en")
        (entry,) = feed.entries
        assert entry.summary == 'An & a <b>"bold"</b> ]]> é 𝄞  summary'
        assert entry.author == "ada@example.com"
        assert entry.link.startswith(f"{SITE}/project/Demo.Kit/")
        told = datetime(*entry.published_parsed[:6], tzinfo=UTC)
        then = ago(days=1) if "packages" in path else ago(hours=1)
        assert told == then.replace(microsecond=0)
