"""Settings that take others: what is missing is said before anything starts, and not by whatever needs it first."""

from __future__ import annotations

from warehouse.events.mail import mailer
from warehouse.infra.captcha import open_captcha
from warehouse.infra.cdn import open_purgers
from warehouse.infra.domains import open_domain_status
from warehouse.settings import BadSettings, Settings


def refuse_incomplete(settings: Settings) -> None:
    """Refuse with BadSettings a service that is named without all that it takes to be reached."""
    if settings.mail.backend != "folder":  # which is made when it is needed
        mailer(settings)
    for opened in (open_captcha, open_domain_status, open_purgers):
        opened(settings)
    if settings.terms.revision is not None and settings.terms.url is None:
        raise BadSettings("With terms.revision, set terms.url to where the terms can be read, too.")
    images = settings.images
    if images.mode == "camo" and (images.camo_url is None or images.camo_key is None):
        raise BadSettings("With images.mode camo, set images.camo_url and images.camo_key, too.")
    associations = settings.associations
    if associations.github_client_id is not None and associations.github_client_secret is None:
        raise BadSettings("With associations.github_client_id, set associations.github_client_secret, too.")
    for name in settings.sign_on.client_secrets:
        if name not in settings.sign_on.issuers:
            raise BadSettings(f"sign_on.client_secrets holds a secret for {name}, which is none of sign_on.issuers.")
