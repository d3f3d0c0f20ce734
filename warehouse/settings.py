"""Every setting of an index: its type, unit, default and meaning, and how it is read from the file and the environment.

Read in this order, later wins: the defaults below, the profile's own defaults, the YAML file, the environment. The
layers are put together here rather than by pydantic-settings because each value must remember where it came from: the
sentence that refuses a wrong value names the variable, or the file and line, that somebody has to change.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, PrivateAttr, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

HIDDEN = "******"


class BadSettings(Exception):
    """The settings cannot be used; ``sentence`` names the setting, where it was given, and what is expected."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


# How values are written -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """How one kind of value is read from what people write, and shown again. ``read`` refuses with what it expected."""

    read: Callable[[object], object]
    show: Callable[[Any], str] = str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))


_RATE_WORDS = {timedelta(seconds=1): "second", timedelta(minutes=1): "minute", timedelta(hours=1): "hour"}
_RATE_WORDS |= {timedelta(days=1): "day", timedelta(weeks=1): "week"}


@dataclass(frozen=True)
class Rate:
    """At most ``count`` times in any ``period``."""

    count: int
    period: timedelta

    def __str__(self) -> str:
        return f"{self.count} per {_RATE_WORDS.get(self.period, show_duration(self.period))}"


class Listen(NamedTuple):
    """The address and TCP port the web server listens on; port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


_SECONDS = {"week": 604800, "day": 86400, "h": 3600, "min": 60, "s": 1, "ms": 0.001}
_DURATION_WORDS = {
    **dict.fromkeys(("w", "week", "weeks"), "week"),
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("h", "hour", "hours"), "h"),
    **dict.fromkeys(("m", "min", "minute", "minutes"), "min"),
    **dict.fromkeys(("s", "sec", "second", "seconds"), "s"),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), "ms"),
}
_NUMBER = r"\d+(?:\.\d+)?"
_ISO_DURATION = re.compile(
    rf"P(?:({_NUMBER})W)?(?:({_NUMBER})D)?(?:T(?:({_NUMBER})H)?(?:({_NUMBER})M)?(?:({_NUMBER})S)?)?"
)
_BYTES = {"": 1, "b": 1, "byte": 1, "bytes": 1} | {
    prefix.lower() + suffix: base**power
    for base, suffix in ((1024, "ib"), (1000, "b"))
    for power, prefix in enumerate("KMGTP", start=1)
}


def read_duration(value: object) -> timedelta:
    """``14 days``, ``1 h 30 min``, ISO 8601 (``P14D``, ``PT20S``) or a number of seconds, longer than zero."""
    seconds = value.total_seconds() if isinstance(value, timedelta) else _seconds(value)
    if seconds is None or not 0 < seconds <= timedelta.max.total_seconds() / 2:
        raise ValueError("a duration longer than zero such as '14 days', '20 s' or 'PT20S'")
    return timedelta(seconds=seconds)


def _seconds(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip().lower()
    if re.fullmatch(_NUMBER, text):
        return float(text)
    if (iso := _ISO_DURATION.fullmatch(text.upper())) and any(iso.groups()):
        return sum(float(n or 0) * _SECONDS[unit] for n, unit in zip(iso.groups(), _SECONDS, strict=False))
    if not re.fullmatch(rf"(?:{_NUMBER}\s*[a-z]+\s*)+", text):
        return None
    parts = re.findall(rf"({_NUMBER})\s*([a-z]+)", text)
    if not all(word in _DURATION_WORDS for _, word in parts):
        return None
    return sum(float(number) * _SECONDS[_DURATION_WORDS[word]] for number, word in parts)


def show_duration(value: timedelta) -> str:
    """The largest unit that divides the duration: ``14 days``, ``90 min``, ``0.5 s``."""
    for unit, seconds in (("day", 86400), ("h", 3600), ("min", 60)):
        count, rest = divmod(value, timedelta(seconds=seconds))
        if count and not rest:
            return f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}"
    return f"{value.total_seconds():.6f}".rstrip("0").rstrip(".") + " s"


def read_size(value: object) -> int:
    """``100 MiB``, ``10 GB`` or a number of bytes, at least 1; KiB, MiB, GiB count in 1024s, kB, MB, GB in 1000s."""
    size = 0
    if isinstance(value, int) and not isinstance(value, bool):
        size = value
    elif isinstance(value, str) and (match := re.fullmatch(rf"({_NUMBER})\s*([a-z]*)", value.strip().lower())):
        number, unit = match.groups()
        if unit in _BYTES:
            size = int(number) * _BYTES[unit] if number.isdigit() else round(float(number) * _BYTES[unit])
    if not 0 < size < 2**63:
        raise ValueError("a size such as '100 MiB', '10 GiB' or a number of bytes")
    return size


def show_size(value: int) -> str:
    """The largest of KiB, MiB, GiB, TiB that divides the size, else bytes."""
    for power, unit in ((4, "TiB"), (3, "GiB"), (2, "MiB"), (1, "KiB")):
        if value and value % 1024**power == 0:
            return f"{value // 1024**power} {unit}"
    return f"{value} bytes"


def read_rate(value: object) -> Rate:
    """``20 per hour``, ``5 per 10 minutes``, ``20/hour``."""
    if isinstance(value, Rate):
        return value
    match = re.fullmatch(r"\s*(\d{1,9})\s*(?:/|\bper\b)\s*(.+)", value) if isinstance(value, str) else None
    if match and int(match[1]) > 0:
        period = match[2] if match[2][0].isdigit() else f"1 {match[2]}"
        if seconds := _seconds(period):
            return Rate(int(match[1]), read_duration(seconds))
    raise ValueError("a rate such as '20 per hour' or '5 per 10 minutes'")


def read_listen(value: object) -> Listen:
    """``host:port``; an IPv6 address stands in brackets."""
    if isinstance(value, Listen):
        return value
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.%\w]+)\]|([\w.-]+)):(\d{1,5})", value) if isinstance(value, str) else None
    if match is None or int(match[3]) > 65535 or (match[1] and not _is_address(match[1])):
        raise ValueError("host:port such as '127.0.0.1:8080' or '[::1]:8080'")
    return Listen(match[1] or match[2], int(match[3]))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def read_url(value: object) -> str:
    """An ``http`` or ``https`` address, kept without its trailing slash."""
    if isinstance(value, str) and re.fullmatch(r"https?://[^\s?#@/]+(/[^\s?#]*)?", value):
        return value.rstrip("/")
    raise ValueError("an address such as 'https://packages.example.org'")


def read_database_url(value: object) -> object:
    """A libpq address; the value is secret, so what is expected never repeats it."""
    if isinstance(value, SecretStr) or (isinstance(value, str) and re.match(r"postgres(ql)?(\+psycopg)?://", value)):
        return value
    raise ValueError("an address such as 'postgresql://user:password@host:5432/database'")


def read_storage_url(value: object) -> str:
    """Where an object store keeps the files: ``s3://bucket/prefix``, ``gs://bucket/prefix``, ``az://container/prefix``."""
    if isinstance(value, str) and urlsplit(value).scheme in {"s3", "gs", "az"} and urlsplit(value).netloc:
        return value.rstrip("/")
    raise ValueError("an address such as 's3://bucket/prefix', 'gs://bucket/prefix' or 'az://container/prefix'")


def read_networks(value: object) -> tuple[object, ...]:
    """Networks or single addresses, as a list or separated by commas."""
    try:
        return tuple(ipaddress.ip_network(part) for part in _parts(value))  # type: ignore[arg-type]
    except ValueError:
        raise ValueError("networks such as '10.0.0.0/8, 2001:db8::/32'") from None


def read_options(value: object) -> Mapping[object, object]:
    """Names and values: a mapping in the file, ``name=value, name=value`` in the environment."""
    if isinstance(value, Mapping):
        return {name: str(v) if isinstance(v, int | float) else v for name, v in value.items()}
    pairs = [str(part).partition("=") for part in _parts(value)]
    if not all(name and equals for name, equals, _ in pairs):
        raise ValueError("options such as 'region=eu-west-1, endpoint=https://s3.example.org'")
    return {name.strip(): text.strip() for name, _, text in pairs}


def _parts(value: object) -> list[object]:
    if value is False or (isinstance(value, str) and value.strip().lower() == "none"):
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value) if isinstance(value, list | tuple) else [value]


def read_count(value: object) -> object:
    """A whole number; YAML's ``yes`` and ``on`` are not numbers."""
    if isinstance(value, bool):
        raise ValueError("a whole number")
    return value


def read_folder(value: object) -> Path:
    """A folder, ``~`` for the home, relative to where the command was started; kept absolute."""
    if isinstance(value, str | Path) and str(value).strip():
        return Path(value).expanduser().absolute()
    raise ValueError("the path of a folder")


def _show_networks(value: tuple[object, ...]) -> str:
    return ", ".join(map(str, value)) or "none"


def _show_options(value: Mapping[str, SecretStr]) -> str:
    return ", ".join(f"{name}={HIDDEN}" for name in value) or "none"


Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Duration = Annotated[timedelta, Written(read_duration, show_duration)]
Size = Annotated[int, Written(read_size, show_size)]
Count = Annotated[int, Written(read_count), Field(ge=1)]
Networks = Annotated[tuple[Network, ...], Written(read_networks, _show_networks)]
Options = Annotated[dict[str, SecretStr], Written(read_options, _show_options)]
RateLimit = Annotated[Rate, Written(read_rate)]
Url = Annotated[str, Written(read_url)]


# The settings ---------------------------------------------------------------------------------------------------------


class Section(BaseModel):
    """Settings that belong together."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)


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


class Access(Section):
    """Who may do what before any role is looked at."""

    read: Literal["everyone", "signed_in"] = Field(default="everyone", description="Who may read pages and files.")
    require_second_factor: bool = Field(default=False, description="Publishing needs an account with a second factor.")
    require_verified_email: bool = Field(
        default=False, description="Publishing needs an account with a verified email address."
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
    strict_metadata: bool = Field(
        default=True, description="An upload whose form and archive disagree on what installers act on is refused."
    )
    scan_archives: bool = Field(
        default=True, description="Archives are read and checked for structure before they are accepted."
    )
    standard_library_names_refused: bool = Field(
        default=True, description="A new project may not take the name of a standard library module."
    )
    spool_threads: Count = Field(
        default=4, description="Threads of one worker process that hash and write arriving files."
    )


class Limits(Section):
    """How often something may be done."""

    new_projects_per_user: RateLimit | None = Field(
        default=None, description="How often one account may create a project."
    )
    new_projects_per_address: RateLimit | None = Field(
        default=None, description="How often one network address may create a project."
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
    """How simple pages are cached, here and on their way."""

    cache_size: Size = Field(default=256 * 1024**2, description="Memory of one worker for finished pages.")
    max_age: Duration | None = Field(
        default=None,
        description="How long clients may keep a simple page without asking; without it they ask every time.",
    )
    cdn_max_age: Duration | None = Field(
        default=None, description="How long a CDN that is told of changes may keep a page."
    )
    stale_while_revalidate: Duration = Field(
        default=timedelta(minutes=5),
        description="How long a CDN may answer with an old page while it fetches the new one.",
    )
    stale_if_error: Duration = Field(
        default=timedelta(days=1),
        description="How long a CDN may answer with an old page while the index is unreachable.",
    )


class Postgres(Section):
    """The embedded PostgreSQL, and connections to any."""

    shared_buffers: Size = Field(default=128 * 1024**2, description="Page cache of the embedded server.")
    max_connections: Count = Field(default=120, description="Connections that the embedded server accepts.")
    pool_size: Count = Field(default=16, description="Connections that one process keeps open at most.")


class Jobs(Section):
    """Work done after a request was answered."""

    threads: Count = Field(default=2, description="Jobs that one worker process does at the same time.")
    in_tree: bool = Field(default=True, description="`warehouse serve` does the jobs too, not only `warehouse worker`.")


class Mail(Section):
    """How mail is sent."""

    backend: Literal["folder", "smtp"] = Field(
        default="folder", description="folder writes mail into the folder mail in the data folder, smtp sends it."
    )
    sender: str = Field(default="warehouse@localhost", description="The address that mail comes from.")
    host: str = Field(default="localhost", description="The mail server.")
    port: Annotated[int, Written(read_count), Field(ge=1, le=65535)] = Field(
        default=587, description="The mail server's port."
    )
    tls: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="starttls turns encryption on after connecting, tls connects encrypted, none never encrypts.",
    )
    username: str | None = Field(default=None, description="The account at the mail server, when it asks for one.")
    password: SecretStr | None = Field(default=None, description="The password of that account.")
    time_limit: Duration = Field(default=timedelta(seconds=20), description="How long sending one message may take.")


class Passwords(Section):
    """What checking a password costs (argon2id); hashes are renewed at the next sign-in when this changes."""

    memory: Size = Field(default=64 * 1024**2, description="Memory to compute one hash.")
    passes: Count = Field(default=3, description="Passes over that memory.")
    lanes: Count = Field(default=4, description="Threads that compute one hash.")
    at_once: Count = Field(default=2, description="Hashes that one process computes at the same time.")


class Tokens(Section):
    """API tokens."""

    location: str | None = Field(
        default=None, description="The domain written into new tokens; without it the host of site.url, else warehouse."
    )
    default_lifetime: Duration | None = Field(
        default=None,
        description="How long a new token is valid when its owner does not say; without it, until it is revoked.",
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
    upload: Upload = Upload()
    limits: Limits = Limits()
    storage: Storage = Storage()
    web: Web = Web()
    pages: Pages = Pages()
    postgres: Postgres = Postgres()
    jobs: Jobs = Jobs()
    mail: Mail = Mail()
    passwords: Passwords = Passwords()
    tokens: Tokens = Tokens()
    logs: Logs = Logs()
    metrics: Metrics = Metrics()

    _sources: Mapping[str, str] = PrivateAttr(default_factory=dict)

    @property
    def token_location(self) -> str:
        """The domain written into new tokens."""
        host = urlsplit(self.site.url).hostname if self.site.url else None
        return self.tokens.location or host or "warehouse"


PROFILES: Mapping[str, Mapping[str, object]] = {
    "private": {},
    "public": {
        "access.require_second_factor": True,
        "access.require_verified_email": True,
        "upload.release_window": timedelta(days=14),
        "upload.local_versions": False,
        "upload.linux_wheels": False,
        "limits.new_projects_per_user": Rate(20, timedelta(hours=1)),
        "limits.new_projects_per_address": Rate(40, timedelta(hours=1)),
        "pages.max_age": timedelta(minutes=10),
        "pages.cdn_max_age": timedelta(days=1),
    },
}


# Reading them ---------------------------------------------------------------------------------------------------------


class Given(NamedTuple):
    """A value as somebody wrote it, and where."""

    value: object
    source: str


def _sections() -> dict[str, type[Section]]:
    return {
        name: field.annotation
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
    }


def _fields() -> Iterator[tuple[str, FieldInfo]]:
    sections = _sections()
    yield from ((name, field) for name, field in Settings.model_fields.items() if name not in sections)
    for section, model in sections.items():
        yield from ((f"{section}.{name}", field) for name, field in model.model_fields.items())


FIELDS: Mapping[str, FieldInfo] = dict(_fields())


def variable(name: str) -> str:
    """The environment variable that sets ``name`` (``upload.max_file_size``: ``WAREHOUSE_UPLOAD__MAX_FILE_SIZE``)."""
    return "DATABASE_URL" if name == "database_url" else "WAREHOUSE_" + name.replace(".", "__").upper()


def load_settings(environ: Mapping[str, str] = os.environ, config_file: Path | str | None = None) -> Settings:
    """Settings from the defaults, the profile, the YAML file and the environment, later ones winning.

    ``config_file`` is used instead of the file that ``WAREHOUSE_CONFIG`` names. An empty variable is as good as none;
    ``none`` turns off what can be absent. Refuses with `BadSettings`: one sentence, the first thing that is wrong.
    """
    given = _from_environment(environ)
    if config_file is not None:
        given["config"] = Given(Path(config_file), "the command line")
    if "config" in given:
        given = _from_file(Path(str(given["config"].value))) | given
    profile = given["profile"].value if "profile" in given else "private"
    if isinstance(profile, str):
        defaults = PROFILES.get(profile, {})
        given = {name: Given(value, f"profile {profile}") for name, value in defaults.items()} | given
    return _settings(given)


def _from_environment(environ: Mapping[str, str]) -> dict[str, Given]:
    names = {variable(name): name for name in FIELDS}
    given = {}
    for key, text in environ.items():
        if key in names and text.strip():
            given[names[key]] = Given(text.strip(), f"environment {key}")
        elif key.startswith("WAREHOUSE_") and key not in names:
            raise BadSettings(f"The environment sets {key}, which is no setting; {_hint(key, names)}")
    return given


def _from_file(path: Path) -> dict[str, Given]:
    try:
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        return dict(_from_node(loader, root, path)) if root is not None else {}
    except OSError as error:
        raise BadSettings(f"The settings file {path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise BadSettings(f"The settings file {path} is not UTF-8 text; save it as UTF-8.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or "it holds characters that YAML does not allow"
        raise BadSettings(f"The settings file is not YAML at {place}: {problem}.") from None


def _from_node(loader: yaml.SafeLoader, root: yaml.Node, path: Path) -> Iterator[tuple[str, Given]]:
    sections = _sections()
    known = [name for name in FIELDS if name != "config"]
    for key, node, place in _pairs(loader, root, path, ""):
        if key in sections:
            for name, value, line in _pairs(loader, node, path, f"{key}."):
                if name not in known:
                    raise BadSettings(f"{line} sets {name}, which is no setting; {_hint(name, known)}")
                yield name, Given(loader.construct_object(value, deep=True), line)
        elif key in known and "." not in key:
            yield key, Given(loader.construct_object(node, deep=True), place)
        else:
            raise BadSettings(f"{place} sets {key}, which is no setting; {_hint(key, [*sections, *known])}")


def _pairs(loader: yaml.SafeLoader, node: yaml.Node, path: Path, prefix: str) -> Iterator[tuple[str, yaml.Node, str]]:
    """Each full name in a mapping with its value and its place, refusing a name that is given twice."""
    if prefix and isinstance(node, yaml.ScalarNode) and loader.construct_object(node) is None:
        return
    place = f"{path}:{node.start_mark.line + 1}"
    what = f"the settings of {prefix.rstrip('.')}" if prefix else "sections and settings"
    if not isinstance(node, yaml.MappingNode):
        raise BadSettings(f"{place} should hold {what}, one 'name: value' on each line.")
    seen: dict[str, str] = {}
    for key_node, value in node.value:
        place = f"{path}:{key_node.start_mark.line + 1}"
        key = prefix + str(key_node.value)
        if key in seen:
            raise BadSettings(f"{place} sets {key} again after {seen[key]}; keep one of the two.")
        seen[key] = place
        yield key, value, place


def _hint(name: str, known: Mapping[str, str] | list[str]) -> str:
    bare = name.removeprefix("WAREHOUSE_")  # DATABASE_URL is the one variable without it
    close = [bare] if bare in known else difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else "docs/settings.md lists them all."


def _settings(given: Mapping[str, Given]) -> Settings:
    tree: dict[str, Any] = {}
    for name, (value, _) in given.items():
        section, _, leaf = name.rpartition(".")
        branch = tree.setdefault(section, {}) if section else tree
        branch[leaf] = None if _may_be_none(FIELDS[name]) and _means_none(value) else value
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as problems:
        raise BadSettings(_sentence(problems.errors()[0], given)) from None
    settings._sources = {name: source for name, (_, source) in given.items()}
    return settings


def _may_be_none(field: FieldInfo) -> bool:
    return type(None) in get_args(field.annotation)


def _means_none(value: object) -> bool:
    # YAML 1.1 reads `off` and `no` as false.
    return value is False or (isinstance(value, str) and value.lower() in {"none", "off", "null"})


def _sentence(problem: Any, given: Mapping[str, Given]) -> str:
    path = [str(part) for part in problem["loc"]]
    name = ".".join(path[:2]) if ".".join(path[:2]) in FIELDS else path[0]
    value, source = given[name]
    written = (
        HIDDEN if is_secret(FIELDS[name]) else repr(value) if len(repr(value)) <= 100 else f"{repr(value)[:97]}..."
    )
    place = f"in {source}" if source.startswith(("environment", "profile")) else f"at {source}"
    return f"{name} is {written} {place}; expected {_expected(problem)}."


def _expected(problem: Any) -> str:
    context = problem.get("ctx", {})
    match problem["type"].partition("_")[0], context:
        case "value", {"error": error}:
            return str(error)
        case "literal", {"expected": choices}:
            return str(choices)
        case "bool", _:
            return "true or false"
        case "int", _:
            return "a whole number"
        case "greater", {"ge": least}:
            return f"{least} or more"
        case "less", {"le": most}:
            return f"{most} or less"
    return "text, in quotes where YAML would read a number or a date"


# Showing them ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One setting as `warehouse config` shows it: texts as they would be written, secrets hidden."""

    name: str
    value: str
    default: str
    meaning: str
    source: str


def where(settings: Settings) -> list[Line]:
    """Every setting with its value, default, meaning, and where the value came from.

    The source is ``default``, ``profile public``, ``environment WAREHOUSE_...`` or ``path:line`` of the file.
    """
    lines = []
    for name, field in FIELDS.items():
        value: Any = settings
        for part in name.split("."):
            value = getattr(value, part)
        shown, source = show(field, value), settings._sources.get(name, "default")
        lines.append(Line(name, shown, show_default(field), field.description or "", source))
    return lines


def show(field: FieldInfo, value: object) -> str:
    """A value of this setting as it would be written; a secret is hidden."""
    kind = _kind(field)
    if value is None:
        return "none"
    if is_secret(field) and not isinstance(value, Mapping):
        return HIDDEN
    if isinstance(value, bool):
        return str(value).lower()
    return kind.show(value) if kind else str(value)


def show_default(field: FieldInfo) -> str:
    """The setting's default in the private profile, the same on every machine."""
    if isinstance(field.json_schema_extra, dict):
        return str(field.json_schema_extra["default"])
    return f"./{field.default}" if isinstance(field.default, Path) else show(field, field.default)


def is_secret(field: FieldInfo) -> bool:
    """Whether the setting's value must never be shown."""
    return "SecretStr" in str(field.annotation)


def _kind(field: FieldInfo) -> Written | None:
    nested = [getattr(part, "__metadata__", ()) for part in get_args(field.annotation)]
    return next((m for group in [field.metadata, *nested] for m in group if isinstance(m, Written)), None)
