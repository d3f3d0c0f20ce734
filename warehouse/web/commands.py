"""The commands with which people install from this index and publish to it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from warehouse.settings import Settings

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


def pip_trusts(scheme: str, host: str) -> bool:
    """Whether pip installs from there unasked: over TLS, or from the machine that it runs on."""
    if scheme == "https" or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
