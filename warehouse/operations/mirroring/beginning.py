"""Becoming a mirror of another index, and being an index of its own again."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from sqlalchemy import delete, select, text

from warehouse.domain.journal import last_serial
from warehouse.domain.journal.writing import LOCK
from warehouse.domain.packaging import FileName, Project
from warehouse.domain.site.mirror import Mirror, MirroredProject
from warehouse.errors import Conflict, Invalid
from warehouse.standards.names import is_valid_name, normalize
from warehouse.work import Work


def begin_mirroring(work: Work, origin: str, names: Collection[str] = ()) -> Mirror:
    """Make this empty index a mirror of ``origin``, of all its projects or of these; or go on with what was begun.

    Refuses with :class:`Conflict` an index that has something of its own, or mirrors something else.
    """
    address = sound_origin(origin)
    wanted = sorted({_sound_name(name) for name in names}) or None
    # Whoever publishes meanwhile waits here with the entry of the journal, or is seen.
    work.db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    mirror = work.db.scalar(select(Mirror))
    if mirror is None:
        if (
            last_serial(work.db)
            or work.db.scalar(select(Project.id).limit(1))
            or work.db.scalar(select(FileName).limit(1))
        ):
            sentence = (
                "This index has projects of its own. Only an empty one can become a mirror: name another with --data."
            )
            raise Conflict(sentence, code="not_empty")
        mirror = Mirror(origin=address, names=wanted)
        work.db.add(mirror)
    elif mirror.origin != address:
        raise Conflict(f"This index is a mirror of {mirror.origin} already.", code="another_origin")
    elif mirror.names != wanted:
        of = "all its projects" if mirror.names is None else " ".join(f"--include {name}" for name in mirror.names)
        raise Conflict(f"This mirror was begun with {of}, and goes on with that only.", code="other_names")
    return mirror


def end_mirroring(work: Work) -> str:
    """Make the mirror an index of its own, to which people publish; the origin that it was a copy of.

    Refuses with :class:`Conflict` when this is no mirror.
    """
    mirror = work.db.scalar(select(Mirror).with_for_update())
    if mirror is None:
        raise Conflict("This index is no mirror.", code="no_mirror")
    origin = mirror.origin
    work.db.execute(delete(MirroredProject))
    work.db.delete(mirror)
    return origin


def sound_origin(origin: str) -> str:
    """The address of an index, ending in a slash; refuses with :class:`Invalid` what is none."""
    try:
        parts = urlsplit(origin)
        is_sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_sound = False
    if not is_sound or parts.username is not None or parts.query or parts.fragment or not origin.isprintable():
        raise Invalid(
            "Name the origin by its address, such as https://packages.example.org/, and give a token with --token.",
            code="bad_origin",
        )
    return origin.rstrip("/") + "/"


def _sound_name(name: str) -> str:
    if not is_valid_name(name):
        raise Invalid(f"{name[:100]!r} is not the name of a project.", code="bad_name")
    return normalize(name)
