"""What changed between two releases: their files in pairs, the members of a pair, and how many lines of each."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from warehouse.domain.packaging import contents
from warehouse.domain.packaging.contents import ContentComparison, Contents, ContentState, Inside, Member, MemberKind
from warehouse.errors import Unavailable
from warehouse.infra.jobs import enqueue, job
from warehouse.operations import limits
from warehouse.operations.contents import apart
from warehouse.operations.contents.looking import texts_of
from warehouse.standards.members import lasting_paths
from warehouse.work import SYSTEM, Work, begin

COUNTED_BY = 1  # raised when counting changes
NOT_YET = 0  # counted by nothing so far
TIME_FOR_ALL = 30.0  # seconds, after which the numbers of the members that are left are not told
LARGEST_COUNTED = 8 * 1024**2  # bytes of texts that are read at once
MOST_COUNTED = 2000  # members


class Change(StrEnum):
    """What became of a member."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Pair:
    """A file of each of two releases."""

    old: Inside
    new: Inside


@dataclass(frozen=True)
class Changed:
    """A member that is not the same in both; ``path`` is where it is in the new file, or was in the old one.

    ``added`` and ``removed`` are numbers of lines, None where they were not counted.
    """

    change: Change
    path: str
    old: Member | None
    new: Member | None
    added: int | None = None
    removed: int | None = None

    @property
    def is_text(self) -> bool:
        """Whether it can be read on both sides, as far as it is on them."""
        return all(side is None or side.kind == MemberKind.TEXT for side in (self.old, self.new))


@dataclass(frozen=True)
class Comparison:
    """All that is not the same in a pair, by path; ``is_counted`` once the job has told the numbers of lines."""

    pair: Pair
    changed: Sequence[Changed] = field(default_factory=tuple)
    unchanged: int = 0
    is_counted: bool = False


def pairs(old: Sequence[Inside], new: Sequence[Inside]) -> list[Pair]:
    """The files of the new release that have a counterpart, those first that tell most of both.

    A wheel for everything before an sdist, and that before wheels for some machines.
    """
    found = []
    for file in new:
        same = [other for other in old if other.packagetype == file.packagetype]
        if same:
            found.append(Pair(max(same, key=lambda other, file=file: _likeness(other, file)), file))  # type: ignore[misc]
    return sorted(found, key=lambda pair: (_rank(pair.new), pair.new.filename))


def compare(work: Work, pair: Pair) -> Comparison:
    """What is not the same in two files that are unpacked; lines are counted by a job.

    Refuses with :class:`TooMany` when too many pairs are compared from one address that nobody has compared yet.
    """
    old, new = contents.members_of(work.db, pair.old.id), contents.members_of(work.db, pair.new.id)
    changed, unchanged = _changes(old, new, pair.new.packagetype)
    query = select(ContentComparison).where(
        ContentComparison.old_file_id == pair.old.id, ContentComparison.new_file_id == pair.new.id
    )
    known = work.db.scalar(query)
    if known is None or known.counted_by != COUNTED_BY:
        _ask(work, pair, is_new=known is None)
        return Comparison(pair, changed, unchanged)
    counts: Mapping[str, list[int]] = json.loads(known.counts)
    return Comparison(pair, [_counted(one, counts.get(one.path)) for one in changed], unchanged, is_counted=True)


def _ask(work: Work, pair: Pair, *, is_new: bool) -> None:
    """Have the lines of a pair counted, for which a new one counts: of few files there are many pairs."""
    if is_new:
        limits.reserve(work, limits.comparing(work))
        both = {pair.old.id, pair.new.id}
        there = select(Contents.file_id).where(Contents.file_id.in_(both)).with_for_update(key_share=True, read=True)
        if len(work.db.scalars(there).all()) < len(both):
            return  # forgotten at this very moment
        asked = insert(ContentComparison).values(
            old_file_id=pair.old.id, new_file_id=pair.new.id, counted_by=NOT_YET, counts=b"{}"
        )
        work.db.execute(asked.on_conflict_do_nothing())
    enqueue(work.db, count_changes, old_file_id=pair.old.id, new_file_id=pair.new.id)


def counterpart(members: Sequence[Member], path: str, others: Sequence[Member], packagetype: str) -> Member | None:
    """What is in another version's file where ``path`` is in this one."""
    lasting = {whole: short for short, whole in lasting_paths((one.path for one in members), packagetype).items()}
    there = lasting_paths((one.path for one in others), packagetype)
    whole = there.get(lasting.get(path, path))
    return next((one for one in others if one.path == whole), None)


@job(queue="contents", unique=True)
def count_changes(work: Work, old_file_id: int, new_file_id: int) -> None:
    """Count the lines that changed in each member, as far as there is time."""
    with begin(work.tools, SYSTEM) as reading:
        query = select(Contents.file_id).where(
            Contents.file_id.in_([old_file_id, new_file_id]), Contents.state == ContentState.UNPACKED.value
        )
        if len(reading.db.scalars(query).all()) < len({old_file_id, new_file_id}):
            return  # forgotten meanwhile
        old, new = (contents.members_of(reading.db, one) for one in (old_file_id, new_file_id))
        changed, _ = _changes(old, new, contents.packagetype_of(reading.db, new_file_id))
    texts_changed = [one for one in changed if one.change is Change.CHANGED and one.is_text]
    counts: dict[str, tuple[int, int]] = {}
    deadline = time.monotonic() + TIME_FOR_ALL
    for batch in _batches(texts_changed[:MOST_COUNTED]):
        if time.monotonic() > deadline:
            break  # or the texts of all others would be read for nothing
        with begin(work.tools, SYSTEM) as reading:
            texts = texts_of(reading, {side.digest for one in batch for side in (one.old, one.new) if side})
        for one in batch:
            if time.monotonic() > deadline:
                break
            if (number := _count(one, texts)) is not None:
                counts[one.path] = number
    row = {"counted_by": COUNTED_BY, "counts": json.dumps(counts).encode()}
    add = insert(ContentComparison).values(old_file_id=old_file_id, new_file_id=new_file_id, **row)
    keys = [ContentComparison.old_file_id, ContentComparison.new_file_id]
    work.db.execute(add.on_conflict_do_update(index_elements=keys, set_=row))


def _count(one: Changed, texts: Mapping[bytes, str]) -> tuple[int, int] | None:
    assert one.old is not None and one.new is not None
    old, new = texts.get(one.old.digest), texts.get(one.new.digest)
    if old is None or new is None:
        return None
    try:
        return apart.count(old, new)
    except Unavailable:
        return None  # other jobs count, too


def _batches(changed: Sequence[Changed]) -> Sequence[list[Changed]]:
    batches: list[list[Changed]] = [[]]
    size = 0
    for one in changed:
        if size > LARGEST_COUNTED:
            batches.append([])
            size = 0
        batches[-1].append(one)
        size += sum(side.size for side in (one.old, one.new) if side)
    return [batch for batch in batches if batch]


def _changes(old: Sequence[Member], new: Sequence[Member], packagetype: str) -> tuple[list[Changed], int]:
    """What is not the same, by path, the metadata last, and the number of members that are."""
    before = _by_lasting_path(old, packagetype)
    after = _by_lasting_path(new, packagetype)
    both = before.keys() & after.keys()
    differing = [path for path in both if before[path].digest != after[path].digest]
    found = [Changed(Change.CHANGED, after[path].path, before[path], after[path]) for path in differing]
    gone = {path: member for path, member in before.items() if path not in both}
    come = {path: member for path, member in after.items() if path not in both}
    found += _renamed(gone, come)
    found += [Changed(Change.REMOVED, member.path, member, None, None, member.lines) for member in gone.values()]
    found += [Changed(Change.ADDED, member.path, None, member, member.lines, None) for member in come.values()]
    return sorted(found, key=lambda one: (".dist-info/" in one.path, one.path)), len(both) - len(differing)


def _renamed(gone: dict[str, Member], come: dict[str, Member]) -> list[Changed]:
    """Members that went from one path to another, which are taken out of both; empty ones are as good as any other."""
    from_digest: dict[bytes, list[str]] = defaultdict(list)
    for path in sorted(gone, reverse=True):
        if gone[path].size:
            from_digest[gone[path].digest].append(path)
    found = []
    for path in sorted(come):
        if from_digest.get(come[path].digest):
            member = come.pop(path)
            found.append(Changed(Change.RENAMED, member.path, gone.pop(from_digest[member.digest].pop()), member))
    return found


def _by_lasting_path(members: Sequence[Member], packagetype: str) -> dict[str, Member]:
    by_path = {member.path: member for member in members}
    return {short: by_path[whole] for short, whole in lasting_paths(by_path, packagetype).items()}


def _counted(one: Changed, numbers: Sequence[int] | None) -> Changed:
    if numbers is None:
        return one
    return Changed(one.change, one.path, one.old, one.new, *numbers)


def _rank(file: Inside) -> int:
    if file.packagetype == "sdist":
        return 1
    return 0 if file.filename.endswith("-any.whl") else 2


def _likeness(one: Inside, other: Inside) -> tuple[int, ...]:
    """How many of the tags in two file names are the same, the platform's first."""
    mine, yours = (file.filename.removesuffix(".whl").rsplit("-", 3)[1:] for file in (one, other))
    same = [int(a == b) for a, b in zip(mine, yours, strict=False)]
    shared = len(set(".".join(mine).split(".")) & set(".".join(yours).split(".")))
    return (*same[::-1], shared)
