"""What the page shows where accounts are opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyramid.response import Response

from warehouse.infra.captcha import Vendor, open_captcha
from warehouse.operations.new_passwords import PASSWORD_LENGTH
from warehouse.operations.profile import NAME_LENGTH
from warehouse.standards import usernames
from warehouse.web.pages.account.register.forms import RegistrationForm
from warehouse.web.rendering import render
from warehouse.web.request import Request
from warehouse.web.security.origins import form_can_be_sent
from warehouse.web.security.policy import allow


@dataclass(frozen=True)
class RegisterPage:
    """The form. With an ``invitation``, the token of its link, the address is given and no captcha is asked for."""

    form: RegistrationForm
    mistakes: Mapping[str, str] = field(default_factory=dict)
    invitation: str = field(default="", repr=False)
    captcha: Vendor | None = None
    site_key: str = ""
    terms_url: str | None = None
    username_length: int = usernames.LONGEST
    name_length: int = NAME_LENGTH
    password_length: int = PASSWORD_LENGTH.start


def show(
    request: Request,
    form: RegistrationForm,
    *,
    mistakes: Mapping[str, str] | None = None,
    invitation: str = "",
) -> Response:
    """The page as a response, which may load what the captcha needs and nothing else from elsewhere."""
    captcha = open_captcha(request.settings)
    terms = request.settings.terms
    page = RegisterPage(
        form,
        mistakes or {},
        invitation,
        captcha=None if invitation else captcha.vendor,
        site_key=captcha.site_key,
        terms_url=terms.url if terms.revision is not None else None,
    )
    status = 400 if mistakes else 200
    scripts = ["passwords"] if invitation else ["passwords", "confirm-email"]
    response = render(request, "pages/account/register/page.html", page, status=status, scripts=scripts)
    if page.captcha is not None:
        for directive, sources in page.captcha.sources.items():
            allow(response, directive, *sources)
    return form_can_be_sent(response)
