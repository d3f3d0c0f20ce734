"""Purges at one Varnish server that runs ``deploy/varnish/warehouse.vcl``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta

from warehouse.infra.cdn.contract import PurgeFailed, check_key
from warehouse.infra.cdn.requests import ask

LONGEST_LINE = 4096  # bytes of keys in one request; Varnish takes header fields of up to 8 KiB
PURGED = "warehouse-purged"  # how many pages there were; other things that answer PURGE with 200 do not say that


class VarnishPurger:
    """Purges by xkey, many keys in one request. The server's VCL says who may."""

    def __init__(self, url: str, *, time_limit: timedelta = timedelta(seconds=10)) -> None:
        self.name = f"varnish {url}"
        self._url = url
        self._time_limit = time_limit

    def purge(self, keys: Collection[str]) -> None:
        for line in _lines(sorted({check_key(key) for key in keys})):
            self._send({"Surrogate-Key": line})

    def purge_all(self) -> None:
        self._send({"Warehouse-Purge-All": "yes"})

    def _send(self, headers: dict[str, str]) -> None:
        who = f"Varnish at {self._url}"
        reply = ask(who, "PURGE", f"{self._url}/", headers=headers, time_limit=self._time_limit)
        if reply.status == 403:
            raise PurgeFailed(f"{who} takes no purges from this machine: add its address to the VCL's acl (403).")
        if reply.status != 200 or PURGED not in reply.headers:
            raise PurgeFailed(f"{who} takes no purges: have it run deploy/varnish/warehouse.vcl ({reply.status}).")


def _lines(keys: list[str]) -> Iterator[str]:
    """The keys with spaces between them, in lines that fit into a header field."""
    line = ""
    for key in keys:
        if line and len(line) + 1 + len(key) > LONGEST_LINE:
            yield line
            line = key
        else:
            line = f"{line} {key}" if line else key
    if line:
        yield line
