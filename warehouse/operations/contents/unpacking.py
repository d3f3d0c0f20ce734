"""The job that looks into a file, and writes down what is inside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from warehouse.domain.packaging import File
from warehouse.domain.packaging.contents import ContentMember, Contents, ContentState, ContentText
from warehouse.errors import Unavailable
from warehouse.infra.blobs import BlobMissing
from warehouse.infra.jobs import enqueue, job
from warehouse.operations.contents import apart
from warehouse.operations.contents.forgetting import forget_contents, hold_texts, total_weight
from warehouse.work import SYSTEM, Work, begin

PAUSE = timedelta(seconds=2)  # before it is tried again while another file is being unpacked
MEMBER = 200  # bytes that a member takes beside its text

UNREADABLE = "It takes too much time or memory to unpack."
LOST = "Its bytes are not there at the moment."


@job(queue="contents", unique=True)
def unpack_contents(work: Work, file_id: int) -> None:
    """Look into the file, unless that was done already, and write down its members and texts or why not.

    One file at a time in a process, so that other jobs need not wait for it.
    """
    file = _file_to_unpack(work, file_id)
    if file is None:
        return
    try:
        with _on_disk(work, file) as path:
            found = apart.unpack(path, file.filename, work.settings.contents) or ({"refused": UNREADABLE}, b"")
    except BlobMissing:
        found = {"refused": LOST}, b""
    except Unavailable as refusal:
        if refusal.code != "busy":
            raise
        enqueue(work.db, unpack_contents, run_at=work.now + PAUSE, file_id=file_id)
        return
    said, bodies = found
    if "refused" in said:
        _write_state(work, file_id, ContentState.REFUSED, problem=_sentence(said["refused"]))
    else:
        _write(work, file_id, said["members"], _texts(said["texts"], bodies))
        if total_weight(work.db) > work.settings.contents.capacity:
            enqueue(work.db, forget_contents)


def _file_to_unpack(work: Work, file_id: int) -> File | None:
    """Read in a transaction of its own, so that none stays open while the file is unpacked."""
    query = (
        select(File)
        .join(Contents, Contents.file_id == File.id)
        .where(File.id == file_id, Contents.state == ContentState.WAITING.value)
    )
    with begin(work.tools, SYSTEM) as reading:
        return reading.db.scalar(query)


@contextmanager
def _on_disk(work: Work, file: File) -> Iterator[Path]:
    """Where the file can be read; it is fetched when it is kept elsewhere."""
    blobs = work.tools.blobs
    path = blobs.local_path(file.blake2_256)
    if path is not None:
        if not path.exists():
            raise BlobMissing(f"No blob is kept under {file.blake2_256}.")
        yield path
        return
    path = blobs.temporary()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("wb") as copy:
            for chunk in blobs.open(file.blake2_256):
                copy.write(chunk)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _texts(lengths: list[tuple[str, int]], bodies: bytes) -> list[tuple[bytes, bytes]]:
    """Digests and bodies. In the order of digests, so that two jobs with the same texts do not wait for each other."""
    found = []
    at = 0
    for digest, length in lengths:
        found.append((bytes.fromhex(digest), bodies[at : at + length]))
        at += length
    return sorted(found)


def _write(work: Work, file_id: int, members: list, texts: list[tuple[bytes, bytes]]) -> None:
    hold_texts(work.db)
    weight = sum(len(body) for _, body in texts) + MEMBER * len(members)
    if not _write_state(work, file_id, ContentState.UNPACKED, weight=weight):
        return  # the file was removed meanwhile
    work.db.execute(delete(ContentMember).where(ContentMember.file_id == file_id))
    rows = [
        {"p": position, "path": path, "kind": kind, "size": size, "lines": lines, "link": link, "digest": digest}
        for position, (path, kind, size, lines, link, digest) in enumerate(members)
    ]
    work.db.execute(_MEMBERS, {"file_id": file_id, "rows": json.dumps(rows)})
    if texts:
        kept = [{"digest": digest, "body": body} for digest, body in texts]
        work.db.execute(insert(ContentText).on_conflict_do_nothing(), kept)


def _write_state(work: Work, file_id: int, state: ContentState, *, problem: str = "", weight: int = 0) -> bool:
    changed = update(Contents).where(Contents.file_id == file_id)
    return bool(
        work.db.execute(changed.values(state=state.value, problem=problem, weight=weight)).rowcount  # type: ignore[attr-defined]
    )


def _sentence(refusal: str) -> str:
    """What upload clients are told, as readers of a page are."""
    return refusal.removeprefix("Invalid distribution file. ")


# One parameter, so that ten thousand members are one statement.
_MEMBERS = text("""
    INSERT INTO content_members (file_id, position, path, kind, size, lines, link, digest)
    SELECT :file_id, p, path, kind, size, lines, link, decode(digest, 'hex')
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS row(p int, path text, kind text, size bigint, lines int, link text, digest text)
""")
