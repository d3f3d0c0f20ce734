"""Files to look into, put into an index without the checks of an upload: they were not always as strict."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from sqlalchemy import text

from tests.builders import Dist
from warehouse.domain.packaging import File, Project, Release
from warehouse.domain.packaging.contents import Inside, Member
from warehouse.infra.jobs import JOBS
from warehouse.operations.contents.looking import look, members_of, require_file
from warehouse.standards.names import normalize
from warehouse.standards.versions import canonical, sort_key
from warehouse.work import ANONYMOUS, OPERATOR, Tools, begin
from warehouse.worker.main import perform

_TAKE = text(
    "DELETE FROM procrastinate_jobs WHERE queue_name = 'contents' AND status = 'todo' RETURNING id, task_name, args"
)


def put(tools: Tools, dist: Dist, name: str = "demo", version: str = "1.0") -> None:
    """Have the file in the index, as it is."""
    folder = tools.settings.data
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(dist.content)
    tools.blobs.put(dist.blake2_256, Path(file.name), size=len(dist.content))
    with begin(tools, OPERATOR) as work:
        project = work.db.query(Project).filter_by(normalized_name=normalize(name)).one_or_none()
        if project is None:
            project = Project(name=name, normalized_name=normalize(name), lookalike_name=normalize(name))
            work.db.add(project)
            work.db.flush()
        release = work.db.query(Release).filter_by(project_id=project.id, version=version).one_or_none()
        if release is None:
            release = Release(
                project_id=project.id,
                version=version,
                canonical_version=canonical(version),
                version_key=sort_key(version),
                metadata_version="2.1",
            )
            work.db.add(release)
            work.db.flush()
        work.db.add(
            File(
                project_id=project.id,
                release_id=release.id,
                filename=dist.filename,
                packagetype=dist.filetype,
                python_version=dist.pyversion,
                size=len(dist.content),
                md5=dist.md5,
                sha256=dist.sha256,
                blake2_256=dist.blake2_256,
            )
        )


def run_jobs(tools: Tools) -> int:
    """Do the jobs that wait, those included that they bring, and say how many."""
    number = 0
    while True:
        with begin(tools, OPERATOR) as work:
            waiting = work.db.execute(_TAKE).all()
        if not waiting:
            return number
        for _, name, args in sorted(waiting):
            perform(tools, JOBS[name], args if isinstance(args, dict) else json.loads(args))
            number += 1


def ask(tools: Tools, dist: Dist, name: str = "demo") -> Inside:
    """Look at the file, so that it is unpacked."""
    with begin(tools, ANONYMOUS) as work:
        file = require_file(work, name, dist.filename)
        look(work, [file])
    return file


def unpack(tools: Tools, dist: Dist) -> tuple[str, dict[str, Member]]:
    """What a look into the file comes to: the sentence why not, and its members by path."""
    file = ask(tools, dist)
    run_jobs(tools)
    with begin(tools, ANONYMOUS) as work:
        (seen,) = look(work, [file])
        assert seen.state != "waiting"
        return seen.problem, {member.path: member for member in members_of(work, file)}
