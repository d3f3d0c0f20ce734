"""The commands with which people install from this index and publish to it."""

from __future__ import annotations

import ipaddress
import re
import shlex
from dataclasses import dataclass
from urllib.parse import urlsplit

from warehouse.settings import Settings

_SOURCE = re.compile(r"[^a-z0-9]+")

TOKEN = "TOKEN"  # stands where the reader's own token goes


@dataclass(frozen=True)
class Commands:
    """Lines to copy, for an index at one address. ``plain_index_url`` has no place for credentials in it."""

    index_url: str
    plain_index_url: str
    upload_url: str
    pip: str
    uv: str
    twine: str
    uv_publish: str
    reading_takes_token: bool


def commands_for(settings: Settings, base_url: str) -> Commands:
    """The commands for the index at ``base_url``, with a token in them where reading takes one."""
    reading_takes_token = settings.access.read != "everyone"
    parts = urlsplit(base_url)
    reader = f"__token__:{TOKEN}@" if reading_takes_token else ""
    index_url = f"{parts.scheme}://{reader}{parts.netloc}{parts.path}/simple/"
    upload_url = f"{base_url}/legacy/"
    trust = "" if pip_trusts(parts.scheme, parts.hostname or "") else f"--trusted-host {parts.netloc} "
    return Commands(
        index_url=index_url,
        plain_index_url=f"{base_url}/simple/",
        upload_url=upload_url,
        pip=f"pip install {trust}--index-url {index_url} NAME",
        uv=f"uv pip install --default-index {index_url} NAME",
        twine=f"twine upload --repository-url {upload_url} dist/*",
        uv_publish=f"uv publish --publish-url {upload_url} dist/*",
        reading_takes_token=reading_takes_token,
    )


@dataclass(frozen=True)
class InstallCommand:
    """The lines with which one tool installs a project."""

    tool: str
    lines: str


def install_commands(
    settings: Settings, base_url: str, name: str, version: str | None = None
) -> tuple[InstallCommand, ...]:
    """How each tool takes a project, or one version of it, from the index at ``base_url``; for a POSIX shell.

    All of them take what it depends on from here, too, and nothing from elsewhere.

    ``1!2.0`` is quoted, because a shell would take the exclamation mark for something in its history.
    """
    commands = commands_for(settings, base_url)
    wanted = shlex.quote(name if version is None else f"{name}=={version}")
    source = _SOURCE.sub("-", settings.site.name.lower()).strip("-") or "index"
    poetry = [f"poetry source add --priority primary {source} {commands.plain_index_url}"]
    if commands.reading_takes_token:
        poetry.append(f"poetry config http-basic.{source} __token__ {TOKEN}")
    poetry.append(f"poetry add {wanted}")
    return (
        InstallCommand("pip", f"{commands.pip.removesuffix('NAME')}{wanted}"),
        InstallCommand("uv", f"uv add --default-index {commands.index_url} {wanted}"),
        InstallCommand("poetry", "\n".join(poetry)),
        InstallCommand("pdm", f"pdm config --local pypi.url {commands.index_url}\npdm add {wanted}"),
    )


def pip_trusts(scheme: str, host: str) -> bool:
    """Whether pip installs from there unasked: over TLS, or from the machine that it runs on."""
    if scheme == "https" or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
