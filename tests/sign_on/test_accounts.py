"""Which account somebody gets for whom an issuer vouches."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from tests.builders import wheel
from warehouse.domain.accounts import Association, Email, ProhibitedUsername, User
from warehouse.domain.site import FlagName
from warehouse.domain.site.flags import set_flag
from warehouse.errors import Conflict, Invalid, NotAllowed
from warehouse.operations.moderating_people import disable_password, freeze
from warehouse.operations.recovering import complete_recovery, start_recovery
from warehouse.operations.sign_on import Aim, choices, choices_of
from warehouse.operations.sign_on.claims import username_from


def history(way, username: str) -> list[str]:
    with way.index.work() as work:
        user = work.db.scalars(select(User).where(User.username == username)).one()
        query = text("SELECT tag FROM audit_events WHERE subject = :subject ORDER BY id")
        return list(work.db.scalars(query, {"subject": f"account:{user.id}"}))


def address_of(way, username: str) -> tuple[str, bool]:
    with way.index.work() as work:
        query = select(Email.address, Email.is_verified).join(User).where(User.username == username)
        return tuple(work.db.execute(query).one())


def test_a_newcomer_gets_an_account_without_a_password(trip):
    way = trip()
    way.make()
    with way.index.work() as work:
        ada = work.db.scalars(select(User)).one()
        assert (ada.username, ada.name, ada.password_hash) == ("ada", "Ada Lovelace", None)
        assert not ada.is_administrator
    assert address_of(way, "ada") == ("ada@example.com", True)
    [association] = way.associations()
    assert (association.service, association.external_id) == ("oidc:corp", "248289761001")
    assert history(way, "ada") == ["account:create", "account:association:add"]


def test_who_comes_again_is_known_by_sub_whatever_else_has_changed(trip):
    way = trip()
    way.make()
    arrived = way.make(preferred_username="augusta", email="augusta@example.com", name="Augusta")
    assert (arrived.user.username, arrived.is_new) == ("ada", False)
    assert [one.external_username for one in way.associations()] == ["augusta@example.com"]
    assert address_of(way, "ada") == ("ada@example.com", True)


def test_somebody_else_of_the_same_name_is_somebody_else(trip):
    way = trip()
    way.make()
    assert way.make(sub="666", email="ada@elsewhere.example").user.username == "ada-2"


def test_an_address_that_the_issuer_did_not_verify_is_verified_by_mail(trip):
    way = trip()
    way.make(email_verified=False)
    assert address_of(way, "ada") == ("ada@example.com", False)
    del way.local.person["email_verified"]
    way.make(sub="2", email="b@example.com")
    assert address_of(way, "ada-2") == ("b@example.com", False)


@pytest.mark.parametrize("said", ["true", 1, "yes", None])
def test_only_true_is_true(trip, said):
    way = trip()
    way.make(email_verified=said)
    assert address_of(way, "ada") == ("ada@example.com", False)


def test_an_issuer_may_be_trusted_with_addresses(trip):
    way = trip(trust_email=True)
    del way.local.person["email_verified"]
    way.make()
    assert address_of(way, "ada") == ("ada@example.com", True)


def test_an_address_links_to_no_account_by_itself(trip):
    way = trip()
    way.index.user("ada", verified=True)
    with pytest.raises(Conflict, match="sign in to it as before and link it with Corp"):
        way.make()
    assert way.associations() == []


def test_a_verified_address_links_where_the_operator_says_so(trip):
    way = trip(link_by_email=True)
    way.index.user("ada", verified=True)
    arrived = way.make(preferred_username="countess")
    assert (arrived.user.username, arrived.is_new) == ("ada", False)
    assert history(way, "ada")[-2:] == ["account:association:add", "account:email:sent"]


@pytest.mark.parametrize(("verified_there", "verified_here"), [(False, True), (True, False), (False, False)])
def test_an_address_that_one_side_did_not_verify_never_links(trip, verified_there, verified_here):
    """Otherwise whoever writes another's address into their profile, here or there, would be let into an account."""
    way = trip(link_by_email=True)
    way.index.user("ada", verified=verified_here)
    with pytest.raises(Conflict):
        way.make(email_verified=verified_there)


def test_an_address_that_somebody_has_inherited_does_not_link_again(trip):
    way = trip(link_by_email=True)
    way.index.user("ada", verified=True)
    way.make()
    with pytest.raises(Conflict, match="linked with somebody else at Corp"):
        way.make(sub="successor")


def test_registration_may_be_left_to_people(trip):
    way = trip(registration=False)
    with pytest.raises(NotAllowed, match="You have no account here"):
        way.make()
    assert way.users() == []


def test_the_switch_that_closes_registration_closes_this_one_too(trip):
    way = trip()
    with way.index.work() as work:
        set_flag(work.db, FlagName.DISALLOW_NEW_USERS, True)
    with pytest.raises(NotAllowed, match="not opened at present"):
        way.make()


@pytest.mark.parametrize("email", [None, 5, "", "no address", "a@b@c", "ada\n@example.com", ["ada@example.com"]])
def test_an_account_needs_an_address(trip, email):
    way = trip()
    with pytest.raises((NotAllowed, Invalid)):
        way.make(email=email)
    assert way.users() == []


def test_a_frozen_user_stays_out(trip):
    way = trip(roles={"staff": "moderator"}, link_by_email=True)
    ada = way.index.user("ada", verified=True)
    way.make(groups=[])
    with way.index.work() as work:
        freeze(work, work.db.merge(ada))
    arrived = way.make(groups=["staff"])
    assert arrived.user is None and "suspended" in arrived.sentence
    assert history(way, "ada")[-1] == "account:login:failure"
    with way.index.work() as work:
        assert not work.db.scalars(select(User)).one().is_moderator


def test_whose_password_was_taken_away_resets_it_first(trip):
    """Whoever had got hold of the account may have linked one of theirs with it."""
    way = trip(link_by_email=True)
    ada = way.index.user("ada", verified=True)
    way.make()
    with way.index.work() as work:
        disable_password(work, work.db.merge(ada))
    arrived = way.make()
    assert arrived.user is None and "Reset your password first" in arrived.sentence
    with way.index.work() as work:
        work.db.scalars(select(User)).one().password_disabled_for = None
    assert way.make().user is not None


def test_whose_account_is_recovered_links_it_again(trip):
    way = trip(link_by_email=True, roles={"staff": "moderator"})
    way.index.user("ada", verified=True)
    way.make()
    with way.index.work() as work:
        user = work.db.scalars(select(User)).one()
        assert user.is_moderator
        start_recovery(work, user, request_url="https://example.org/help/1")
        complete_recovery(work, user)
        assert not user.is_moderator
    assert way.associations() == []
    assert way.make().user is None


def test_nobody_signs_in_from_a_banned_address(trip):
    way = trip()
    with way.index.work() as work:
        work.db.execute(
            text("INSERT INTO banned_addresses (address, reason, banned_by) VALUES ('192.0.2.7', 'x', 'me')")
        )
    with pytest.raises(NotAllowed, match="network address"):
        way.make()


def test_the_same_name_at_another_issuer_is_somebody_else(trip, local):
    way = trip()
    way.make()
    with way.index.work() as work:
        work.db.execute(text("""UPDATE associations SET details = '{"issuer": "https://former.example.org"}'"""))
    with pytest.raises(NotAllowed, match="is another issuer"):
        way.make()


def test_who_is_signed_in_links_their_account(trip):
    way = trip(registration=False)
    way.index.user("ada", verified=True)
    way.signed_in("ada")
    assert way.make(Aim.CONNECT).user.username == "ada"
    way.secret = None
    assert way.make().user.username == "ada"
    with way.index.work() as work:
        ada = work.db.scalars(select(User)).one()
        assert [choice.name for choice in choices_of(work.db, work.settings, ada)] == ["corp"]
        unsure = trip(confirms=False).index.tools.settings
        assert choices_of(work.db, unsure, ada) == ()
    assert [(choice.name, choice.title) for choice in choices(way.index.tools.settings)] == [
        ("corp", "Corp"),
        ("other", "other"),
    ]


def test_an_account_there_is_linked_with_one_here_and_the_other_way_round(trip):
    way = trip()
    way.make()
    way.index.user("bob", verified=True)
    way.signed_in("bob")
    with pytest.raises(Conflict, match="another account already"):
        way.make(Aim.CONNECT)
    way.make(Aim.CONNECT, sub="bob")
    with pytest.raises(Conflict, match="somebody else at Corp"):
        way.make(Aim.CONNECT, sub="bob's other one")
    with pytest.raises(Conflict, match="your account already"):
        way.make(Aim.CONNECT, sub="bob")


def test_who_is_signed_out_meanwhile_links_nothing(trip):
    way = trip()
    way.index.user("ada", verified=True)
    way.signed_in("ada")
    leaving = way.leave(Aim.CONNECT)
    query = way.at_the_issuer(leaving)
    way.secret = None
    with pytest.raises(Invalid, match="signed out meanwhile"):
        way.come_back(query, leaving.browser)
    assert way.associations() == []


def test_a_second_factor_of_ours_is_asked_for_unless_the_issuer_is_trusted(trip):
    for about, amr, asks in (
        ({}, ["mfa"], True),
        ({"second_factor": "amr"}, ["pwd"], True),
        ({"second_factor": "amr"}, "mfa", True),
        ({"second_factor": "amr"}, ["pwd", 5, "sms"], True),
        ({"second_factor": "amr"}, ["pwd", "otp"], False),
        ({"second_factor": "trusted"}, None, False),
    ):
        way = trip(**about)
        way.make(amr=amr)
        with way.index.work() as work:
            work.db.scalars(select(User)).one().totp_secret = b"x" * 20
        arrived = way.make(amr=amr)
        assert (arrived.asks_for_factor, arrived.is_secured) == (asks, not asks)


def test_who_was_seen_with_a_second_factor_publishes_as_long_as_the_issuer_is_trusted_with_it(trip):
    required = {"ACCESS__REQUIRE_SECOND_FACTOR": "true"}
    way = trip(required, second_factor="amr")
    token = way.index.token(way.make(amr=["mfa"]).user)
    assert way.index.upload(wheel("demo", "1.0"), token=token).status == 200
    unsure = trip(required, second_factor="ask").index
    assert unsure.upload(wheel("demo", "1.1"), token=token).status == 403
    way.make(amr=["pwd"])
    assert way.index.upload(wheel("demo", "1.1"), token=token).status == 403


def test_without_a_second_factor_of_ours_none_is_asked_for(trip):
    arrived = trip().make()
    assert not arrived.asks_for_factor and not arrived.is_secured


def test_passwords_may_be_off_but_never_without_an_issuer(trip, index_with):
    assert trip().index.tools.settings.sign_on.offers_passwords
    assert not trip({"SIGN_ON__PASSWORDS": "off"}).index.tools.settings.sign_on.offers_passwords
    assert index_with(SIGN_ON__PASSWORDS="off").tools.settings.sign_on.offers_passwords


@pytest.mark.parametrize(
    ("claim", "username"),
    [
        ("ada", "ada"),
        ("ada@corp.example", "ada"),
        ("Ada Lovelace", "Ada-Lovelace"),
        ("Zoë Ünïcode", "Zoe-Unicode"),
        ("DOMAIN\\ada", "DOMAIN-ada"),
        ("-._ada_.-", "ada"),
        ("x" * 80, "x" * 50),
        ("x" * 49 + "--y", "x" * 49),
        ("张伟", "user"),
        ("張x", "user-x"),
        ("", "user"),
        ("<script>", "script"),
        ("../../etc", "etc"),
        ("@corp.example", "user"),
    ],
)
def test_a_user_name_is_made_from_what_the_issuer_says(claim, username):
    assert username_from(claim) == username


def test_names_that_are_taken_or_prohibited_get_a_number(trip):
    way = trip()
    with way.index.work() as work:
        work.db.add(ProhibitedUsername(name="root", prohibited_by="me"))
    assert way.make(sub="1", email="1@example.com", preferred_username="ROOT").user.username == "ROOT-2"
    assert way.make(sub="2", email="2@example.com", preferred_username="root").user.username == "root-3"
    assert way.make(sub="5", email="5@example.com", preferred_username="System").user.username == "System-2"
    assert way.make(sub="3", email="3@example.com", preferred_username="x" * 60).user.username == "x" * 50
    assert way.make(sub="4", email="4@example.com", preferred_username="x" * 60).user.username == "x" * 48 + "-2"


def test_a_name_that_would_be_an_address_in_our_mails_is_left_out(trip):
    way = trip()
    way.make(name="click https://evil.example")
    with way.index.work() as work:
        assert work.db.scalars(select(User)).one().name == ""


def test_deleting_the_user_forgets_the_account_there(trip):
    way = trip()
    way.make()
    with way.index.work() as work:
        work.db.delete(work.db.scalars(select(User)).one())
    with way.index.work() as work:
        assert work.db.scalars(select(Association)).all() == []
    assert way.make().is_new
