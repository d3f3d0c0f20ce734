"""Names and domains that nobody registers with."""

from __future__ import annotations

import pytest

from tests.account.people import Door, door
from warehouse.errors import Conflict, Invalid, NotAllowed, NotFound
from warehouse.operations import prohibitions
from warehouse.work import OPERATOR


@pytest.fixture
def at(index) -> Door:
    return door(index)


def test_a_name_is_prohibited_listed_and_permitted_again(at):
    with at.work(OPERATOR) as work:
        prohibitions.prohibit_username(work, "Admin", comment=" ours ")
        [found] = prohibitions.prohibited_usernames(work)
        assert (found.name, found.comment, found.prohibited_by) == ("admin", "ours", "operator")
        with pytest.raises(Conflict, match="prohibited already"):
            prohibitions.prohibit_username(work, "ADMIN")
        prohibitions.permit_username(work, "aDmin")
        assert prohibitions.prohibited_usernames(work) == []
        with pytest.raises(NotFound, match="is not prohibited"):
            prohibitions.permit_username(work, "admin")
    assert at.history() == ["site:prohibition:add", "site:prohibition:remove"]


@pytest.mark.parametrize(
    ("domain", "mail_hosts", "kept"),
    [
        ("Mail.Example.ORG.", False, "example.org"),
        ("example.co.uk", False, "example.co.uk"),
        ("bücher.example", False, "xn--bcher-kva.example"),
        ("mx.example.org", True, "mx.example.org"),
        ("corp", False, "corp"),
    ],
)
def test_of_a_domain_what_was_registered_counts(domain, mail_hosts, kept, at):
    with at.work(OPERATOR) as work:
        prohibitions.prohibit_domain(work, domain, mail_hosts=mail_hosts)
        [found] = prohibitions.prohibited_domains(work)
        assert (found.domain, found.is_mx) == (kept, mail_hosts)
        with pytest.raises(Conflict, match="prohibited already"):
            prohibitions.prohibit_domain(work, domain, mail_hosts=mail_hosts)
        prohibitions.permit_domain(work, domain)
        assert prohibitions.prohibited_domains(work) == []


@pytest.mark.parametrize(
    "domain", ["", "a b", "ada@example.org", "..", "x" * 64, "a." * 130 + "org", "ü" * 99, "\ud800"]
)
def test_what_is_no_domain_is_not_prohibited(domain, at):
    with at.work(OPERATOR) as work, pytest.raises(Invalid, match="is not a domain"):
        prohibitions.prohibit_domain(work, domain)


@pytest.mark.parametrize("name", ["", "-", "a b", "x" * 51, "ö"])
def test_what_is_no_name_is_not_prohibited(name, at):
    with at.work(OPERATOR) as work, pytest.raises(Invalid, match="is not a username"):
        prohibitions.prohibit_username(work, name)


def test_only_those_who_run_the_index_prohibit(at, index):
    moderator = index.actor(index.user("mod"))
    for operation in (
        lambda work: prohibitions.prohibit_username(work, "x1"),
        lambda work: prohibitions.permit_username(work, "x1"),
        lambda work: prohibitions.prohibit_domain(work, "example.org"),
        lambda work: prohibitions.permit_domain(work, "example.org"),
        prohibitions.prohibited_usernames,
        prohibitions.prohibited_domains,
    ):
        with at.work(moderator) as work, pytest.raises(NotAllowed):
            operation(work)
