"""Victims with accounts, and what an attacker looks at afterwards."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import text

from tests.index import Index
from tests.web.browser import Browser
from tests.web.client import Client
from warehouse.domain.accounts import Association, Email, SecurityKey, User, UserSession
from warehouse.operations import recovery_codes
from warehouse.operations.sessions import admit
from warehouse.operations.tokens import create_token
from warehouse.operations.totp import seal_secret
from warehouse.settings import load_settings
from warehouse.web.app import configured, finished, make_web_app
from warehouse.web.request import SAFE
from warehouse.web.routes import ROUTES
from warehouse.work import ANONYMOUS, Actor, ActorKind, Tools

TOTP_SECRET = b"12345678901234567890"
TABLES = {
    "emails": "emails",
    "tokens": "tokens",
    "sessions": "user_sessions",
    "associations": "associations",
    "security_key": "security_keys",
    "invitations": "invitations",
}
"""Where the rows are that the addresses of each kind of page name."""

HERE, ELSEWHERE = "192.0.2.1", "203.0.113.66"
ELABORATE = {
    "WAREHOUSE_PASSWORDS__MEMORY": "64 KiB",
    "WAREHOUSE_PASSWORDS__PASSES": "1",
    "WAREHOUSE_PASSWORDS__LANES": "1",
    "WAREHOUSE_PASSWORDS__WAITING": "100",
    "WAREHOUSE_ACCOUNTS__REGISTRATION": "open",
}


def with_settings(tools: Tools, **environ: str) -> Tools:
    """The tools of an index with these settings, in the form of environment variables."""
    return replace(tools, settings=load_settings({"WAREHOUSE_DATA": str(tools.settings.data), **ELABORATE, **environ}))


def victim(tools: Tools, name: str = "ada", *, secured: bool = True, administrator: bool = False) -> uuid.UUID:
    """Somebody with one of everything that an account can have; the user's id."""
    index = Index(tools)
    user = index.user(name, verified=True, administrator=administrator)
    with index.work(Actor(ActorKind.USER, user_id=user.id, username=name, address=HERE)) as work:
        user = work.db.merge(user)
        user.emails.append(Email(address=f"{name}@example.net", is_primary=False, is_verified=True))
        create_token(work, user, description="for uploads")
        if secured:
            user.totp_secret, user.totp_last_step = seal_secret(tools, user, TOTP_SECRET), 0
            recovery_codes.generate(work, user)
            credential = {"credential_id": uuid.uuid4().bytes, "public_key": b"key", "sign_count": 0}
            work.db.add(SecurityKey(user_id=user.id, label="blue", created_at=work.now, **credential))
        account = {"service": "github", "external_id": name, "external_username": name, "details": {}}
        work.db.add(Association(user_id=user.id, created_at=work.now, **account))
    return user.id


def signed_in(tools: Tools, user_id: uuid.UUID, *, address: str = HERE, method: str = "webauthn") -> Browser:
    """A browser with a session of the user, made a moment ago."""
    browser = Browser(Client(make_web_app(tools)), address=address)
    with Index(tools).work(replace(ANONYMOUS, address=address)) as work:
        user = work.db.get(User, user_id)
        assert user is not None
        browser.cookies["session_id"] = admit(work, user, method=method)
    with Index(tools).work() as work:
        newest = work.db.query(UserSession).filter_by(user_id=user_id).order_by(UserSession.created_at.desc()).first()
        assert newest is not None
        browser._csrf = newest.csrf_token
    return browser


def session_ages(tools: Tools, user_id: uuid.UUID, by: timedelta) -> None:
    """Let the user's sessions be older."""
    with Index(tools).work() as work:
        for session in work.db.query(UserSession).filter_by(user_id=user_id):
            session.created_at -= by
            session.used_at -= by
            session.expires_at -= by
            session.authenticated_at -= by


def state(tools: Tools, *, without: frozenset[str] = frozenset()) -> dict[str, str]:
    """What every table holds, as a digest."""
    with tools.database.session() as db:
        names = db.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")).all()
        digest = "SELECT coalesce(md5(string_agg(t::text, '\n' ORDER BY t::text)), '') FROM {} t"
        return {name: str(db.scalar(text(digest.format(name)))) for name in names if name not in without}


def views() -> list[dict[str, Any]]:
    """Every view of the site with a route, as it was declared."""
    tools: Any = SimpleNamespace(settings=load_settings({}), metrics=SimpleNamespace(), database=None, secret=b"x" * 64)
    config = configured(tools)
    finished(config)
    found = [item["introspectable"] for item in config.introspector.get_category("views") or ()]
    return [view for view in found if view.get("route_name") in ROUTES]


def methods(view: dict[str, Any]) -> list[str]:
    """The methods that the view answers."""
    named = view["request_methods"] or ("GET",)
    return [named] if isinstance(named, str) else list(named)


def changing_views() -> list[tuple[str, str]]:
    """Route and method of each view that may change something and is for people."""
    return sorted(
        {
            (view["route_name"], method)
            for view in views()
            for method in methods(view)
            if method not in SAFE and view.get("csrf") is not False
        }
    )


def readable_routes() -> list[str]:
    """Each route that can be looked at."""
    return sorted({view["route_name"] for view in views() if "GET" in methods(view)})


def path_of(route: str, tools: Tools, user_id: uuid.UUID) -> str:
    """An address of the route, at which there is something of the user's."""
    return re.sub(r"{(\w+)(?::[^{}]+)?}", lambda found: _part(route, found[1], tools, user_id), ROUTES[route])


def _part(route: str, name: str, tools: Tools, user_id: uuid.UUID) -> str:
    kind = route.split(".")[1] if "." in route else ""
    if name != "id" or kind not in TABLES:
        return {"username": "ada", "name": "ada", "format": "json"}.get(name, "1")
    with tools.database.session() as db:
        # Of invitations it is known by name whose they are.
        whose = (
            "invited_by = (SELECT username FROM users WHERE id = :user)" if kind == "invitations" else "user_id = :user"
        )
        newest = f"SELECT id FROM {TABLES[kind]} WHERE {whose} ORDER BY id DESC LIMIT 1"
        return str(db.scalar(text(newest), {"user": user_id}) or 1)
