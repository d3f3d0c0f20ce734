"""The small texts at well-known addresses."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from tests.feeds.conftest import HOST, fields, read
from warehouse.api.texts import NOT_FOR_CRAWLERS
from warehouse.errors import Invalid

PUBLIC = {"PROFILE": "public", "SITE__URL": "https://index.example"}
NOBODY = ["User-agent: *", "Disallow: /"]
FOR_CRAWLERS = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_CRAWLERS)]


@pytest.mark.parametrize(
    ("given", "host", "rules"),
    [
        ({}, "index.example", NOBODY),
        ({"SITE__URL": "https://index.example"}, "index.example", NOBODY),
        ({"PROFILE": "public"}, "index.example", NOBODY),
        (PUBLIC, "other.example", NOBODY),
        (PUBLIC, "index.example:8080", NOBODY),
        (PUBLIC, "index.example", FOR_CRAWLERS),
        (PUBLIC, "INDEX.example", FOR_CRAWLERS),
    ],
)
def test_crawlers_are_welcome_on_a_public_index_under_its_own_name_only(index_with, given, host, rules):
    lines = read(index_with(**given), "/robots.txt", host=host).splitlines()
    assert lines[0] == f"Sitemap: {given.get('SITE__URL', f'http://{host}')}/sitemap.xml"
    assert lines[1:] == ["", *rules]


def test_the_answer_for_one_host_is_not_given_to_another(index_with):
    index = index_with(**PUBLIC)
    for _ in range(2):
        assert "Disallow: /simple/" in read(index, "/robots.txt", host="index.example")
        assert "Disallow: /\n" in read(index, "/robots.txt", host="other.example")


def test_what_the_public_index_closes_to_crawlers_is_closed_here():
    assert NOT_FOR_CRAWLERS[:12] == (
        "/simple/", "/packages/", "/_includes/authed/", "/project/*/submit-malware-report/", "/pypi/*/json",
        "/pypi/*/*/json", "/pypi*?", "/search*", "/_/", "/integrity/", "/account/", "/admin/",
    )  # fmt: skip


def test_browsers_learn_how_to_search(index_with):
    index = index_with(SITE__NAME='Our "very" long & winding name')
    told = ElementTree.fromstring(read(index, "/opensearch.xml"))
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert told.findtext(f"{space}ShortName") == 'Our "very" long '
    assert [dict(url.attrib) for url in told.findall(f"{space}Url")] == [
        {"type": "text/html", "template": f"http://{HOST}/search/?q={{searchTerms}}"},
        {"type": "application/json", "template": f"http://{HOST}/api/search/?q={{searchTerms}}&page={{startPage?}}"},
        {
            "type": "application/x-suggestions+json",
            "rel": "suggestions",
            "template": f"http://{HOST}/search/suggestions/?q={{searchTerms}}",
        },
        {
            "type": "application/opensearchdescription+xml",
            "rel": "self",
            "template": f"http://{HOST}/opensearch.xml",
        },
    ]


def test_whoever_found_a_weakness_learns_where_to_report_it(index_with):
    index = index_with(
        SITE__URL="https://index.example",
        SITE__SECURITY_CONTACT="security@example.org",
        SITE__SECURITY_POLICY="https://example.org/security/#policy",
    )
    lines = read(index, "/.well-known/security.txt").splitlines()
    expires = lines.pop(1).removeprefix("Expires: ")
    assert lines == [
        "Contact: mailto:security@example.org",
        "Preferred-Languages: en",
        "Canonical: https://index.example/.well-known/security.txt",
        "Policy: https://example.org/security/#policy",
    ]
    left = datetime.strptime(expires, "%Y-%m-%dT%H:%M:%S.000Z").replace(tzinfo=UTC) - datetime.now(UTC)
    # RFC 9116: "It is RECOMMENDED that the value of this field be less than a year into the future".
    assert timedelta(days=363) < left <= timedelta(days=365)


def test_without_a_policy_of_its_own_an_index_has_ours(index_with):
    index = index_with(SITE__SECURITY_CONTACT="security@example.org")
    assert f"Policy: http://{HOST}/security/" in read(index, "/.well-known/security.txt").splitlines()


def test_the_funding_manifest_is_named_letter_by_letter(index_with):
    index = index_with(SITE__FUNDING_MANIFEST="https://example.org/funding.json/")
    assert read(index, "/.well-known/funding-manifest-urls") == "https://example.org/funding.json/\n"


@pytest.mark.parametrize("path", ["security.txt", "funding-manifest-urls", "other", ""])
def test_what_the_settings_do_not_say_is_not_there(index, path):
    assert not index.doors._doors[".well-known"].owns(f"/.well-known/{path}")


def test_everybody_reads_them_on_a_private_index(index_with):
    index = index_with(ACCESS__READ="signed_in", SITE__SECURITY_CONTACT="security@example.org")
    for path in ("/robots.txt", "/opensearch.xml", "/.well-known/security.txt"):
        for _ in range(2):
            read(index, path)
    assert index.get("/sitemap.xml", host=HOST).status == 401


def test_texts_are_kept_as_long_as_the_public_index_keeps_them(index_with):
    index = index_with(
        **PUBLIC,
        SITE__SECURITY_CONTACT="security@example.org",
        SITE__FUNDING_MANIFEST="https://example.org/funding.json",
        CDN__BACKEND="fastly",
        CDN__FASTLY_SERVICE="service",
        CDN__FASTLY_TOKEN="token",
    )
    for path, content_type in [
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/opensearch.xml", "text/xml; charset=utf-8"),
        ("/.well-known/security.txt", "text/plain; charset=utf-8"),
        ("/.well-known/funding-manifest-urls", "text/plain; charset=utf-8"),
    ]:
        told = fields(index.get(path, host="index.example"))
        assert (told["content-type"], told["cache-control"]) == (content_type, "max-age=86400, public")
        assert told["surrogate-control"] == "max-age=86400, stale-while-revalidate=21600, stale-if-error=86400"
        assert "surrogate-key" not in told
        assert index.get(path, host="index.example", if_none_match=told["etag"]).status == 304


def test_uploads_do_not_make_them_anew(index):
    before = read(index, "/robots.txt")
    kept = len(index.cache)
    index.cache.drop("demo")
    index.cache.drop("")
    assert (len(index.cache), read(index, "/robots.txt")) == (kept, before)


def test_a_host_that_is_none_is_refused(index):
    for host in ("", "a b", "x\r\nDisallow:"):
        with pytest.raises(Invalid):
            index.get("/robots.txt", host=host)
