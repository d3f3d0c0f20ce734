"""What the pages about the inside of a file show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from warehouse.domain.packaging import contents
from warehouse.domain.packaging.contents import ContentState, Inside, Member, MemberKind
from warehouse.errors import NotFound, Unavailable
from warehouse.operations.contents import apart
from warehouse.operations.contents.child import MOST_LINES
from warehouse.operations.contents.looking import Look, members_of, texts_of
from warehouse.standards.json_api import segment
from warehouse.standards.members import Remark, remark_of
from warehouse.standards.source import line_html, lines_of, plain, shown_name
from warehouse.web.language import _
from warehouse.web.pages.contents.remarks import LABELS, MEANINGS, TONES
from warehouse.web.pages.contents.tree import Row, member_path, rows
from warehouse.work import Work

MOST_REMARKS = 6  # members of one kind that are named at the top


@dataclass(frozen=True)
class Trail:
    """Where the file is: its project, its release and itself, each with the path of its page."""

    name: str
    normalized_name: str
    version: str
    filename: str
    project_path: str
    release_path: str
    file_path: str
    path: str

    @classmethod
    def of(cls, file: Inside) -> Trail:
        """The trail to this file's contents."""
        project = f"/project/{segment(file.project)}/"
        release = f"{project}{segment(file.version)}/"
        path = f"{release}files/{segment(file.filename)}/"
        return cls(
            *(file.project, file.normalized_name, file.version, file.filename),
            *(project, release, path, f"{path}contents/"),
        )


@dataclass(frozen=True)
class Remarked:
    """Members that deserve a look for one reason; ``more`` of them are not named."""

    label: str
    meaning: str
    tone: str
    members: Sequence[tuple[str, str]]
    more: int


@dataclass(frozen=True)
class ContentsPage:
    """What is in a file; ``problem`` is the sentence why it is not shown."""

    trail: Trail
    state: ContentState
    problem: str
    rows: Sequence[Row] = ()
    number: int = 0
    size: int = 0
    lines: int = 0
    remarked: Sequence[Remarked] = ()

    @property
    def is_waiting(self) -> bool:
        """Whether it is being unpacked."""
        return self.state is ContentState.WAITING

    def label(self, remark: Remark) -> str:
        """What is said beside a member."""
        return str(LABELS[remark])

    def tone(self, remark: Remark) -> str:
        """How loudly."""
        return TONES.get(remark, "plain")


@dataclass(frozen=True)
class MemberPage:
    """A member; ``code`` is its text as lines with numbers, of which ``shown`` are there."""

    trail: Trail
    folders: str
    name: str
    kind: MemberKind
    size: int
    lines: int
    shown: int
    link: str
    digest: str
    remark: str
    meaning: str
    tone: str
    code: Markup | None
    is_forgotten: bool


def contents_page(work: Work, look: Look) -> ContentsPage:
    """The page of a file's contents."""
    trail = Trail.of(look.file)
    if not look.is_unpacked:
        return ContentsPage(trail, look.state, look.problem)
    members = members_of(work, look.file)
    is_wheel = look.file.packagetype != "sdist"
    return ContentsPage(
        trail,
        look.state,
        look.problem,
        rows(members, trail.path, is_wheel=is_wheel),
        len(members),
        sum(member.size for member in members),
        sum(member.lines or 0 for member in members),
        remarked(((member, member_path(trail.path, member.path)) for member in members), is_wheel=is_wheel),
    )


def remarked(members: Iterable[tuple[Member, str]], *, is_wheel: bool) -> list[Remarked]:
    """The members that deserve a look, by why; each is given with the path of its page."""
    found: dict[Remark, list[tuple[str, str]]] = {}
    numbers: Counter[Remark] = Counter()
    for member, path in members:
        remark = remark_of(member.path, is_link=member.kind == MemberKind.LINK, is_wheel=is_wheel)
        if remark is None:
            continue
        numbers[remark] += 1
        if numbers[remark] <= MOST_REMARKS:
            found.setdefault(remark, []).append((shown_name(member.path), path))
    return [
        Remarked(
            str(LABELS[one]),
            str(MEANINGS[one]),
            TONES.get(one, "plain"),
            found[one],
            numbers[one] - len(found[one]),
        )
        for one in Remark
        if one in found
    ]


def member_page(work: Work, file: Inside, path: str) -> MemberPage:
    """The page of one member; refuses with :class:`NotFound` a path that nothing is at."""
    member = contents.member_at(work.db, file.id, path) if "\0" not in path else None
    if member is None:
        raise NotFound(_("There is no such file inside. Look at what there is."), code="no_such_member")
    text = texts_of(work, [member.digest]).get(member.digest) if member.kind == MemberKind.TEXT else None
    shown = _lines(member, text) if text is not None else []
    remark = remark_of(path, is_link=member.kind == MemberKind.LINK, is_wheel=file.packagetype != "sdist")
    folders, slash, name = path.rpartition("/")
    return MemberPage(
        trail=Trail.of(file),
        folders=shown_name(folders + slash),
        name=shown_name(name),
        kind=MemberKind(member.kind),
        size=member.size,
        lines=member.lines or 0,
        shown=len(shown),
        link=shown_name(member.link or ""),
        digest=member.digest.hex(),
        remark=str(LABELS[remark]) if remark else "",
        meaning=str(MEANINGS[remark]) if remark else "",
        tone=TONES.get(remark, "plain") if remark else "",
        code=_numbered(shown) if text is not None else None,
        is_forgotten=text is None and member.kind == MemberKind.TEXT,
    )


def _lines(member: Member, text: str) -> list[str]:
    """The lines in colours; without, where those take too long."""
    try:
        found = apart.colour(member.digest, lambda: text, member.path)
    except Unavailable:
        found = None  # many read at the same time: it can be read without colours, too
    if found is not None:
        return found
    return [line_html(line) for line in plain(lines_of(text.replace("\r\n", "\n"))[:MOST_LINES])]


def _numbered(lines: Sequence[str]) -> Markup:
    """The lines with numbers to point at. The numbers are links for a mouse only: a keyboard would never get past."""
    return Markup(
        "".join(
            f'<span class="listing__line" id="L{number}">'
            f'<a class="listing__number" href="#L{number}" tabindex="-1" aria-hidden="true">{number}</a>{line}\n</span>'
            for number, line in enumerate(lines, start=1)
        )
    )
