"""Downloads in the logs of caches and web servers: read line by line, and counted once."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.standards.test_fetchers import PIP
from warehouse.errors import Conflict, Invalid
from warehouse.operations.downloads import Imported, import_log
from warehouse.standards.download_logs import BadLine, LoggedDownload, read_line

DIGEST = "ab" + "cd" + "0" * 60
PATH = f"/packages/ab/cd/{'0' * 60}/demo-1.0.tar.gz"
TOLD = LoggedDownload(date(2026, 3, 1), DIGEST, PIP)


def as_json(**changes: object) -> str:
    said = {"time": "2026-03-01T23:59:59Z", "method": "GET", "path": PATH, "status": 200, "user_agent": PIP}
    return json.dumps({name: value for name, value in {**said, **changes}.items() if value is not ...})


def combined(agent: str, *, path: str = PATH, status: int = 200, time: str = "01/Mar/2026:12:00:00 +0000") -> str:
    return f'192.0.2.7 - - [{time}] "GET {path} HTTP/1.1" {status} 1234 "-" "{agent}"'


@pytest.mark.parametrize(
    "line",
    [
        as_json(),
        as_json(status="200"),
        as_json(status=206, range="bytes=0-"),
        as_json(path=f"https://files.example.org{PATH.removeprefix('/packages')}?x=1#y"),
        as_json(time="2026-03-02T00:30:00+01:00"),
        as_json(time="2026-03-01T12:00:00+0000", range=None, host="files.example.org"),
        combined(PIP.replace('"', "\\x22")),
        combined(PIP.replace('"', '\\"')),
        combined(PIP.replace('"', "\\x22"), time="02/Mar/2026:00:30:00 +0100") + ' "192.0.2.1" rt=0.001',
    ],
    ids=range(9),
)
def test_a_line_tells_of_a_download(line):
    assert read_line(f"{line}\n".encode()) == TOLD


@pytest.mark.parametrize(
    "line",
    [
        "",
        as_json(method="HEAD"),
        as_json(status=304),
        as_json(status=206, range="bytes=5-"),
        as_json(status=206),
        as_json(path=f"{PATH}.metadata"),
        as_json(path="/simple/demo/"),
        combined("curl/8.5.0", path="/"),
        combined("curl/8.5.0", status=404),
        combined("curl/8.5.0", status=206),
        '192.0.2.7 - - [01/Mar/2026:12:00:00 +0000] "\\x16\\x03\\x01" 400 157 "-" "-"',
    ],
    ids=range(11),
)
def test_a_line_tells_of_something_else(line):
    assert read_line(line.encode()) is None


def test_a_line_of_the_common_format_tells_no_agent():
    line = combined("x").removesuffix(' "-" "x"')
    assert read_line(line.encode()) == TOLD._replace(user_agent="")


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "{}",
        "[1]",
        '{"time": [], "method": 1}',
        as_json(time="yesterday"),
        as_json(time=...),
        as_json(status="OK"),
        as_json(status=1e400),
        "<html>",
        combined("x", time="99/Mar/2026:12:00:00 +0000"),
        "\x00",
        "192.0.2.7 - - [" + '"\\' * 5000,
    ],
    ids=range(12),
)
def test_a_line_in_no_format_is_refused(line):
    with pytest.raises(BadLine):
        read_line(line.encode())


@given(
    st.text()
    | st.sampled_from([as_json(), combined("x")]).flatmap(lambda line: st.integers(0, 200).map(lambda n: line[n:]))
)
def test_any_line_is_read_or_refused(line):
    with suppress(BadLine):
        assert isinstance(read_line(line.encode()), LoggedDownload | None)


@pytest.fixture
def log(downloads, tmp_path) -> Path:
    """A day of a CDN: three downloads that count, one of a file that is not here, other lines and nonsense."""
    lines = [
        *[as_json(path=downloads.path)] * 2,
        as_json(path=downloads.newer, user_agent="bandersnatch/6.5.0"),
        as_json(),
        as_json(path="/simple/"),
        "nonsense",
        "x" * 200_000,
        combined("x", path=downloads.path, status=404),
    ]
    path = tmp_path / "cdn.log"
    path.write_text("\n".join(lines))
    return path


def run(downloads, path: Path) -> Imported:
    with downloads.index.work() as work:
        return import_log(work, path)


def test_a_log_is_counted_once_whatever_it_is_called_and_compressed_or_not(downloads, log, monkeypatch):
    monkeypatch.setattr("warehouse.operations.downloads.importing.MOST_SUMS", 1)
    assert run(downloads, log) == Imported(downloads=3, unknown=1, others=2, bad=2, first_bad=6)
    compressed = log.with_suffix(".gz")
    content = log.read_bytes()
    compressed.write_bytes(gzip.compress(content[:99]) + gzip.compress(content[99:]))
    for again in (log, compressed):
        assert run(downloads, again) == Imported(is_known=True)
    assert run(downloads, log.rename(log.with_suffix(".1"))) == Imported(is_known=True)
    assert downloads.rows() == [
        ("demo", "1.0", "installer", "pip", "3.12", "Linux", 2),
        ("demo", "2.0", "mirror", "bandersnatch", "", "", 1),
    ]


def test_a_log_that_cannot_be_read_to_its_end_counts_nothing(downloads, log):
    damaged = log.with_suffix(".gz")
    damaged.write_bytes(gzip.compress(log.read_bytes())[:-9])
    with pytest.raises(Invalid, match="cannot be read"):
        run(downloads, damaged)
    assert downloads.rows() == []


def test_a_log_that_grows_counts_nothing(downloads, log):
    def grow(done: int, total: int) -> None:
        with log.open("a") as file:
            file.write("\nand more")

    with pytest.raises(Conflict, match="complete"), downloads.index.work() as work:
        import_log(work, log, grow)
    assert downloads.rows() == []
    assert run(downloads, log).downloads == 3
