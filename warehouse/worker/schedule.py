"""Everything periodic. Times are UTC; with any number of workers each is done once."""

from __future__ import annotations

from warehouse.infra.jobs import Scheduled
from warehouse.operations.bounces import forget_mail
from warehouse.operations.checking import check
from warehouse.operations.contents.forgetting import forget_contents
from warehouse.operations.descriptions import render_old_descriptions
from warehouse.operations.downloads import add_up_downloads, fold_old_downloads
from warehouse.operations.housekeeping import forget_derived_tokens, forget_jobs, forget_rates, forget_visits
from warehouse.operations.lost_domains import refresh_domain_status, unverify_lost_domains
from warehouse.operations.sweeping import sweep
from warehouse.operations.terms import tell_of_terms
from warehouse.settings import Settings

#         minute hour day month weekday
SCHEDULE = (
    Scheduled("0 0 * * *", forget_mail),
    Scheduled("*/5 * * * *", render_old_descriptions),
    Scheduled("7 * * * *", sweep),
    Scheduled("*/30 * * * *", forget_rates),
    Scheduled("37 * * * *", forget_contents),
    Scheduled("17 * * * *", forget_visits),
    Scheduled("0 6 * * *", forget_derived_tokens),
    Scheduled("23 3 * * *", forget_jobs),
    Scheduled("0 4 * * *", refresh_domain_status),
    Scheduled("15 4 * * *", unverify_lost_domains),
    Scheduled("41 4 * * *", check),
    Scheduled("11 * * * *", add_up_downloads),
    Scheduled("31 2 * * *", fold_old_downloads),
)
TERMS = Scheduled("* * * * *", tell_of_terms)


def schedule(settings: Settings) -> tuple[Scheduled, ...]:
    """What is periodic on this index: an index without terms does not say every minute that it has told of none."""
    return (*SCHEDULE, TERMS) if settings.terms.revision is not None else SCHEDULE
