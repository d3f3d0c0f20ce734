"""Unpacking what somebody wants to see: honest files, and those that are made to do harm."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import signal
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from tests.builders import Dist, sdist, wheel
from tests.contents.files import ask, put, run_jobs, unpack
from warehouse.domain.packaging.contents import ContentMember, Contents, ContentText
from warehouse.errors import NotFound, TooMany
from warehouse.operations.contents import apart
from warehouse.operations.contents.forgetting import forget_contents
from warehouse.operations.contents.looking import look, require_file, texts_of
from warehouse.operations.contents.unpacking import unpack_contents
from warehouse.settings import load_settings
from warehouse.work import ANONYMOUS, OPERATOR, Actor, ActorKind, Tools, begin


def with_settings(tools: Tools, **variables: str) -> Tools:
    given = {f"WAREHOUSE_{name}": value for name, value in variables.items()}
    return replace(tools, settings=load_settings({"WAREHOUSE_DATA": str(tools.settings.data), **given}))


def zipped(write: Callable[[zipfile.ZipFile], None], filename: str = "demo-1.0-py3-none-any.whl") -> Dist:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        write(archive)
    return Dist(filename, buffer.getvalue(), b"", "bdist_wheel", "py3")


def tarred(*members: tuple[tarfile.TarInfo, bytes]) -> Dist:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return Dist("demo-1.0.tar.gz", buffer.getvalue(), b"", "sdist", "source")


def count(tools: Tools, table: type) -> int:
    with begin(tools, OPERATOR) as work:
        return work.db.scalar(select(func.count()).select_from(table)) or 0


def test_the_members_of_a_file_are_told_apart_and_its_texts_are_kept(tools: Tools) -> None:
    dist = wheel(
        files={
            "demo/a.py": "x = 1\ny = 2\n",
            "demo/b.so": b"\x7fELF\0\1",
            "demo/größe.txt": "",
            "demo/c.py": "x = 1\ny = 2\n",
        }
    )
    put(tools, dist)
    problem, members = unpack(tools, dist)
    assert problem == ""
    assert list(members) == sorted(members)
    assert [(members[path].kind, members[path].size, members[path].lines) for path in list(members)[-4:]] == [
        ("text", 12, 2),
        ("binary", 6, None),
        ("text", 12, 2),
        ("text", 0, 0),
    ]
    digest = hashlib.sha256(b"x = 1\ny = 2\n").digest()
    assert members["demo/a.py"].digest == members["demo/c.py"].digest == digest
    with begin(tools, ANONYMOUS) as work:
        assert texts_of(work, [digest]) == {digest: "x = 1\ny = 2\n"}
    assert count(tools, ContentText) == len({member.digest for member in members.values() if member.kind == "text"})


def test_a_text_in_many_releases_is_kept_once(tools: Tools) -> None:
    for version in ("1.0", "1.1"):
        dist = sdist(version=version, files={"same.py": "same\n"})
        put(tools, dist, version=version)
        assert unpack(tools, dist)[1][f"demo-{version}/same.py"].kind == "text"
    with begin(tools, OPERATOR) as work:
        digest = hashlib.sha256(b"same\n").digest()
        assert work.db.scalar(select(func.count()).where(ContentText.digest == digest)) == 1
        assert work.db.scalar(select(func.count()).where(ContentMember.digest == digest)) == 2


def test_a_file_is_unpacked_once_whoever_asks_and_however_often(tools: Tools) -> None:
    dist = wheel()
    put(tools, dist)
    for _ in range(3):
        ask(tools, dist)
    assert run_jobs(tools) == 1
    ask(tools, dist)
    assert run_jobs(tools) == 0


def test_an_address_that_looks_into_too_many_new_files_is_told_to_wait(tools: Tools) -> None:
    tools = with_settings(tools, LIMITS__UNPACKINGS_PER_ADDRESS="2 per hour")
    dists = [wheel(version=f"1.{number}") for number in range(3)]
    for number, dist in enumerate(dists):
        put(tools, dist, version=f"1.{number}")
    stranger = Actor(ActorKind.ANONYMOUS, address="192.0.2.1")

    def see(dist: Dist) -> None:
        with begin(tools, stranger) as work:
            look(work, [require_file(work, "demo", dist.filename)])

    see(dists[0]), see(dists[0]), see(dists[1])
    with pytest.raises(TooMany, match="Go on in a while"):
        see(dists[2])
    see(dists[1])
    assert run_jobs(tools) == 2


def test_what_is_quarantined_or_switched_off_is_not_there(tools: Tools) -> None:
    dist = wheel()
    put(tools, dist)
    off = with_settings(tools, CONTENTS__ENABLED="false")
    with begin(off, ANONYMOUS) as work, pytest.raises(NotFound):
        require_file(work, "demo", dist.filename)
    with begin(tools, OPERATOR) as work:
        work.db.execute(text("UPDATE releases SET is_quarantined = true"))
    with begin(tools, ANONYMOUS) as work, pytest.raises(NotFound):
        require_file(work, "demo", dist.filename)


def test_what_nobody_looks_at_is_forgotten_with_its_texts(tools: Tools) -> None:
    for version in ("1.0", "1.1"):
        dist = wheel(version=version, files={"same.py": "same", f"only{version}.py": version})
        put(tools, dist, version=version)
        unpack(tools, dist)
    before = count(tools, ContentText)
    with begin(tools, OPERATOR) as work:
        work.db.execute(text("UPDATE contents SET looked_at = looked_at - interval '8 days' WHERE file_id = 1"))
        forget_contents(work)
    assert (count(tools, Contents), count(tools, ContentText)) == (1, before - 3)  # METADATA, RECORD and one module
    assert unpack(tools, dist)[1]["same.py"].kind == "text"


def test_what_there_is_no_room_for_is_forgotten_the_oldest_first(tools: Tools) -> None:
    small = with_settings(tools, CONTENTS__CAPACITY="4000")
    for number in range(6):
        dist = wheel(version=f"1.{number}")
        put(tools, dist, version=f"1.{number}")
        unpack(small, dist)
        with begin(small, OPERATOR) as work:
            forget_contents(work)
    with begin(tools, OPERATOR) as work:
        kept = work.db.scalars(select(Contents.file_id).order_by(Contents.file_id)).all()
        assert 1 <= len(kept) < 6 and kept[-1] == 6
        assert work.db.scalar(select(func.sum(Contents.weight))) <= 4000


def test_a_file_that_was_removed_meanwhile_and_one_without_bytes_do_no_harm(tools: Tools) -> None:
    dist = wheel()
    put(tools, dist)
    tools.blobs.delete(dist.blake2_256)
    assert unpack(tools, dist)[0] == "Its bytes are not there at the moment."
    with begin(tools, OPERATOR) as work:
        work.db.execute(text("DELETE FROM files"))
        unpack_contents(work, 1)
    assert count(tools, Contents) == 0


def test_while_a_file_is_unpacked_another_one_comes_later(tools: Tools) -> None:
    dist = wheel()
    put(tools, dist)
    ask(tools, dist)
    with apart._unpacking._turn, begin(tools, OPERATOR) as work:
        work.db.execute(text("DELETE FROM procrastinate_jobs"))
        unpack_contents(work, 1)
        due = work.db.execute(text("SELECT max(scheduled_at) FROM procrastinate_jobs")).scalar_one()
        assert due > work.now + timedelta(seconds=1)
    run_jobs(tools)
    assert unpack(tools, dist)[0] == ""


def named(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", **pax: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.pax_headers = kind, link, pax
    return info


REFUSED = {
    "a path that leaves the archive": tarred((named("demo-1.0/../../etc/x"), b"x")),
    "an absolute path": tarred((named("/etc/passwd"), b"x")),
    "a device": tarred((named("demo-1.0/null", tarfile.CHRTYPE), b"")),
    "a sparse member": tarred(
        (named("demo-1.0/a", **{"GNU.sparse.major": "1", "GNU.sparse.realsize": "99999999999"}), b"x")
    ),
    "no archive": Dist("demo-1.0.tar.gz", b"hello", b"", "sdist", "source"),
    "a damaged stream": Dist("demo-1.0.tar.gz", gzip.compress(b"x" * 5000)[:-20], b"", "sdist", "source"),
    "a wheel that is none": Dist("demo-1.0-py3-none-any.whl", b"PK\3\4" + b"\0" * 100, b"", "bdist_wheel", "py3"),
    "another format": Dist("demo-1.0.tar.bz2", b"BZh9", b"", "sdist", "source"),
    "a bomb of one member": zipped(lambda archive: archive.writestr("zeros", bytes(70 * 2**20))),
    "a bomb in a tar": tarred((named("demo-1.0/zeros"), bytes(40 * 2**20))),
    "too many members": zipped(lambda archive: [archive.writestr(f"{number}", b"") for number in range(600)] and None),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_unpacked_safely_is_refused_in_a_sentence(tools: Tools, case: str) -> None:
    tools = with_settings(tools, CONTENTS__MAX_MEMBERS="500", CONTENTS__MAX_UNPACKED="32 MiB")
    put(tools, REFUSED[case])
    problem, members = unpack(tools, REFUSED[case])
    assert problem.endswith(".") and members == {}
    assert "Invalid distribution file" not in problem


def test_links_are_shown_and_not_followed(tools: Tools) -> None:
    dist = tarred(
        (named("demo-1.0/out", tarfile.SYMTYPE, "../../../etc/passwd"), b""),
        (named("demo-1.0/hard", tarfile.LNKTYPE, "demo-1.0/a"), b""),
        (named("demo-1.0/a"), b"a\n"),
    )
    put(tools, dist)
    _, members = unpack(tools, dist)
    assert {path: (member.kind, member.link) for path, member in members.items()} == {
        "demo-1.0/out": ("link", "../../../etc/passwd"),
        "demo-1.0/hard": ("link", "demo-1.0/a"),
        "demo-1.0/a": ("text", None),
    }


def test_of_two_members_with_one_path_the_one_is_shown_that_would_be_extracted(tools: Tools) -> None:
    dist = tarred((named("d/a"), b"first"), (named("./d//a"), b"second!"))
    put(tools, dist)
    assert [(one.path, one.size) for one in unpack(tools, dist)[1].values()] == [("d/a", 7)]


def test_texts_beyond_the_limits_are_listed_and_not_kept(tools: Tools) -> None:
    tools = with_settings(tools, CONTENTS__MAX_TEXT="100", CONTENTS__MAX_TEXTS="150")
    dist = zipped(
        lambda archive: (
            [
                archive.writestr(name, content)
                for name, content in (("a", "a" * 101), ("b", "b" * 90), ("c", "c" * 90), ("d", b"\0" * 101))
            ]
            and None
        )
    )
    put(tools, dist)
    _, members = unpack(tools, dist)
    assert {path: member.kind for path, member in members.items()} == {
        "a": "large",
        "b": "text",
        "c": "large",
        "d": "binary",
    }
    assert members["a"].digest == hashlib.sha256(b"a" * 101).digest()


def test_one_that_takes_too_long_is_given_up_and_the_next_one_is_not(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tools, dist := wheel())
    put(tools, other := wheel(version="1.1"), version="1.1")
    monkeypatch.setattr(apart, "LATER", -59.8)
    child = apart._unpacking._running() or apart._unpacking._started()
    os.kill(child.pid, signal.SIGSTOP)
    assert unpack(tools, dist)[0] == "It takes too much time or memory to unpack."
    monkeypatch.setattr(apart, "LATER", 5.0)
    assert unpack(tools, other)[0] == ""
