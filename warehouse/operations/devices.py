"""The network addresses that people sign in from, and whether an account was used from one before.

A code that somebody typed can have been talked out of its owner. So whoever signs in with one from a network address
that the account was never used from shows as well that they read its mail, on a machine at that address.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert

from warehouse.domain.accounts import Device, User
from warehouse.domain.accounts.queries import held_user
from warehouse.errors import Invalid
from warehouse.events import DeviceUnrecognized, tell
from warehouse.events.mail import write
from warehouse.operations import links
from warehouse.operations.links import Purpose, moment
from warehouse.standards.networks import canonical_address
from warehouse.work import Work

PAGE = "/account/confirm-login/"
MAIL_PAUSE = timedelta(minutes=15)
PENDING, CONFIRMED = "pending", "confirmed"


def is_known(work: Work, user: User) -> bool:
    """Whether the account was used from the actor's network address before, or none can be told."""
    address = _address(work)
    if address is None:
        return True
    confirmed = exists().where(Device.user_id == user.id, Device.address == address, Device.status == CONFIRMED)
    return bool(work.db.scalar(select(confirmed)))


def confirm(work: Work, user: User) -> None:
    """From now on the actor's network address is known, for good."""
    address = _address(work)
    if address is None:
        return
    row = insert(Device).values(
        user_id=user.id,
        address=address,
        status=CONFIRMED,
        user_agent=work.actor.user_agent,
        created_at=work.now,
        last_used_at=work.now,
    )
    renewed = {"status": CONFIRMED, "last_used_at": work.now, "user_agent": work.actor.user_agent, "expires_at": None}
    work.db.execute(row.on_conflict_do_update(index_elements=[Device.user_id, Device.address], set_=renewed))


def ask_to_confirm(work: Work, user: User) -> None:
    """Have the user show, by a link in a mail, that it is them at this network address.

    For another try within a quarter of an hour there is no other mail, unless the first one's link has expired.
    """
    device, is_new = _pending(work, user)
    device.last_used_at = work.now
    has_lapsed = device.expires_at is None or device.expires_at <= work.now
    was_just_mailed = device.mailed_at is not None and work.now - device.mailed_at < MAIL_PAUSE
    if was_just_mailed and not has_lapsed:
        return
    device.user_agent = work.actor.user_agent
    device.mailed_at = work.now
    device.expires_at = work.now + work.settings.links.confirm_login
    event = DeviceUnrecognized(user, _link(work, user, device))
    if is_new:
        tell(work, event)
    else:
        write(work, event.letter())


def confirmed_by(work: Work, token: str) -> User:
    """Whose device the link confirms; the address is known from now on.

    Refuses with :class:`Invalid`: link_missing, link_expired, link_invalid, link_used when the user has signed in or
    changed the password since, and link_elsewhere at another network address.
    """
    payload = links.read(work, Purpose.CONFIRM_LOGIN, token)
    user = held_user(work.db, uuid.UUID(payload["user"]))
    device = work.db.get(Device, int(payload["device"]))
    if device is None or user is None or device.user_id != user.id or user.is_frozen:
        raise Invalid("The link is not valid any more. Sign in again.", code="link_invalid")
    if (payload["login"], payload["password"]) != (moment(user.last_login_at), moment(user.password_set_at)):
        raise Invalid("The link was used, or you signed in since. Sign in again.", code="link_used")
    if _address(work) != canonical_address(str(device.address).partition("/")[0]):
        raise Invalid(
            "The link only works from the network address where signing in began. Open it there, or sign in here.",
            code="link_elsewhere",
        )
    confirm(work, user)
    return user


def forget_all(work: Work, user: User) -> None:
    """No network address counts as known for this user any more."""
    work.db.execute(delete(Device).where(Device.user_id == user.id))


def _pending(work: Work, user: User) -> tuple[Device, bool]:
    """The row of this address, held until the transaction ends, and whether it is new."""
    row = insert(Device).values(
        user_id=user.id, address=_address(work), status=PENDING, created_at=work.now, last_used_at=work.now
    )
    new_id = work.db.scalar(row.on_conflict_do_nothing().returning(Device.id))
    query = select(Device).where(Device.user_id == user.id, Device.address == _address(work))
    return work.db.scalars(query.with_for_update()).one(), new_id is not None


def _link(work: Work, user: User, device: Device) -> str:
    token = links.sign(
        work.tools.secret,
        Purpose.CONFIRM_LOGIN,
        user=user.id,
        device=device.id,
        login=moment(user.last_login_at),
        password=moment(user.password_set_at),
    )
    return f"{work.settings.public_url}{PAGE}?token={token}"


def _address(work: Work) -> str | None:
    """Where the actor is; None for an operator's shell, and behind a server that does not tell."""
    return canonical_address(work.actor.address)
