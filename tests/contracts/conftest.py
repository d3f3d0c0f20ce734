"""Servers that several suites ask, each started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts import s3_server, swift_server
from tests.contracts.s3_server import S3Server


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """An object store that starts in a second and believes every signature."""
    with s3_server.moto(tmp_path_factory.mktemp("moto") / "log") as server:
        yield server


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """An object store that checks signatures, installed for the occasion."""
    try:
        with swift_server.swift(tmp_path_factory.mktemp("swift")) as server:
            yield server
    except swift_server.NotInstallable as reason:
        pytest.skip(str(reason))
