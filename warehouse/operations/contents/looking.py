"""Looking into a file: what is known of it, and having it unpacked when nobody has looked yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from warehouse.domain.packaging import contents
from warehouse.domain.packaging.contents import Contents, ContentState, ContentText, Inside, Member
from warehouse.errors import NotFound
from warehouse.infra.jobs import enqueue
from warehouse.operations import limits
from warehouse.operations.contents.texts import unpacked_text
from warehouse.operations.contents.unpacking import unpack_contents
from warehouse.standards.names import normalize
from warehouse.work import Work

ASKED_AGAIN = timedelta(minutes=10)  # after which a job that has not come is given up for lost
LOOKED = timedelta(hours=1)  # how exactly it is written down when somebody looked last


@dataclass(frozen=True)
class Look:
    """What is known of the inside of a file; ``problem`` is the sentence why it is not shown."""

    file: Inside
    state: ContentState
    problem: str = ""

    @property
    def is_unpacked(self) -> bool:
        """Whether its members are there."""
        return self.state is ContentState.UNPACKED


def require_file(work: Work, name: str, filename: str) -> Inside:
    """The file of this project; refuses with :class:`NotFound` what is not there or shown to nobody."""
    can_be = work.settings.contents.enabled and "\0" not in name + filename
    found = contents.file_inside(work.db, normalize(name), filename) if can_be else None
    if found is None:
        raise NotFound("There is no such file here whose contents could be shown.", code="no_such_file")
    return found


def look(work: Work, files: Sequence[Inside]) -> list[Look]:
    """What is known of each file. Those that nobody has looked into are unpacked by a job.

    Refuses with :class:`TooMany` when too many come from one address that nobody has looked into.
    """
    query = select(Contents).where(Contents.file_id.in_([file.id for file in files]))
    known = {row.file_id: row for row in work.db.scalars(query)}
    return [_look(work, file, known.get(file.id)) for file in files]


def members_of(work: Work, file: Inside) -> Sequence[Member]:
    """What is in a file that is unpacked, by path."""
    return contents.members_of(work.db, file.id)


def texts_of(work: Work, digests: Iterable[bytes]) -> dict[bytes, str]:
    """The texts by the digests of their members, in one statement; those that were forgotten meanwhile are missing."""
    query = select(ContentText.digest, ContentText.body).where(ContentText.digest.in_(list(digests)))
    return {digest: unpacked_text(body) for digest, body in work.db.execute(query)}


def _look(work: Work, file: Inside, known: Contents | None) -> Look:
    if file.size > work.settings.contents.max_file_size:
        return Look(file, ContentState.REFUSED, "It is too large to be looked into here.")
    if known is None or (known.state == ContentState.WAITING and known.asked_at < work.now - ASKED_AGAIN):
        _ask(work, file)
        return Look(file, ContentState.WAITING)
    if known.looked_at < work.now - LOOKED:
        work.db.execute(update(Contents).where(Contents.file_id == file.id).values(looked_at=work.now))
    return Look(file, ContentState(known.state), known.problem)


def _ask(work: Work, file: Inside) -> None:
    limits.reserve(work, limits.unpacking(work))
    row = insert(Contents).values(
        file_id=file.id, state=ContentState.WAITING.value, asked_at=work.now, looked_at=work.now
    )
    work.db.execute(row.on_conflict_do_update(index_elements=[Contents.file_id], set_={"asked_at": work.now}))
    enqueue(work.db, unpack_contents, file_id=file.id)
