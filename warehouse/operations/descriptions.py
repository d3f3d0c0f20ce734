"""What becomes of descriptions: checked when they are uploaded, rendered by a job, read by visitors."""

from __future__ import annotations

from warehouse.domain.packaging import Description
from warehouse.infra.jobs import job
from warehouse.operations import rendering
from warehouse.standards import readme
from warehouse.work import Work


@job(queue="text", unique=True)
def render_description(work: Work, release_id: int) -> None:
    """Make what people will read of a release's description: plain text, should it not render after all."""
    description = work.db.get(Description, release_id)
    if description is None:
        return  # the release is gone
    try:
        description.html = rendering.render(description.raw, description.content_type)
    except readme.BadDescription:
        description.html = readme.render(description.raw, "text/plain")
    description.rendered_by = readme.RENDERER
