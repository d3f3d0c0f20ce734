"""Every setting: its type, unit, default and meaning, and what the profiles change."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, SecretStr
from pydantic.fields import FieldInfo

from warehouse.settings.accounts import Accounts, Links, Sessions, Terms
from warehouse.settings.contents import Contents
from warehouse.settings.downloads import Downloads
from warehouse.settings.images import Images
from warehouse.settings.limits import Limits
from warehouse.settings.mail import Mail
from warehouse.settings.people import Captcha, MailDomains
from warehouse.settings.search import Search
from warehouse.settings.section import Section
from warehouse.settings.sign_on import Associations, SignOn
from warehouse.settings.tokens import Advisories, Audit, Leaks, Tokens
from warehouse.settings.written import (
    AvatarUrl,
    Count,
    Duration,
    Link,
    Listen,
    MailAddress,
    Networks,
    Options,
    Rate,
    Size,
    Url,
    Urls,
    Written,
    read_count,
    read_database_url,
    read_folder,
    read_listen,
    read_storage_url,
)


class Site(Section):
    """Who this index is."""

    name: str = Field(default="Warehouse", description="What the index calls itself on its pages and in its mail.")
    url: Url | None = Field(
        default=None,
        description="The address people reach the index at; without it, links on simple pages hold no host.",
    )
    files_url: Url | None = Field(
        default=None, description="Where files are served from, when not below the site's own address."
    )
    security_contact: MailAddress | None = Field(
        default=None,
        description="Where weaknesses of the index are reported; told in /.well-known/security.txt (RFC 9116).",
    )
    security_policy: Link | None = Field(
        default=None,
        description="The page that says what becomes of such reports; told there, too. Without it, /security/ here.",
    )
    funding_manifest: Link | None = Field(
        default=None,
        description="The address of a funding.json that says how to support the index; told in "
        "/.well-known/funding-manifest-urls.",
    )
    avatar_url: AvatarUrl | None = Field(
        default=None,
        description="A service that has pictures of people, such as https://avatars.example.org/{hash}?s={size}, where "
        "{hash} is the MD5 of somebody's address. It learns who looks at whom; without it the index draws them itself.",
    )
    development: bool = Field(
        default=False,
        description="Shows what the pages are made of at /_/components, for whoever works on them.",
    )
    secret: SecretStr | None = Field(
        default=None,
        description="What tokens, second factors and one-time links are keyed with; the same on every machine of one "
        "index. Without it, a key made at first start and kept in the data folder.",
    )


class Access(Section):
    """Who may do what before any role is looked at."""

    read: Literal["everyone", "signed_in"] = Field(default="everyone", description="Who may read pages and files.")
    require_second_factor: bool = Field(
        default=False,
        description="Publishing, and managing projects on the site, needs an account with a second factor: an "
        "authentication app or a security key. The last one cannot be removed.",
    )
    require_verified_email: bool = Field(
        default=False, description="Publishing needs an account with a verified e-mail address."
    )


class Upload(Section):
    """What may be published."""

    enabled: bool = Field(default=True, description="Files may be uploaded.")
    new_projects: bool = Field(default=True, description="An upload may create a project that does not exist yet.")
    max_file_size: Size = Field(default=100 * 1024**2, description="The largest file.")
    max_project_size: Size = Field(
        default=10 * 1024**3, description="The most that all files of one project may hold together."
    )
    max_form_size: Size = Field(
        default=16 * 1024**2, description="The most that an upload's fields may hold beside its file."
    )
    release_window: Duration | None = Field(
        default=None, description="How long after its first file a release accepts new files."
    )
    local_versions: bool = Field(default=True, description="Versions with a local part such as 1.0+cu124 are accepted.")
    linux_wheels: bool = Field(
        default=True, description="Wheels for linux_* (rather than manylinux or musllinux) are accepted."
    )
    old_filenames: bool = Field(
        default=False,
        description="File names from before they had to be normalised (Foo.Bar-1.0-py3-none-any.whl, foo-bar-1.0.zip) "
        "are accepted, for an index that keeps copies of old projects.",
    )
    strict_metadata: bool = Field(
        default=True, description="An upload whose form and archive disagree on what installers act on is refused."
    )
    scan_archives: bool = Field(
        default=True,
        description="Archives are searched for code that nobody can read (PyArmor, SourceDefender); "
        "their structure is checked always.",
    )
    standard_library_names_refused: bool = Field(
        default=True, description="A new project may not take the name of a standard library module."
    )


class Namespaces(Section):
    """Names that belong together (PEP 752)."""

    enabled: bool = Field(
        default=False, description="Names can be granted with all that begin with them; see docs/namespaces.md."
    )
    max_depth: Annotated[int, Written(read_count), Field(ge=0, le=8)] = Field(
        default=3, description="How many hyphens the name of a namespace has at most."
    )


class Storage(Section):
    """Where uploaded files are kept."""

    url: Annotated[str, Written(read_storage_url)] | None = Field(
        default=None,
        description="An object store (s3://bucket/prefix, gs://, az://); without it, the data folder's blobs.",
    )
    options: Options = Field(
        default={}, description="What the object store needs to be reached: endpoint, region, access keys."
    )
    redirect: bool = Field(
        default=False, description="Requests for files are redirected to a signed address of the object store."
    )
    sweep_after: Duration = Field(
        default=timedelta(days=1), description="How old a stored file that no release refers to is when it is removed."
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Web(Section):
    """The web server."""

    workers: Count = Field(
        default_factory=lambda: min(_cores(), 4),
        description="Worker processes.",
        json_schema_extra={"default": "one per core, at most 4"},
    )
    page_threads: Count = Field(
        default=2, description="Threads of one worker that build pages which are not in its cache."
    )
    upload_threads: Count = Field(default=4, description="Uploads that one worker checks and stores at the same time.")
    bridge_threads: Count = Field(default=8, description="Other requests that one worker answers at the same time.")
    max_connections: Count = Field(
        default=4096, description="Connections that one worker keeps open; more are refused with 503."
    )
    max_waiting: Count = Field(
        default=2048,
        description="Followers of the change feed that one worker lets wait for news, each on a connection of its own; "
        "more are refused with 503.",
    )
    trusted_proxies: Networks = Field(
        default=(ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")),
        description="Proxies whose word on the visitor's address, scheme and host is believed.",
    )
    keep_alive: Duration = Field(default=timedelta(seconds=75), description="How long an idle connection is kept open.")
    header_deadline: Duration = Field(
        default=timedelta(seconds=10), description="How long a request's header may take to arrive."
    )
    body_idle: Duration = Field(
        default=timedelta(seconds=20), description="How long a sender of a body may stay silent."
    )
    reader_idle: Duration = Field(
        default=timedelta(seconds=30), description="How long a reader of a response may take nothing."
    )
    min_upload_rate: Size = Field(
        default=8 * 1024, description="Bytes per second below which, on average, an upload is given up."
    )
    grace: Duration = Field(
        default=timedelta(seconds=30), description="How long requests may take to finish when the server stops."
    )


class Pages(Section):
    """How pages for machines are cached, here and on their way."""

    cache_size: Size = Field(default=256 * 1024**2, description="Memory of one worker for finished pages.")
    max_age: Duration | None = Field(
        default=None,
        description="How long clients may keep a simple page without asking; without it they ask every time.",
    )
    cdn_max_age: Duration | None = Field(
        default=None,
        description="How long a CDN that is told of changes may keep a page; see the section cdn for how it is told.",
    )
    stale_while_revalidate: Duration = Field(
        default=timedelta(minutes=5),
        description="How long a CDN may answer with an old page while it fetches the new one.",
    )
    stale_if_error: Duration = Field(
        default=timedelta(days=1),
        description="How long a CDN may answer with an old page while the index is unreachable.",
    )


class Cdn(Section):
    """The cache in front of the index, Fastly's network or Varnish, that is told when pages have changed."""

    backend: Literal["none", "fastly", "varnish"] = Field(
        default="none",
        description="Which cache is told of changes. With none nobody may keep a page longer than clients may, since "
        "nothing would make them drop it.",
    )
    varnish: Urls = Field(
        default=(), description="The addresses of the Varnish servers, such as `http://10.0.0.5:6081`; all are told."
    )
    fastly_service: str | None = Field(default=None, description="The id of the Fastly service.")
    fastly_token: SecretStr | None = Field(
        default=None, description="A Fastly API token that may purge; it needs no other right."
    )
    fastly_api: Url = Field(
        default="https://api.fastly.com", description="Where Fastly, or what speaks like it, takes purges."
    )
    time_limit: Duration = Field(default=timedelta(seconds=10), description="How long one purge may take.")
    again_after: Duration = Field(
        default=timedelta(seconds=5),
        description="How long after a change its pages are purged a second time, for one that a web server built "
        "before it had heard of the change. Such a server hears within a second.",
    )

    @property
    def is_told(self) -> bool:
        """Whether some cache learns of changes."""
        return self.backend != "none"


class Postgres(Section):
    """The embedded PostgreSQL, and connections to any."""

    shared_buffers: Size = Field(default=128 * 1024**2, description="Page cache of the embedded server.")
    max_connections: Count = Field(default=120, description="Connections that the embedded server accepts.")
    pool_size: Count = Field(
        default=16,
        description="Connections that one process keeps open, a quarter of them for reading; eight more in a rush.",
    )


class Jobs(Section):
    """Work done after a request was answered."""

    threads: Count = Field(default=2, description="Jobs that one worker process does at the same time.")
    in_tree: bool = Field(default=True, description="`warehouse serve` does the jobs too, not only `warehouse worker`.")


class Passwords(Section):
    """What hashing a password costs (argon2id), and which ones are taken."""

    memory: Size = Field(default=64 * 1024**2, description="Memory to compute one hash.")
    passes: Count = Field(default=3, description="Passes over that memory.")
    lanes: Count = Field(default=4, description="Threads that compute one hash.")
    at_once: Count = Field(
        default=1,
        description="Hashes that one process computes at the same time. They take processor time that nobody else "
        "wants, so more do not make signing in faster, but each takes its memory.",
    )
    waiting: Count = Field(
        default=3,
        description="Callers that wait in one process for their turn to have a password hashed; more are answered 503. "
        "Fewer than web.bridge_threads, so that pages are answered meanwhile.",
    )
    patience: Duration = Field(
        default=timedelta(seconds=5), description="How long they wait before they are answered 503."
    )
    breach_range_url: Url | None = Field(
        default=None,
        description="The service that knows passwords which were stolen elsewhere, such as "
        "`https://api.pwnedpasswords.com/range`: it is told five digits of a hash, and its passwords are not taken. "
        "While it is away all are.",
    )


class Logs(Section):
    """What the index writes about itself, to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important lines written."
    )
    format: Literal["console", "json"] = Field(default="console", description="console for people, json for programs.")


class Metrics(Section):
    """Numbers for Prometheus at /metrics."""

    token: SecretStr | None = Field(
        default=None, description="Whoever sends it as a bearer token may read /metrics; this machine always may."
    )


class Settings(Section):
    """All settings of one index, frozen; made by `load_settings`."""

    data: Annotated[Path, Written(read_folder)] = Field(
        default=Path("var"), description="The folder for everything the index keeps on this machine."
    )
    listen: Annotated[Listen, Written(read_listen)] = Field(
        default=Listen("127.0.0.1", 8080), description="The address and port of the web server."
    )
    profile: Literal["private", "public"] = Field(
        default="private", description="The set of defaults: private for a company or a person, public for everyone."
    )
    config: Path | None = Field(default=None, description="The YAML file with settings.")
    database_url: Annotated[SecretStr, Written(read_database_url)] | None = Field(
        default=None, description="A PostgreSQL 15 or newer to use; without it, one is run in the data folder."
    )
    site: Site = Site()
    access: Access = Access()
    accounts: Accounts = Accounts()
    sessions: Sessions = Sessions()
    links: Links = Links()
    terms: Terms = Terms()
    sign_on: SignOn = SignOn()
    associations: Associations = Associations()
    mail_domains: MailDomains = MailDomains()
    captcha: Captcha = Captcha()
    upload: Upload = Upload()
    namespaces: Namespaces = Namespaces()
    limits: Limits = Limits()
    storage: Storage = Storage()
    downloads: Downloads = Downloads()
    web: Web = Web()
    pages: Pages = Pages()
    contents: Contents = Contents()
    images: Images = Images()
    cdn: Cdn = Cdn()
    postgres: Postgres = Postgres()
    jobs: Jobs = Jobs()
    search: Search = Search()
    mail: Mail = Mail()
    passwords: Passwords = Passwords()
    tokens: Tokens = Tokens()
    leaks: Leaks = Leaks()
    advisories: Advisories = Advisories()
    audit: Audit = Audit()
    logs: Logs = Logs()
    metrics: Metrics = Metrics()

    _sources: Mapping[str, str] = PrivateAttr(default_factory=dict)

    @property
    def token_location(self) -> str:
        """The domain written into new tokens."""
        host = urlsplit(self.site.url).hostname if self.site.url else None
        return self.tokens.location or host or "warehouse"

    @property
    def public_url(self) -> str:
        """The address written into mail, without a slash at the end.

        Never the host that a request named: whoever sent it could choose where the link in somebody's mail leads.
        """
        return self.site.url or f"http://{self.listen}"


PROFILES: Mapping[str, Mapping[str, object]] = {
    "private": {},
    "public": {
        "access.require_second_factor": True,
        "access.require_verified_email": True,
        "accounts.registration": "open",
        "accounts.check_mail_domains": True,
        "accounts.refuse_disposable_mail": True,
        "accounts.confirm_new_devices": True,
        "passwords.breach_range_url": "https://api.pwnedpasswords.com/range",
        "mail_domains.status": "dns",
        "upload.release_window": timedelta(days=14),
        "upload.local_versions": False,
        "upload.linux_wheels": False,
        "limits.new_projects_per_user": Rate(20, timedelta(hours=1)),
        "limits.new_projects_per_address": Rate(40, timedelta(hours=1)),
        # A hundred CI jobs behind one address that begin at once and ask for three hundred pages each stay below it;
        # who crawls at this pace has read every page of the public index after half an hour.
        "limits.reads_per_address": Rate(30_000, timedelta(minutes=1)),
        "pages.max_age": timedelta(minutes=10),
        "pages.cdn_max_age": timedelta(days=1),
    },
}


def sections() -> dict[str, type[Section]]:
    """The sections by name."""
    return {
        name: field.annotation
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
    }


def _fields() -> Iterator[tuple[str, FieldInfo]]:
    named = sections()
    yield from ((name, field) for name, field in Settings.model_fields.items() if name not in named)
    for section, model in named.items():
        yield from ((f"{section}.{name}", field) for name, field in model.model_fields.items())


FIELDS: Mapping[str, FieldInfo] = dict(_fields())


def variable(name: str) -> str:
    """The environment variable that sets ``name`` (``upload.max_file_size``: ``WAREHOUSE_UPLOAD__MAX_FILE_SIZE``)."""
    return "DATABASE_URL" if name == "database_url" else "WAREHOUSE_" + name.replace(".", "__").upper()
