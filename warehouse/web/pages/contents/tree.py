"""The members of a file as folders within folders, written as one list: hostile paths nest deeper than calls may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from warehouse.domain.packaging.contents import Member, MemberKind
from warehouse.standards.json_api import segment
from warehouse.standards.members import Remark, remark_of
from warehouse.standards.source import shown_name

DEEPEST = 20  # folders within folders that are shown as such
OPEN = 24  # members that a folder may have at most to be shown open


@dataclass(frozen=True)
class Row:
    """A line of the list: a folder that begins, one that ends, or a member in the folders that have begun.

    ``number`` is how many members are below a folder.
    """

    kind: Literal["folder", "end", "member"]
    name: str = ""
    path: str = ""
    size: int = 0
    number: int = 0
    is_open: bool = False
    member: MemberKind | None = None
    lines: int | None = None
    link: str = ""
    remark: Remark | None = None


@dataclass
class _Folder:
    name: str
    address: str
    folders: dict[str, _Folder] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)
    size: int = 0
    number: int = 0


def rows(members: Sequence[Member], base: str, *, is_wheel: bool) -> list[Row]:
    """The list; the pages of members are below ``base``."""
    top = _folders(members, base)
    found: list[Row] = []
    waiting: list[_Folder | Row] = [*_inside(top, is_wheel)]
    waiting.reverse()
    is_alone = len(top.folders) == 1
    while waiting:
        one = waiting.pop()
        if isinstance(one, Row):
            found.append(one)
            continue
        names, folder = [one.name], one
        while len(folder.folders) == 1 and not folder.members:  # a folder with nothing else in it
            (folder,) = folder.folders.values()
            names.append(folder.name)
        is_open = folder.number <= OPEN or is_alone
        is_alone = False
        name = shown_name("/".join(names))
        found.append(Row("folder", name, size=folder.size, number=folder.number, is_open=is_open))
        waiting.append(Row("end"))
        waiting.extend(reversed(list(_inside(folder, is_wheel))))
    return found


def member_path(base: str, path: str) -> str:
    """The address of a member's page."""
    return base + "/".join(segment(part) for part in path.split("/"))


def _folders(members: Sequence[Member], base: str) -> _Folder:
    top = _Folder("", base)
    for member in members:
        *names, _ = member.path.split("/")
        folder = top
        for name in names[:DEEPEST]:
            folder.size, folder.number = folder.size + member.size, folder.number + 1
            if name not in folder.folders:
                folder.folders[name] = _Folder(name, f"{folder.address}{segment(name)}/")
            folder = folder.folders[name]
        folder.size, folder.number = folder.size + member.size, folder.number + 1
        folder.members.append(member)
    return top


def _inside(folder: _Folder, is_wheel: bool) -> Iterator[_Folder | Row]:
    yield from (folder.folders[name] for name in sorted(folder.folders, key=str.lower))
    for member in sorted(folder.members, key=lambda member: member.path.lower()):
        name = "/".join(member.path.split("/")[DEEPEST:]) or member.path.rpartition("/")[2]
        yield Row(
            "member",
            shown_name(name),
            member_path(folder.address, name),
            member.size,
            member=MemberKind(member.kind),
            lines=member.lines,
            link=shown_name(member.link or ""),
            remark=remark_of(member.path, is_link=member.kind == MemberKind.LINK, is_wheel=is_wheel),
        )
