"""What is found out about the domains of mail addresses, from a real name server and a real web service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.contracts.name_server import Zones, name_server
from tests.contracts.web_service import WebService, web_service
from warehouse.infra.domains import (
    DnsDomainStatus,
    DnsMailDomains,
    DomainStatus,
    KnownDomainStatus,
    KnownMailDomains,
    MailDomain,
    MailDomains,
    ServiceDomainStatus,
    is_disposable,
    open_domain_status,
    open_mail_domains,
    registrable,
)
from warehouse.settings import BadSettings, load_settings

SOON = timedelta(seconds=5)

RECORDS = {
    "example.org": {
        "NS": ["ns.example.org."],
        "MX": ["20 MX2.Example.org.", "10 mx1.mail.test."],
        "A": ["192.0.2.1"],
    },
    "mx1.mail.test": {"A": ["192.0.2.25"]},
    "mx2.example.org": {"AAAA": ["2001:db8::1"]},
    "25.2.0.192.in-addr.arpa": {"PTR": ["out.Relay.test."]},
    "only-a.test": {"A": ["192.0.2.2"]},
    "only-aaaa.test": {"AAAA": ["2001:db8::2"]},
    "never-sends.test": {"A": ["192.0.2.3"], "TXT": ['"v=spf1 -all"']},
    "sends.test": {"A": ["192.0.2.3"], "TXT": ['"v=spf1 a -all"']},
    "null-mx.test": {"MX": ["0 ."], "A": ["192.0.2.4"]},
    "empty.test": {"TXT": ['"hello"']},
    "registry.test": {"MX": ["10 mx1.mail.test."]},
    "many.test": {"MX": [f"{number} mx{number}.many.test." for number in range(200)]},
    "broken-host.test": {"MX": ["10 broken.test."]},
}


@pytest.fixture
def zones() -> Zones:
    return Zones(RECORDS, broken={"broken.test"}, silent={"silent.test"})


@pytest.fixture
def port(zones: Zones) -> Iterator[int]:
    with name_server(zones) as port:
        yield port


def asking(port: int, seconds: float = 5) -> DnsMailDomains:
    return DnsMailDomains(time_limit=timedelta(seconds=seconds), servers=["127.0.0.1"], port=port)


EXAMPLE = MailDomain(hosts=("mx1.mail.test", "mx2.example.org"), behind=("out.relay.test",))


@pytest.mark.parametrize("form", ["dns", "known"])
def test_where_mail_goes_is_told_by_every_form(form, port):
    domains: MailDomains = asking(port) if form == "dns" else KnownMailDomains({"example.org": EXAMPLE})
    assert domains.look_up("example.org") == EXAMPLE


@pytest.mark.parametrize(
    ("domain", "takes_mail"),
    [
        ("only-a.test", True),
        ("only-aaaa.test", True),
        ("sends.test", True),
        ("registry.test", True),
        ("never-sends.test", False),
        ("null-mx.test", False),
        ("empty.test", False),
        ("nowhere.test", False),
        ("broken.test", True),
        ("a..b", True),
        (f"{'a' * 64}.test", True),
    ],
)
def test_a_domain_takes_mail_unless_the_name_servers_say_otherwise(domain, takes_mail, port):
    assert asking(port).look_up(domain).takes_mail is takes_mail


def test_name_servers_that_say_nothing_speak_for_the_domain_within_the_time(port):
    assert asking(port, 0.3).look_up("silent.test") == MailDomain()


def test_a_mail_host_that_cannot_be_traced_is_told_all_the_same(port):
    assert asking(port).look_up("broken-host.test") == MailDomain(hosts=("broken.test",))


def test_a_domain_with_very_many_mail_hosts_is_asked_a_few_questions(port, zones):
    found = asking(port).look_up("many.test")
    assert found.hosts == tuple(f"mx{number}.many.test" for number in range(50))
    assert len(zones.asked) <= 1 + 1 + 2 * 5  # the answer came in two pieces: by UDP too long, then by TCP


def test_name_servers_are_asked_only_where_the_settings_say_so(tmp_path):
    private = load_settings({"WAREHOUSE_DATA": str(tmp_path)})
    public = load_settings({"WAREHOUSE_DATA": str(tmp_path), "WAREHOUSE_PROFILE": "public"})
    assert isinstance(open_mail_domains(private), KnownMailDomains)
    assert isinstance(open_mail_domains(public), DnsMailDomains)
    assert open_domain_status(private) is None
    assert isinstance(open_domain_status(public), DnsDomainStatus)


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        ("example.org", ("active",)),
        ("registry.test", ("active",)),
        ("empty.test", ("undelegated",)),
        ("nowhere.test", ("undelegated",)),
        ("broken.test", None),
    ],
)
def test_a_domain_that_is_delegated_to_nobody_is_told(domain, words, port):
    status: DomainStatus = DnsDomainStatus(time_limit=SOON, servers=["127.0.0.1"], port=port)
    assert status.of(domain) == words


@pytest.fixture
def service() -> Iterator[WebService]:
    with web_service() as running:
        yield running


def listed(status: object) -> bytes:
    return json.dumps({"status": [{"domain": "example.org", "status": status}]}).encode()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (listed("undelegated Inactive"), ("undelegated", "inactive")),
        (json.dumps({"domain": "example.org", "status": "active"}).encode(), ("active",)),
        (json.dumps({"status": [{"domain": "other.org", "status": "active"}]}).encode(), None),
        (listed(""), None),
        (listed(7), None),
        (b'{"status": []}', None),
        (b'{"status": ["active"]}', None),
        (b"[]", None),
        (b"<html>", None),
        (b"[" * 60_000, None),
        (b"x" * 100_000, None),
    ],
)
def test_a_service_is_believed_when_it_says_something_that_can_be_read(body, words, service):
    service.body = body
    assert ServiceDomainStatus(f"{service.url}/v2/status", time_limit=SOON).of("example.org") == words


def test_a_service_is_asked_with_the_key_and_its_own_parameters(service):
    service.body = listed("active")
    url = f"{service.url}/status?client=us"
    ServiceDomainStatus(url, key=("Fastly-Key", "secret"), time_limit=SOON).of("example.org")
    [asked] = service.asked
    assert asked.path == "/status?client=us&domain=example.org"
    assert asked.headers["fastly-key"] == "secret"


@pytest.mark.parametrize("status", [302, 401, 429, 500])
def test_a_service_in_trouble_tells_nothing(status, service):
    service.status, service.body = status, listed("undelegated")
    assert ServiceDomainStatus(service.url, time_limit=SOON).of("example.org") is None


def test_a_service_that_is_slow_or_away_tells_nothing(service):
    service.pause, service.body = 5, listed("undelegated")
    assert ServiceDomainStatus(service.url, time_limit=timedelta(seconds=0.2)).of("example.org") is None
    assert ServiceDomainStatus("http://127.0.0.1:9", time_limit=SOON).of("example.org") is None


def test_what_is_known_beforehand_is_told():
    assert KnownDomainStatus({"example.org": ("active",)}).of("example.org") == ("active",)
    assert KnownDomainStatus().of("example.org") is None


def test_a_service_needs_an_address(tmp_path):
    settings = load_settings({"WAREHOUSE_DATA": str(tmp_path), "WAREHOUSE_MAIL_DOMAINS__STATUS": "service"})
    with pytest.raises(BadSettings, match=r"set mail_domains.status_url, too"):
        open_domain_status(settings)


@pytest.mark.parametrize(
    ("domain", "registered"),
    [
        ("example.org", "example.org"),
        ("Mail.Example.ORG.", "example.org"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("somebody.github.io", "github.io"),
        ("xn--bcher-kva.example.com", "example.com"),
        ("localhost", "localhost"),
        ("mail.corp", "mail.corp"),
        ("co.uk", "co.uk"),
        ("a.mail.corp", "mail.corp"),
        ("", ""),
    ],
)
def test_a_name_tells_what_of_it_was_registered(domain, registered):
    assert registrable(domain) == registered


@pytest.mark.parametrize(
    ("domain", "disposable"),
    [("mailinator.com", True), ("any.Mailinator.com", True), ("example.org", False), ("com", False), ("", False)],
)
def test_domains_that_are_given_to_anybody_are_known(domain, disposable):
    assert is_disposable(domain) is disposable
