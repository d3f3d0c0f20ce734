"""The answers to frequent questions."""

from __future__ import annotations

from tests.web.client import site

# Other pages and clients link to these.
ANCHORS = """
    packages installing publishing trove-classifier yanked archived-project pre-release-versioning verified-email
    compromised-password suspicious-activity compromised-token twofa totp utfkey utfdevices recoverycodes apitoken
    sensitiveactions username-change trusted-publishers APIs mirroring project-release-notifications statistics
    verify-hashes private-indices project-name project-name-claim collaborator-roles request-ownership
    description-content-type file-size-limit project-size-limit vulnerability-data deletion
    description-render-failure uploading login-problem account-recovery invalid-auth tls-deprecation accessibility
    admin-intervention file-name-reuse new-classifier feedback totp_trouble project_in_quarantine maintainers
    sponsors availability contributing upcoming-changes ips beta-badge pronunciation
"""


def test_every_anchor_that_others_link_to_is_there(tools):
    page = site(tools).get("/help/").page
    ids = [element.attributes["id"] for element in page.elements if element.attributes.get("id")]
    assert set(ANCHORS.split()) <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_contents_lead_to_every_answer_in_order(tools):
    page = site(tools).get("/help/").page
    headings = [element for element in page.elements if element.tag in ("h2", "h3") and element.attributes.get("id")]
    ids = [f"#{heading.attributes['id']}" for heading in headings]
    links = [link.attributes["href"] for link in page.all("a")]
    begin = links.index(ids[0])
    assert links[begin : begin + len(ids)] == ids
    assert len(ids) > len(ANCHORS.split())


def test_links_within_the_help_lead_somewhere(tools):
    page = site(tools).get("/help/").page
    ids = {element.attributes.get("id") for element in page.elements}
    links = [link.attributes["href"] or "" for link in page.all("a")]
    assert {link[1:] for link in links if link.startswith("#")} <= ids


def test_it_says_what_holds_for_this_index(tools):
    usual = site(tools).get("/help/").text
    assert "100 MiB" in usual and "10 GiB" in usual and "does not ask again for 30 minutes" in usual
    assert "days old: publish a new version" not in usual and "local part" not in usual
    public = site(
        tools,
        WAREHOUSE_PROFILE="public",
        WAREHOUSE_SITE__URL="https://index.example",
        WAREHOUSE_UPLOAD__MAX_FILE_SIZE="250 MiB",
        WAREHOUSE_MAIL__SUPPORT="help@example.org",
        WAREHOUSE_NAMESPACES__ENABLED="true",
    ).get("/help/").text  # fmt: skip
    for said in (
        "250 MiB", "more than 14 days old", "local part", "auditwheel", "20 projects in 1 hour",
        "30000 times in 1 minute", "mailto:help@example.org", "https://index.example/legacy/", "PEP 752",
    ):  # fmt: skip
        assert said in public


def test_whoever_needs_a_token_to_read_learns_it(tools):
    private = site(tools, WAREHOUSE_ACCESS__READ="signed_in").get("/help/")
    assert private.status == 200
    assert "Reading this index takes an" in private.text
