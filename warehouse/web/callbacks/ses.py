"""Where Amazon's SNS posts what became of mail that was sent through Amazon's mail service."""

from __future__ import annotations

from functools import lru_cache

from pyramid.response import Response
from pyramid.view import view_config

from warehouse.errors import NotFound
from warehouse.infra.sns import LARGEST, Sns
from warehouse.operations.bounces import Notice, take_notice
from warehouse.settings import Settings
from warehouse.web.request import Request


@view_config(route_name="ses_hook", request_method="POST", csrf=False)
def ses_hook(request: Request) -> Response:
    """Take a notice, or agree to get notices of the topic that the operator named.

    200 also for one that was taken before: SNS repeats what it is not sure of. 400 for what is not from our topic or
    about none of our messages, 503 when its signature cannot be checked now, so that SNS tries again.
    """
    topic = _topic(request.settings)
    message = topic.read(request.whole_body(largest=LARGEST))
    if message.kind == "Notification":
        take_notice(request.work, Notice.of(message.text), event_id=message.id)
    elif message.kind == "SubscriptionConfirmation":
        topic.confirm(message)
    return Response(status=200, content_type="text/plain", charset="UTF-8", cache_control="no-store")


def _topic(settings: Settings) -> Sns:
    if settings.mail.ses_topic is None:
        raise NotFound("This index is told nothing about mail: mail.ses_topic is not set.")
    return _opened(settings.mail.ses_topic, settings.mail.sns_endpoint)


# One for the process, with the certificates that it has fetched.
_opened = lru_cache(maxsize=8)(lambda topic, endpoint: Sns(topic, endpoint=endpoint))
