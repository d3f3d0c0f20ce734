"""What becomes of descriptions: checked when they are uploaded, rendered by a job, read by visitors."""

from __future__ import annotations

from sqlalchemy import or_, select

from warehouse.domain.journal import look_again
from warehouse.domain.packaging import Description, Project, Release
from warehouse.infra.jobs import enqueue, job
from warehouse.operations import rendering
from warehouse.standards import readme
from warehouse.work import Work

AT_ONCE = 500  # descriptions that are given to the queue each time, for there are uploads behind them


@job(queue="text", unique=True)
def render_description(work: Work, release_id: int) -> None:
    """Make what people will read of a release's description: plain text, should it not render after all."""
    description = work.db.get(Description, release_id)
    if description is None:
        return  # the release is gone
    problem = ""
    try:
        rendered = rendering.render(description.raw, description.content_type)
    except readme.BadDescription as refusal:
        problem = refusal.sentence
        rendered = readme.as_text(description.raw)
    if (description.html, description.problem) != (rendered, problem):
        description.html, description.problem = rendered, problem
        project = select(Project.normalized_name).join(Release, Release.project_id == Project.id)
        look_again(work, work.db.scalars(project.where(Release.id == release_id)))
    description.rendered_by = readme.RENDERER


@job(queue="housekeeping", unique=True)
def render_old_descriptions(work: Work) -> None:
    """Have descriptions rendered anew that another renderer made, some at a time.

    So an update of the renderer reaches all pages in the end, and so does a description whose own job was given up.
    """
    made_by_another = or_(Description.rendered_by < readme.RENDERER, Description.rendered_by > readme.RENDERER)
    for release_id in work.db.scalars(select(Description.release_id).where(made_by_another).limit(AT_ONCE)):
        enqueue(work.db, render_description, release_id=release_id)
