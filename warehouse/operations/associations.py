"""Accounts elsewhere that people link with theirs, to show who they are; issuers of single sign-on among them."""

from __future__ import annotations

import logging
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from warehouse.authz import Permission, require
from warehouse.domain.accounts import Association, User, UserSession
from warehouse.domain.accounts.associations import ISSUER, association_of, associations_of
from warehouse.domain.site import once
from warehouse.errors import Conflict, Invalid, NotFound, Unavailable
from warehouse.events import AssociationAdded, AssociationRemoved, tell
from warehouse.infra.oauth import Client, ProviderFailed, exchange_code, read_object
from warehouse.operations import sign_on
from warehouse.operations.sign_on.groups import apply_groups
from warehouse.settings import Settings
from warehouse.standards.openid import code_challenge
from warehouse.work import Work, begin

log = logging.getLogger("warehouse.associations")

STATE = "association"
LIFETIME = timedelta(minutes=10)
TIME_LIMIT = timedelta(seconds=5)
LONGEST = 4096  # characters of a state or a code


@dataclass(frozen=True)
class Service:
    """A place where people have accounts, as OAuth 2.0 speaks with it. ``login`` is the field with the user's name."""

    name: str
    title: str
    authorize: str
    token: str
    profile: str
    scope: str
    login: str
    client: Client = field(repr=False)


def services(settings: Settings) -> dict[str, Service]:
    """Those that the settings know a client of, by name."""
    known = settings.associations
    found = {}
    if known.github_client_id is not None:
        found["github"] = Service(
            name="github",
            title="GitHub",
            authorize=f"{known.github_url}/login/oauth/authorize",
            token=f"{known.github_url}/login/oauth/access_token",
            profile=f"{known.github_api_url}/user",
            scope="",  # "grants read-only access to public information"
            login="login",
            client=Client(known.github_client_id, _plain(known.github_client_secret)),
        )
    if known.gitlab_client_id is not None:
        found["gitlab"] = Service(
            name="gitlab",
            title="GitLab",
            authorize=f"{known.gitlab_url}/oauth/authorize",
            token=f"{known.gitlab_url}/oauth/token",
            profile=f"{known.gitlab_url}/api/v4/user",
            scope="read_user",
            login="username",
            client=Client(known.gitlab_client_id, _plain(known.gitlab_client_secret)),
        )
    return found


def title_of(settings: Settings, service: str) -> str:
    """What a service is called, also one that the settings know no more."""
    if service.startswith(ISSUER):
        name = service.removeprefix(ISSUER)
        issuer = settings.sign_on.issuers.get(name)
        return sign_on.title_of(name, issuer) if issuer is not None else name
    return {"github": "GitHub", "gitlab": "GitLab"}.get(service, service)


def leave_for(work: Work, session: UserSession, name: str) -> str:
    """Where whoever is signed in shows their account there. Refuses with :class:`NotFound` what is not offered."""
    service = _find(work, name)
    verifier = secrets.token_urlsafe(48)
    kept = {"service": name, "session": str(session.id), "verifier": verifier}
    asked = {
        "response_type": "code",
        "client_id": service.client.id,
        "redirect_uri": _callback(work, name),
        "scope": service.scope,
        "state": once.put(work.db, STATE, kept, until=work.now + LIFETIME),
        "code_challenge": code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    return f"{service.authorize}?{urlencode({key: value for key, value in asked.items() if value})}"


def connect(work: Work, user: User, session: UserSession, name: str, query: Mapping[str, str]) -> Association:
    """Connect the account that somebody has shown with theirs here.

    Refuses with :class:`Invalid` what was not asked for in this session, or was used already, with
    :class:`Conflict` an account that is linked already, and with :class:`Unavailable` when the service fails.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    service = _find(work, name)
    verifier = _verifier(work, session, name, query.get("state", ""))
    code = query.get("code", "")
    if "error" in query or not 0 < len(code) <= LONGEST:
        raise Invalid(f"You did not agree at {service.title}. Nothing was linked.", code="declined")
    external_id, username = _profile(work, service, code, verifier)
    found = association_of(work.db, name, external_id)
    if found is not None:
        whose = "your" if found.user_id == user.id else "another"
        raise Conflict(f"{username} at {service.title} is linked with {whose} account already.", code="associated")
    association = Association(
        user_id=user.id,
        service=name,
        external_id=external_id,
        external_username=username,
        details={},
        created_at=work.now,
    )
    work.db.add(association)
    work.db.flush()
    tell(work, AssociationAdded(user, name, service.title, external_id, username))
    return association


def disconnect(work: Work, user: User, association_id: uuid.UUID) -> Association:
    """Forget an account elsewhere, and the roles that its groups gave.

    Refuses with :class:`NotFound` what is not the user's, and with :class:`Conflict` the only way in that they have.
    """
    require(work.actor, Permission.MANAGE_ACCOUNT, user)
    known = associations_of(work.db, user.id)
    association = next((one for one in known if one.id == association_id), None)
    if association is None:
        raise NotFound("No such account is linked; it may have been removed.", code="no_such_association")
    if association.service.startswith(ISSUER):
        _refuse_last_way_in(work, user, association, known)
    _forget(work, user, association)
    return association


def forget_issuers(work: Work, user: User) -> None:
    """Let nobody in whom an issuer vouches for, since somebody else may have linked their account with this one.

    Its owner links theirs again, once they have a new password; where there are none, nothing is forgotten.
    """
    require(work.actor, Permission.RECOVER_ACCOUNT, user)
    if work.settings.sign_on.offers_passwords:
        for association in associations_of(work.db, user.id):
            if association.service.startswith(ISSUER):
                _forget(work, user, association, quietly=True)


def _forget(work: Work, user: User, association: Association, *, quietly: bool = False) -> None:
    service = association.service
    if service.startswith(ISSUER):
        apply_groups(work, user, service.removeprefix(ISSUER), (), {})
    named = (title_of(work.settings, service), association.external_id, association.external_username)
    tell(work, AssociationRemoved(user, service, *named, quietly=quietly))
    work.db.delete(association)


def _refuse_last_way_in(work: Work, user: User, association: Association, known: Any) -> None:
    offered = {ISSUER + choice.name for choice in sign_on.choices(work.settings)}
    others = any(one.service in offered for one in known if one is not association)
    has_password = user.password_hash is not None and work.settings.sign_on.offers_passwords
    if not others and not has_password:
        raise Conflict(
            "This is the only way in which you can sign in. Set a password first, or link another account.",
            code="last_way_in",
        )


def _find(work: Work, name: str) -> Service:
    service = services(work.settings).get(name)
    if service is None:
        raise NotFound("Accounts of this service cannot be linked here.", code="no_such_service")
    return service


def _callback(work: Work, name: str) -> str:
    return f"{work.settings.public_url}/manage/account/associations/{name}/callback"


def _verifier(work: Work, session: UserSession, name: str, state: str) -> str:
    with begin(work.tools, work.actor) as taking:  # whatever becomes of the rest, it was used
        kept = once.take(taking.db, STATE, state, now=work.now) if 0 < len(state) <= LONGEST else None
    if kept is None or kept["service"] != name or kept["session"] != str(session.id):
        raise Invalid(
            "Linking was not begun here, was done already or took too long. Start again.", code="state_unknown"
        )
    return str(kept["verifier"])


def _profile(work: Work, service: Service, code: str, verifier: str) -> tuple[str, str]:
    """The lasting id and the present name of whoever came with the code. The access token is kept nowhere."""
    try:
        given = exchange_code(
            service.title,
            service.token,
            service.client,
            code=code,
            redirect_uri=_callback(work, service.name),
            verifier=verifier,
            time_limit=TIME_LIMIT,
        )
        profile = read_object(
            service.title, service.profile, token=str(given.get("access_token", "")), time_limit=TIME_LIMIT
        )
        external_id, username = profile.get("id"), profile.get(service.login)
        is_one = isinstance(external_id, int) and not isinstance(external_id, bool) and isinstance(username, str)
        if not is_one or not 0 < len(str(username)) <= 255 or not str(username).isprintable():
            raise ProviderFailed(f"{service.title} does not say who it is.")
    except ProviderFailed as failure:
        log.warning("%s", failure, extra={"service": service.name})
        raise Unavailable(
            f"{service.title} gave no answer that can be used. Try again in a moment.", code="service_away"
        ) from failure
    return str(external_id), str(username)


def _plain(secret: Any) -> str | None:
    return secret.get_secret_value() if secret is not None else None
