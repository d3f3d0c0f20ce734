"""The settings of single sign-on: who may vouch for people, and what their groups may do here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import orjson
from pydantic import Field, SecretStr, ValidationError, field_validator

from warehouse.settings.section import Section
from warehouse.settings.written import Options, Url, Written

ISSUER_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
GROUP_ROLE = re.compile(r"administrator|moderator|project:[A-Za-z0-9][A-Za-z0-9._-]*:(?:Owner|Maintainer)")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Issuer(Section):
    """One OpenID Connect issuer. Its name here is part of its callback's address, and of what is kept about people."""

    issuer: str = Field(
        description="The issuer's address exactly as it calls itself, https unless it is on this machine."
    )
    client_id: str = Field(min_length=1, description="The name that the issuer gave this index.")
    title: str | None = Field(default=None, description="What the button says; without it, the name.")
    scopes: tuple[str, ...] = Field(
        default=("openid", "profile", "email"), description="What is asked for; openid is always."
    )
    username_claim: str = Field(
        default="preferred_username", description="The claim that new user names are made from."
    )
    email_claim: str = Field(default="email", description="The claim that holds the e-mail address.")
    groups_claim: str = Field(default="groups", description="The claim that lists the groups.")
    userinfo: bool = Field(
        default=False, description="Claims that the ID token lacks are read from the userinfo endpoint."
    )
    trust_email: bool = Field(
        default=False, description="Addresses count as verified although the issuer does not say email_verified."
    )
    link_by_email: bool = Field(
        default=False,
        description="Who comes for the first time gets the account that has their verified address, if there is one.",
    )
    registration: bool = Field(
        default=True, description="Who comes for the first time and has no account gets a new one."
    )
    allowed_groups: tuple[str, ...] = Field(
        default=(), description="Only members of one of these may come; empty: all."
    )
    roles: dict[str, tuple[str, ...]] = Field(
        default={},
        description="What each group may do: administrator, moderator, project:NAME:Owner, project:NAME:Maintainer.",
    )
    confirms: bool = Field(
        default=True,
        description="It asks people once more who they are when it is told to (max_age), and says when it did "
        "(auth_time). Where it does not, people confirm sensitive things by signing out and in again.",
    )
    second_factor: Literal["ask", "amr", "trusted"] = Field(
        default="ask",
        description="Whether signing in there counts as two factors: never (those who have a second factor here are "
        "asked for it), when the claim amr names more than a password, or always.",
    )

    @field_validator("issuer")
    @classmethod
    def _is_secure(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            parts = urlsplit("")
        is_secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        if not re.fullmatch(r"[!-~]+", value) or not is_secure or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("an address such as 'https://login.example.org'")
        return value

    @field_validator("scopes", "allowed_groups", mode="before")
    @classmethod
    def _parts(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("roles", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        return {str(group): (roles,) if isinstance(roles, str) else roles for group, roles in value.items()}

    @field_validator("roles")
    @classmethod
    def _are_roles(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for role in (role for roles in value.values() for role in roles):
            if not GROUP_ROLE.fullmatch(role):
                raise ValueError("administrator, moderator, project:NAME:Owner or project:NAME:Maintainer")
        return value


def read_issuers(value: object) -> dict[str, Issuer]:
    """Issuers by name: a mapping in the file, JSON in the environment."""
    if isinstance(value, str) and value != "none":
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            value = None
    if value is False or value == "none":
        return {}
    if not isinstance(value, Mapping):
        raise ValueError("issuers by name, as docs/single-sign-on.md shows them")
    found = {}
    for name, given in value.items():
        if not isinstance(name, str) or not ISSUER_NAME.fullmatch(name):
            raise ValueError("names of issuers made of at most 40 of a-z, 0-9 and '-'")
        try:
            found[name] = given if isinstance(given, Issuer) else Issuer.model_validate(given)
        except ValidationError as problems:
            raise ValueError(_expected(name, problems.errors(include_input=False)[0])) from None
    return found


def show_issuers(value: Mapping[str, Issuer]) -> str:
    """As JSON, what is set."""
    shown = {name: issuer.model_dump(mode="json", exclude_unset=True) for name, issuer in value.items()}
    return orjson.dumps(shown).decode() if shown else "none"


def _expected(name: str, problem: Any) -> str:
    place = ".".join([name, *(str(part) for part in problem["loc"])])
    match problem["type"]:
        case "missing":
            return f"a value for {place}"
        case "extra_forbidden":
            return f"no {place}, which is not one of an issuer's settings"
        case "value_error":
            return f"as {place} {problem['ctx']['error']}"
        case "literal_error":
            return f"as {place} {problem['ctx']['expected']}"
    return f"another kind of value as {place}; docs/single-sign-on.md says which"


class SignOn(Section):
    """Single sign-on by OpenID Connect; see docs/single-sign-on.md."""

    issuers: Annotated[dict[str, Issuer], Written(read_issuers, show_issuers, hides=True)] = Field(
        default={}, description="Who may vouch for people: issuers by name, in the environment as JSON."
    )
    client_secrets: Options = Field(
        default={}, description="The secret that each issuer gave this index, by the issuer's name."
    )
    passwords: Literal["allowed", "off"] = Field(
        default="allowed",
        description="With off, people sign in through an issuer only, as long as there is one.",
    )

    @property
    def offers_passwords(self) -> bool:
        """Whether people sign in with a password, too. Without any issuer they always do: nobody could otherwise."""
        return self.passwords == "allowed" or not self.issuers

    @property
    def trusted(self) -> tuple[str, ...]:
        """The names of the issuers that are believed when they say that they saw a second factor."""
        return tuple(name for name, issuer in self.issuers.items() if issuer.second_factor != "ask")


class Associations(Section):
    """Accounts elsewhere that people link with theirs, to show who they are once they lost access. None signs in."""

    github_client_id: str | None = Field(default=None, description="The client id of an OAuth app at GitHub.")
    github_client_secret: SecretStr | None = Field(default=None, description="The secret of that app.")
    github_url: Url = Field(default="https://github.com", description="GitHub, or a GitHub Enterprise Server.")
    github_api_url: Url = Field(default="https://api.github.com", description="Where the API of that GitHub is.")
    gitlab_client_id: str | None = Field(default=None, description="The application id of an application at GitLab.")
    gitlab_client_secret: SecretStr | None = Field(default=None, description="The secret of that application.")
    gitlab_url: Url = Field(default="https://gitlab.com", description="GitLab, or an instance of one's own.")
