"""The terms of service: who was told of the present revision, and who has read it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from warehouse.authz import Permission, require
from warehouse.domain.accounts import Email, TermsEngagement, User
from warehouse.domain.site import once
from warehouse.errors import NotFound
from warehouse.events.mail import Letter, write
from warehouse.infra.jobs import job
from warehouse.work import Work

TOLD_FOR = timedelta(days=30)
"""How long, from the first word on, people are told at each sign-in."""

LOOK_AGAIN_AFTER = timedelta(hours=1)
_ALL_TOLD = "terms-all-told"


class Engagement(StrEnum):
    """What somebody has to do with a revision."""

    FLASHED = "flashed"  # told when they signed in
    NOTIFIED = "notified"  # by mail
    VIEWED = "viewed"
    AGREED = "agreed"


def due(work: Work, user: User) -> bool:
    """Whether somebody who has just signed in should be told of the terms; they count as told then."""
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    revision = _revision(work)
    if revision is None:
        return False
    mine = select(TermsEngagement).where(TermsEngagement.user_id == user.id, TermsEngagement.revision == revision)
    known = work.db.scalars(mine).all()
    if any(one.engagement in (Engagement.VIEWED, Engagement.AGREED) for one in known):
        return False
    if any(one.at < work.now - TOLD_FOR for one in known):
        return False
    _note(work, user, revision, Engagement.FLASHED)
    return True


def agree(work: Work, user: User) -> None:
    """Note that somebody who opened an account agreed to the terms, as the page said they would, if there are any."""
    revision = _revision(work)
    if revision is not None:
        _note(work, user, revision, Engagement.AGREED)


def view(work: Work, user: User | None) -> str:
    """Where the terms are; whoever is signed in counts as having read them. :class:`NotFound` when there are none."""
    revision, url = _revision(work), work.settings.terms.url
    if revision is None or url is None:
        raise NotFound("This index has no terms of service.")
    if user is not None:
        require(work.actor, Permission.MANAGE_ACCOUNT, user)
        _note(work, user, revision, Engagement.VIEWED)
    return url


@job(queue="mail", unique=True)
def tell_of_terms(work: Work) -> None:
    """Write to the next people who have a verified address and were not told of the present revision.

    When nobody was left, nobody is looked for during the next hour: it would mean to look at everybody.
    """
    revision, terms = _revision(work), work.settings.terms
    if revision is None or not terms.batch or once.look(work.db, _ALL_TOLD, revision, now=work.now) is not None:
        return
    people = _not_told(work, revision, terms.batch)
    context = {"revision": revision, "url": terms.url}
    for user in people:
        # Another worker may still be at it since the minute before: whoever notes it first writes.
        if _note(work, user, revision, Engagement.NOTIFIED):
            write(work, Letter("user-terms-of-service-updated", user, context=context))
    if len(people) < terms.batch:
        once.put(work.db, _ALL_TOLD, {}, until=work.now + LOOK_AGAIN_AFTER, key=revision)


def _revision(work: Work) -> str | None:
    """The present revision, when there is one that can be read."""
    return work.settings.terms.revision if work.settings.terms.url is not None else None


def _not_told(work: Work, revision: str, most: int) -> list[User]:
    told = exists().where(
        TermsEngagement.user_id == User.id,
        TermsEngagement.revision == revision,
        TermsEngagement.engagement.in_((Engagement.NOTIFIED, Engagement.AGREED)),
    )
    reachable = exists().where(Email.user_id == User.id, Email.is_primary, Email.is_verified)
    query = select(User).where(reachable, ~told).order_by(User.id).limit(most).options(selectinload(User.emails))
    return list(work.db.scalars(query))


def _note(work: Work, user: User, revision: str, engagement: Engagement) -> bool:
    """Whether this is new; of two that note the same at once, the second waits for the first."""
    row = {"user_id": user.id, "revision": revision, "engagement": engagement.value, "at": work.now}
    noted = insert(TermsEngagement).values(row).on_conflict_do_nothing().returning(TermsEngagement.id)
    return work.db.scalar(noted) is not None
