"""What can be told from a domain's name alone, by lists that come with the code."""

from __future__ import annotations

from functools import cache
from typing import Any


def registrable(domain: str) -> str:
    """The part of a domain that somebody registered: ``example.co.uk`` of ``mail.example.co.uk``.

    By the public suffix list, without suffixes that belong to companies: "If no rules match, the prevailing rule is
    "*"", so that of names in a network's own ending, too, the last two parts are returned.
    """
    name = plain(domain)
    found = _suffixes()(name)
    if not found.suffix:
        return ".".join(name.split(".")[-2:])
    return str(found.top_domain_under_public_suffix) or name


def is_disposable(domain: str) -> bool:
    """Whether addresses of the domain, or of one above it, are given to anybody for some minutes."""
    labels = plain(domain).split(".")
    return any(".".join(labels[start:]) in _disposable() for start in range(len(labels) - 1))


def plain(domain: str) -> str:
    """The spelling in which domains are compared."""
    return domain.rstrip(".").lower()


@cache
def _suffixes() -> Any:
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # the list in the package, and no network


@cache
def _disposable() -> frozenset[str]:
    import disposable_email_domains

    return frozenset(disposable_email_domains.blocklist)
