"""What the pages about two releases show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from warehouse.domain.packaging import contents
from warehouse.domain.packaging.contents import ContentState, Member, MemberKind
from warehouse.errors import NotFound
from warehouse.operations.contents import apart
from warehouse.operations.contents.comparing import Change, Changed, Comparison, Pair, compare, counterpart, pairs
from warehouse.operations.contents.looking import look, members_of, texts_of
from warehouse.standards.readable_tags import readable_tags
from warehouse.standards.source import shown_name
from warehouse.web.language import _
from warehouse.web.pages.comparison.releases import Described, Differing, comparison_path, differing
from warehouse.web.pages.contents.page import Remarked, Trail, remarked
from warehouse.web.pages.contents.tree import member_path
from warehouse.work import Work

MOST_SHOWN = 2000  # members that are not the same
MOST_PAIRS = 60


@dataclass(frozen=True)
class Subject:
    """The two releases, and the pair of their files that is compared; ``query`` chooses it on other pages."""

    name: str
    normalized_name: str
    old: str
    new: str
    project_path: str
    path: str
    pair: Pair | None
    query: str = ""

    @property
    def is_backwards(self) -> bool:
        """Whether there is a pair at all whose new file is older: somebody looks back."""
        return self.pair is not None and self.pair.new.uploaded_at < self.pair.old.uploaded_at

    @property
    def backwards_path(self) -> str:
        """Where the same is seen the other way round."""
        return comparison_path(self.name, self.new, self.old)


@dataclass(frozen=True)
class Choosable:
    """A pair of files that can be compared."""

    label: str
    path: str
    is_chosen: bool


@dataclass(frozen=True)
class Line:
    """A member that is not the same; ``path`` is where to see what changed, or the member itself."""

    change: Change
    name: str
    former: str
    path: str
    added: int | None
    removed: int | None
    old_size: int | None
    new_size: int | None


@dataclass(frozen=True)
class ComparisonPage:
    """What changed between two releases; ``problem`` is the sentence why it is not told."""

    subject: Subject
    state: ContentState
    problem: str
    choosable: Sequence[Choosable]
    metadata: Sequence[Differing]
    lines: Sequence[Line] = ()
    more: int = 0
    numbers: Sequence[tuple[Change, int]] = ()
    unchanged: int = 0
    added: int = 0
    removed: int = 0
    is_counted: bool = True
    remarked: Sequence[Remarked] = ()

    @property
    def is_waiting(self) -> bool:
        """Whether a file is being unpacked."""
        return self.state is ContentState.WAITING


@dataclass(frozen=True)
class ChangePage:
    """What changed in one member; ``found`` is None where that cannot be told line by line, as ``reason`` says."""

    subject: Subject
    name: str
    former: str
    old_path: str
    new_path: str
    old_size: int | None
    new_size: int | None
    found: apart.Differences | None
    reason: str


def subject_of(work: Work, old: Described, new: Described, filename: str | None) -> tuple[Subject, list[Choosable]]:
    """What is compared: the files that were asked for by the name of the new one, else those that tell most."""
    files = contents.files_of_releases(work.db, new.normalized_name, [old.version, new.version])
    possible = pairs(
        [file for file in files if file.version == old.version], [file for file in files if file.version == new.version]
    )
    pair = next((one for one in possible if one.new.filename == filename), possible[0] if possible else None)
    path = comparison_path(new.project, old.version, new.version)
    queries = ["", *(f"?{urlencode({'file': one.new.filename})}" for one in possible[1:])]
    choosable = [
        Choosable(_label(one), path + query, one is pair) for one, query in zip(possible, queries, strict=False)
    ]
    query = queries[possible.index(pair)] if pair is not None else ""
    project_path = f"/project/{path.split('/')[2]}/"
    subject = Subject(*(new.project, new.normalized_name, old.version, new.version), project_path, path, pair, query)
    return subject, choosable[:MOST_PAIRS]


def comparison_page(work: Work, old: Described, new: Described, filename: str | None) -> ComparisonPage:
    """The page of two releases."""
    subject, choosable = subject_of(work, old, new, filename)
    metadata = differing(old, new)
    state, problem = _state(work, subject.pair)
    if subject.pair is None or state is not ContentState.UNPACKED:
        return ComparisonPage(subject, state, problem, choosable, metadata)
    found = compare(work, subject.pair)
    numbers = Counter(one.change for one in found.changed)
    return ComparisonPage(
        *(subject, state, problem, choosable, metadata),
        lines=[_line(subject, one) for one in found.changed[:MOST_SHOWN]],
        more=max(0, len(found.changed) - MOST_SHOWN),
        numbers=[(change, numbers[change]) for change in Change],
        unchanged=found.unchanged,
        added=sum(one.added or 0 for one in found.changed),
        removed=sum(one.removed or 0 for one in found.changed),
        is_counted=found.is_counted,
        remarked=_remarked(subject, found),
    )


def change_page(work: Work, old: Described, new: Described, filename: str | None, path: str) -> ChangePage | None:
    """The page of one member, None while it is not unpacked; refuses with :class:`NotFound` what is in neither."""
    subject, _choosable = subject_of(work, old, new, filename)
    pair = subject.pair
    state, _problem = _state(work, pair)
    if pair is None or state is not ContentState.UNPACKED:
        return None
    before, after = _sides(work, pair, path)
    if before is None and after is None:
        raise NotFound(_("There is no such file in either release."), code="no_such_member")
    found, reason = _differences(work, before, after)
    return ChangePage(
        subject,
        name=shown_name((after or before).path),  # type: ignore[union-attr]
        former=shown_name(before.path) if before and after and before.path != after.path else "",
        old_path=member_path(Trail.of(pair.old).path, before.path) if before else "",
        new_path=member_path(Trail.of(pair.new).path, after.path) if after else "",
        old_size=before.size if before else None,
        new_size=after.size if after else None,
        found=found,
        reason=reason,
    )


def _state(work: Work, pair: Pair | None) -> tuple[ContentState, str]:
    """How far both files are unpacked, and why one of them is not."""
    if pair is None:
        return ContentState.REFUSED, _("There are no files of the same kind in both releases.")
    seen = look(work, [pair.old, pair.new] if pair.old.id != pair.new.id else [pair.new])
    for one in seen:
        if one.state is ContentState.REFUSED:
            return one.state, one.problem
    if all(one.is_unpacked for one in seen):
        return ContentState.UNPACKED, ""
    return ContentState.WAITING, ""


def _sides(work: Work, pair: Pair, path: str) -> tuple[Member | None, Member | None]:
    """The member in the old and in the new file."""
    old, new = members_of(work, pair.old), members_of(work, pair.new)
    after = next((member for member in new if member.path == path), None)
    if after is not None:
        return counterpart(new, path, old, pair.new.packagetype), after
    return next((member for member in old if member.path == path), None), None


def _differences(work: Work, before: Member | None, after: Member | None) -> tuple[apart.Differences | None, str]:
    sides = [side for side in (before, after) if side is not None]
    if before is not None and after is not None and before.digest == after.digest:
        return None, _("It is the same in both releases.")
    if any(side.kind != MemberKind.TEXT for side in sides):
        return None, _("It is not a text on both sides, or too large to be compared.")
    texts = texts_of(work, [side.digest for side in sides])
    if len(texts) < len({side.digest for side in sides}):
        return None, _("Its text is not there at the moment. Come again in a while.")
    old, new = (texts[side.digest] if side is not None else "" for side in (before, after))
    was, now = (side.digest if side is not None else b"" for side in (before, after))
    found = apart.compare(was, now, lambda: (old, new), sides[-1].path)
    return found, "" if found is not None else _("Its two versions are too different to be compared line by line.")


def _line(subject: Subject, one: Changed) -> Line:
    pair = subject.pair
    assert pair is not None
    if one.change is Change.RENAMED or not one.is_text:
        side = pair.new if one.new is not None else pair.old
        path = member_path(Trail.of(side).path, one.path)
    else:
        path = member_path(subject.path, one.path) + subject.query
    return Line(
        one.change,
        shown_name(one.path),
        shown_name(one.old.path) if one.change is Change.RENAMED and one.old else "",
        path,
        *(one.added, one.removed),
        one.old.size if one.old else None,
        one.new.size if one.new else None,
    )


def _remarked(subject: Subject, found: Comparison) -> list[Remarked]:
    """What came or changed that deserves a look."""
    is_wheel = found.pair.new.packagetype != "sdist"
    new = ((one.new, _line(subject, one).path) for one in found.changed if one.new is not None)
    return remarked(new, is_wheel=is_wheel)


def _label(pair: Pair) -> str:
    if pair.new.packagetype == "sdist":
        return _("Source distribution")
    if pair.new.filename.endswith("-none-any.whl"):
        return _("Wheel")
    return ", ".join(readable_tags(pair.new.filename))
