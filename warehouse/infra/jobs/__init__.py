"""Background jobs in PostgreSQL: they exist if and only if the work that asked for them committed."""

from warehouse.infra.jobs.queue import delete_ended_jobs, enqueue
from warehouse.infra.jobs.registry import JOBS, Job, Scheduled, job
from warehouse.infra.jobs.runner import USUAL, Pace, Runner

__all__ = ["JOBS", "USUAL", "Job", "Pace", "Runner", "Scheduled", "delete_ended_jobs", "enqueue", "job"]
