"""What people say about themselves, and what they cannot say."""

from __future__ import annotations

import pytest

from warehouse.domain.accounts import user_named
from warehouse.domain.audit import AuditEvent
from warehouse.errors import Invalid, NotAllowed
from warehouse.infra.time_zones import time_zone, time_zones
from warehouse.operations import profile


@pytest.fixture
def ada(index):
    """Somebody with a verified address, and one that is not."""
    return index.user("ada", verified=True)


def change(index, user, operation, *values, actor=None, **named):
    with index.work(actor or index.actor(user)) as work:
        operation(work, user_named(work.db, user.username), *values, **named)


def told(index):
    with index.work() as work:
        rows = work.db.query(AuditEvent).filter(AuditEvent.tag == "account:profile:change").order_by(AuditEvent.id)
        return [row.details for row in rows]


def seen(index, column, name="ada"):
    with index.work() as work:
        return getattr(user_named(work.db, name), column)


def test_a_name_is_set_and_both_names_are_kept_in_the_history(index, ada):
    change(index, ada, profile.set_name, "  Ada Lovelace ")
    assert seen(index, "name") == "Ada Lovelace"
    change(index, ada, profile.set_name, "Ada Lovelace")
    change(index, ada, profile.set_name, "")
    assert seen(index, "name") == ""
    assert told(index) == [
        {"name": "Ada Lovelace", "former_name": ""},
        {"name": "", "former_name": "Ada Lovelace"},
    ]


@pytest.mark.parametrize("name", ["x" * 100, "Åsa Ñandú", "李四", "O’Neill, Jr.", "a:b//c"])
def test_names_are_people_s_own_affair(index, ada, name):
    change(index, ada, profile.set_name, name)
    assert seen(index, "name") == name


@pytest.mark.parametrize("name", ["x" * 101, "Win at https://evil.example", "a\0b", "a\nb", "a\u202eb", "a\u2028b"])
def test_a_name_that_is_no_name_is_refused_and_changes_nothing(index, ada, name):
    with pytest.raises(Invalid) as refused:
        change(index, ada, profile.set_name, name)
    assert refused.value.code == "bad_name"
    assert (seen(index, "name"), told(index)) == ("", [])


def test_a_verified_address_is_shown_and_hidden_again(index, ada):
    change(index, ada, profile.set_public_email, "ADA@example.com")
    assert [email.is_public for email in public(index)] == [True]
    change(index, ada, profile.set_public_email, "ada@example.com")
    change(index, ada, profile.set_public_email, None)
    assert [email.is_public for email in public(index)] == [False]
    assert told(index) == [
        {"public_email": "ada@example.com", "former_public_email": None},
        {"public_email": None, "former_public_email": "ada@example.com"},
    ]


@pytest.mark.parametrize("address", ["eve@example.com", "nobody@example.com", "bob@example.com", "\0"])
def test_only_one_s_own_verified_address_can_be_shown(index, ada, address):
    index.user("eve")
    index.user("bob", verified=True)
    with pytest.raises(Invalid, match="verified address of your own"):
        change(index, ada, profile.set_public_email, address)
    assert [email.is_public for email in public(index)] == [False]


def test_an_address_that_is_not_verified_cannot_be_shown(index):
    eve = index.user("eve")
    with pytest.raises(Invalid, match="Verify it first"):
        change(index, eve, profile.set_public_email, "eve@example.com")


def test_language_and_time_zone_are_chosen_and_left_open_again(index, ada):
    change(index, ada, profile.set_preferences, language="en", time_zone="Europe/Vienna")
    assert (seen(index, "language"), seen(index, "time_zone")) == ("en", "Europe/Vienna")
    change(index, ada, profile.set_preferences, language=None, time_zone=None)
    assert (seen(index, "language"), seen(index, "time_zone")) == (None, None)
    assert told(index) == []


@pytest.mark.parametrize(
    ("language", "zone", "code"),
    [
        ("xx", None, "bad_language"), ("../en", None, "bad_language"), ("", None, "bad_language"),
        (None, "Mars/Olympus", "bad_time_zone"), (None, "/etc/passwd", "bad_time_zone"), (None, "", "bad_time_zone"),
        (None, "Europe/../Europe/Vienna", "bad_time_zone"), (None, "EST5EDT", "bad_time_zone"),
    ],
)  # fmt: skip
def test_what_the_index_does_not_know_cannot_be_chosen(index, ada, language, zone, code):
    with pytest.raises(Invalid) as refused:
        change(index, ada, profile.set_preferences, language=language, time_zone=zone)
    assert refused.value.code == code
    assert (seen(index, "language"), seen(index, "time_zone")) == (None, None)


@pytest.mark.parametrize(
    ("operation", "named"),
    [
        (profile.set_name, {"name": "Eve"}),
        (profile.set_public_email, {"address": "ada@example.com"}),
        (profile.set_preferences, {"language": "en", "time_zone": "UTC"}),
    ],
)
def test_nobody_speaks_for_somebody_else(index, ada, operation, named):
    for actor in (index.actor(index.user("eve")), index.actor(index.user("root", administrator=True))):
        with pytest.raises(NotAllowed):
            change(index, ada, operation, actor=actor, **named)
    assert (seen(index, "name"), seen(index, "language"), told(index)) == ("", None, [])


def test_time_zones_are_places_and_an_unknown_one_is_utc():
    assert time_zones()[0] == "UTC"
    assert {name.partition("/")[0] for name in time_zones()} <= {
        "UTC", "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian",
        "Pacific",
    }  # fmt: skip
    assert str(time_zone("Europe/Vienna")) == "Europe/Vienna"
    assert [str(time_zone(name)) for name in (None, "UTC", "Mars/Olympus", "/etc/passwd", "")] == ["UTC"] * 5


def public(index):
    with index.work() as work:
        user = user_named(work.db, "ada")
        assert user is not None
        return list(user.emails)
