"""What crawlers are told of: every page that is old enough, in the same list for good."""

import hashlib
from datetime import UTC, datetime

import pytest

from tests.feeds.conftest import HOST, add_project, add_user, ago, fields, read, tree
from warehouse.operations.projects import find_project, remove_project
from warehouse.standards import sitemap as standard

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def bucket_of(name):
    return hashlib.sha512(name.encode()).hexdigest()[:2]


def addresses(index, path, **headers):
    return [element.text for element in tree(index, path, **headers).iter(f"{SPACE}loc")]


def same_bucket(count, *, of="demo"):
    """Names that share a bucket."""
    candidates = (f"{of}-{number}" for number in range(100_000))
    wanted = bucket_of(of)
    return [name for name in candidates if bucket_of(name) == wanted][:count]


def test_every_old_page_is_in_exactly_the_list_that_its_name_says(index):
    for number in range(30):
        add_project(index, f"Project.{number}", created_at=ago(days=20))
        add_user(index, f"User-{number}", created_at=ago(days=20))
    lists = addresses(index, "/sitemap.xml")
    assert lists == sorted(set(lists))
    listed = {}
    for address in lists:
        path = address.removeprefix(f"http://{HOST}")
        for page in addresses(index, path):
            assert page not in listed
            listed[page] = path
    expected = {f"http://{HOST}/project/Project.{n}/": f"/{bucket_of(f'Project.{n}')}.sitemap.xml" for n in range(30)}
    expected |= {f"http://{HOST}/user/User-{n}/": f"/{bucket_of(f'User-{n}')}.sitemap.xml" for n in range(30)}
    assert listed == expected


def test_what_is_younger_than_two_weeks_is_not_listed(index):
    old, young, user = same_bucket(3)
    add_project(index, old, created_at=ago(days=15))
    add_project(index, young, created_at=ago(days=13))
    add_user(index, user, created_at=ago(days=13))
    path = f"/{bucket_of(old)}.sitemap.xml"
    assert addresses(index, path) == [f"http://{HOST}/project/{old}/"]
    (changed_at,) = [element.text for element in tree(index, "/sitemap.xml").iter(f"{SPACE}lastmod")]
    assert datetime.strptime(changed_at, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC) == ago(days=15).replace(microsecond=0)


def test_addresses_are_sorted_and_projects_come_first(index):
    names = same_bucket(8)
    for name in reversed(names[:4]):
        add_project(index, name, created_at=ago(days=15))
    for name in reversed(names[4:]):
        add_user(index, name, created_at=ago(days=15))
    listed = addresses(index, f"/{bucket_of('demo')}.sitemap.xml")
    assert listed == sorted(listed)
    assert len(listed) == 8


def test_a_list_that_would_be_too_long_is_cut(index, monkeypatch):
    monkeypatch.setattr("warehouse.api.sitemaps.MOST_URLS", 3)
    for name in same_bucket(5):
        add_project(index, name, created_at=ago(days=15))
    assert len(addresses(index, f"/{bucket_of('demo')}.sitemap.xml")) == 3
    assert standard.MOST_URLS == 50_000


def test_a_list_with_nothing_on_it_is_not_there(index):
    assert addresses(index, "/sitemap.xml") == []
    assert index.get("/00.sitemap.xml", host=HOST).status == 404
    for path in ("/0.sitemap.xml", "/000.sitemap.xml", "/zz.sitemap.xml", "/AA.sitemap.xml", "/sitemap.xml/"):
        segment = path.strip("/")
        door = index.doors._doors.get(segment)
        assert door is None or not door.owns(path)


def test_addresses_begin_as_the_settings_say(public):
    add_project(public, "demo", created_at=ago(days=15))
    (one,) = addresses(public, "/sitemap.xml", host="other.example")
    assert one == f"https://{HOST}/{bucket_of('demo')}.sitemap.xml"


def test_sitemaps_are_kept_as_long_as_the_public_index_keeps_them(public):
    add_project(public, "demo", created_at=ago(days=15))
    for path in ("/sitemap.xml", f"/{bucket_of('demo')}.sitemap.xml"):
        told = fields(public.get(path, host=HOST))
        assert told["cache-control"] == "max-age=3600, public"
        assert told["surrogate-control"] == "max-age=86400, stale-while-revalidate=21600, stale-if-error=86400"
        assert (told["surrogate-key"], told["vary"]) == ("all-projects", "Accept-Encoding")


@pytest.mark.parametrize("name", ["a", "Demo", "x.y_z-1", "0"])
def test_the_database_puts_a_name_where_everybody_else_would(index, name):
    add_project(index, name, created_at=ago(days=15))
    add_user(index, name, created_at=ago(days=15))
    assert len(addresses(index, f"/{bucket_of(name)}.sitemap.xml")) == 2


def test_a_project_that_goes_is_no_longer_listed(index):
    add_project(index, "demo", created_at=ago(days=15))
    path = f"/{bucket_of('demo')}.sitemap.xml"
    assert "demo" in read(index, path)
    with index.work() as work:
        remove_project(work, find_project(work, "demo"))
    assert index.get(path, host=HOST).status == 404
