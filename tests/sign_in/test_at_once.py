"""What counts once, used by several at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tests.conftest import MakeIndex
from tests.index import Index
from tests.sign_in.conftest import HOME, MakeAccount
from tests.sign_in.test_resetting import ask
from warehouse.domain.accounts import Device, UserSession
from warehouse.errors import Invalid
from warehouse.operations import devices
from warehouse.operations.passwords import reset_password
from warehouse.operations.sign_in import finish

PEOPLE = 4


def together(act: Callable[[int, threading.Barrier], None]) -> list[str]:
    """What became of it when several do it; they wait for each other at the barrier."""
    outcomes: list[str] = []
    barrier = threading.Barrier(PEOPLE, timeout=30)

    def run(number: int) -> None:
        try:
            act(number, barrier)
            outcomes.append("done")
        except Invalid as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_a_link_resets_one_password(index: Index, account: MakeAccount) -> None:
    ada = account()
    ask(index, "ada")
    token = ada.link()

    def act(number: int, barrier: threading.Barrier) -> None:
        with ada.work() as (work, _):
            barrier.wait()
            new = f"hamster unicycle {number}"
            assert reset_password(work, token, new=new, again=new) == {}

    assert together(act) == ["done"] + ["link_used"] * (PEOPLE - 1)
    assert ada.history("account:password:reset") == ["account:password:reset:request", "account:password:reset"]


def test_a_link_confirms_one_sign_in(account: MakeAccount, index_with: MakeIndex) -> None:
    ada = account(on=index_with(ACCOUNTS__CONFIRM_NEW_DEVICES="yes"))
    with ada.work() as (work, user):
        finish(work, user, method="totp")
    token = ada.link()

    def act(number: int, barrier: threading.Barrier) -> None:
        with ada.work() as (work, _):
            barrier.wait()
            finish(work, devices.confirmed_by(work, token), method="email-confirmation")

    assert together(act) == ["done"] + ["link_used"] * (PEOPLE - 1)
    with ada.work() as (work, _):
        assert work.db.query(UserSession).count() == 1


def test_of_several_tries_from_a_new_address_one_is_new(account: MakeAccount, index_with: MakeIndex) -> None:
    ada = account(on=index_with(ACCOUNTS__CONFIRM_NEW_DEVICES="yes"))

    def act(number: int, barrier: threading.Barrier) -> None:
        with ada.work() as (work, user):
            barrier.wait()
            assert finish(work, user, method="totp").secret is None

    assert together(act) == ["done"] * PEOPLE
    assert len(ada.mails()) == 1 and ada.history("account:login") == ["account:login:new_device"]


def test_the_first_sign_ins_from_an_address_do_not_meet(account: MakeAccount) -> None:
    ada = account()

    def act(number: int, barrier: threading.Barrier) -> None:
        with ada.work() as (work, user):
            barrier.wait()
            assert finish(work, user, method="password").secret is not None

    assert together(act) == ["done"] * PEOPLE
    with ada.work() as (work, _):
        (device,) = work.db.query(Device).all()
        assert (str(device.address), device.status) == (HOME, "confirmed")
