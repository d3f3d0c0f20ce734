"""The door for scripts that hold a token: what it may do, one that lives shortly made from it, and its end."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import orjson

from warehouse.api.bridged import StartResponse, ask_of, body_of, given
from warehouse.domain.tokens import Token
from warehouse.errors import Invalid, NotAuthenticated, NotFound, Refusal, TooMany, Unavailable
from warehouse.infra.db import UNANSWERED, unavailable
from warehouse.operations.deriving import derive_token, end_token, token_in_use
from warehouse.operations.tokens import actor_of, projects_of
from warehouse.standards.http import Answer, Ask
from warehouse.work import ANONYMOUS, ActorKind, Tools, Work, attempt

log = logging.getLogger("warehouse.api.tokens")

LONGEST_CALL = 64 * 1024  # bytes
MOST_PROJECTS = 1000  # of which a token cannot name as many; but looking them up has to end

_ALL = re.compile(r"/api/tokens/?")
_ONE = re.compile(r"/api/tokens/(?P<token>[^/]+)/?")
_PREFIX = "/api/tokens"


def is_about_tokens(path: str) -> bool:
    """Whether the address is one of this door's."""
    return path == _PREFIX or path.startswith(f"{_PREFIX}/")


class OtherMethod(Refusal):
    """The address is asked in other ways (405)."""

    status = 405

    def __init__(self, *allowed: str) -> None:
        super().__init__(f"Use {' or '.join(allowed)} here.", code="method_not_allowed")
        self.allowed = ", ".join((*allowed, "OPTIONS"))


class TokenDoor:
    """``GET`` and ``POST /api/tokens/``, ``DELETE /api/tokens/<id>`` and ``/api/tokens/current``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        ask = ask_of(environ)
        try:
            answer = self._answer(ask, environ)
        except Refusal as refusal:
            answer = _refused(refusal)
        except UNANSWERED as error:
            answer = _refused(unavailable(error))
        except Exception:
            number = environ.get("warehouse.request_id", "without a number")
            log.exception("a call failed: request %s", number)
            told = f"Something went wrong on our side. If it happens again, tell the operators {number}."
            answer = _json(500, {"message": told, "code": "broken"})
        return given(answer, ask, start_response)

    def _answer(self, ask: Ask, environ: dict[str, Any]) -> Answer:
        one = _ONE.fullmatch(ask.path)
        if one is None and not _ALL.fullmatch(ask.path):
            raise NotFound("There is nothing at this address. Tokens are made at /api/tokens/.")
        match ask.method:
            case "OPTIONS":
                allowed = "DELETE, OPTIONS" if one else "GET, HEAD, POST, OPTIONS"
                return Answer(204, [("Allow", allowed)])
            case "DELETE" if one:
                token_id = None if one["token"] == "current" else _uuid(one["token"])
                self._do(ask, lambda work: end_token(work, token_id))
                return Answer(204, [("Cache-Control", "no-store")])
            case "GET" | "HEAD" if not one:
                return _json(200, self._do(ask, _told))
            case "POST" if not one:
                wanted = Wanted.read(body_of(environ, LONGEST_CALL))
                return _json(201, self._do(ask, wanted.made))
        raise OtherMethod(*(("DELETE",) if one else ("GET", "HEAD", "POST")))

    def _do(self, ask: Ask, what: Any) -> Any:
        """Do it as whom the token speaks for."""

        def doing(work: Work) -> Any:
            actor = actor_of(
                work.db,
                self._tools,
                ask.headers.get("authorization"),
                now=work.now,
                address=ask.client,
                user_agent=ask.headers.get("user-agent"),
            )
            if actor.kind is ActorKind.ANONYMOUS:
                raise NotAuthenticated("Send an API token: user __token__ and the token as password, or as Bearer.")
            return what(replace(work, actor=actor))

        return attempt(self._tools, ANONYMOUS, doing)


@dataclass(frozen=True)
class Wanted:
    """What a script asks of a new token."""

    description: str = ""
    projects: tuple[str, ...] = ()
    expires_in: int | None = None

    @classmethod
    def read(cls, body: bytes) -> Wanted:
        """The JSON object of a call; nothing at all asks for nothing in particular.

        Refuses with :class:`Invalid` what it does not know: a limit that is misspelt must not be none.
        """
        try:
            value = orjson.loads(body) if body.strip() else {}
        except orjson.JSONDecodeError as error:
            raise Invalid('The body is no JSON. Send an object such as {"expires_in": 900}.', code="json") from error
        if not isinstance(value, dict):
            raise Invalid('Send a JSON object such as {"expires_in": 900}.', code="json")
        for name in value:
            if name not in cls.__dataclass_fields__:
                raise Invalid(
                    f"There is no {name[:100]!r} to ask for, only description, projects and expires_in.",
                    code="unknown_field",
                )
        return cls(_description(value), _projects(value), _expires_in(value))

    def made(self, work: Work) -> dict[str, Any]:
        """The new token, told this once."""
        lifetime = timedelta(seconds=self.expires_in) if self.expires_in is not None else None
        token, text = derive_token(work, description=self.description, projects=self.projects, lifetime=lifetime)
        return {"token": text, **_described(token)}


def _description(value: Mapping[str, Any]) -> str:
    found = value.get("description", "")
    if not isinstance(found, str):
        raise Invalid("The description is a text.", code="bad_description")
    return found


def _projects(value: Mapping[str, Any]) -> tuple[str, ...]:
    if "projects" not in value:
        return ()
    found = value["projects"]
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise Invalid("projects is a list of names.", code="bad_projects")
    if not 0 < len(found) <= MOST_PROJECTS:
        # A script that found none of what it looked for must not get a token for all.
        raise Invalid(
            "projects names at least one project. Leave it out for all that the token covers.", code="bad_projects"
        )
    return tuple(found)


def _expires_in(value: Mapping[str, Any]) -> int | None:
    found = value.get("expires_in")
    if found is None:
        return None
    if type(found) is not int or not 0 < found < 10**9:
        raise Invalid("expires_in is a number of seconds, such as 900.", code="bad_lifetime")
    return found


def _told(work: Work) -> dict[str, Any]:
    used = token_in_use(work)
    ends = used.expires_at.isoformat() if used.expires_at is not None else None
    return {"user": used.user.username, **_described(used.token), "projects": used.projects, "expires_at": ends}


def _described(token: Token) -> dict[str, Any]:
    return {
        "id": str(token.id),
        "description": token.description,
        "projects": projects_of(token),
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat() if token.expires_at is not None else None,
        "derived_from": str(token.parent_id) if token.parent_id is not None else None,
    }


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound("That is no token's id. Each token has its own, which is told when it is made.") from None


def _refused(refusal: Refusal) -> Answer:
    answer = _json(refusal.status, {"message": refusal.sentence, "code": refusal.code})
    if isinstance(refusal, NotAuthenticated):
        answer.headers.append(("WWW-Authenticate", 'Basic realm="Warehouse", charset="UTF-8"'))
    if isinstance(refusal, TooMany | Unavailable):
        answer.headers.append(("Retry-After", str(refusal.retry_after)))
    if isinstance(refusal, OtherMethod):
        answer.headers.append(("Allow", refusal.allowed))
    return answer


def _json(status: int, value: Any) -> Answer:
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Vary", "Authorization")]
    return Answer(status, headers, orjson.dumps(value))
