"""How durations, sizes and rates may be written."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.settings.written import (
    Listen,
    Rate,
    read_duration,
    read_listen,
    read_rate,
    read_size,
    show_duration,
    show_size,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("14 days", 14 * 86400),
        ("1 day", 86400),
        ("2w", 2 * 7 * 86400),
        ("20 s", 20),
        ("1 h", 3600),
        ("1 h 30 min", 5400),
        ("1H30M", 5400),
        ("0.5 s", 0.5),
        ("250 ms", 0.25),
        ("P14D", 14 * 86400),
        ("PT20S", 20),
        ("P1DT1H1M1.5S", 90061.5),
        ("P2W", 14 * 86400),
        ("90", 90),
        (90, 90),
        (0.5, 0.5),
    ],
)
def test_durations(text: object, seconds: float) -> None:
    assert read_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("100 MiB", 100 * 1024**2),
        ("100mib", 100 * 1024**2),
        ("1.5 GiB", 3 * 512 * 1024**2),
        ("10 GB", 10**10),
        ("64 kB", 64000),
        ("1 PiB", 1024**5),
        ("4096", 4096),
        ("4096 bytes", 4096),
        (4096, 4096),
    ],
)
def test_sizes(text: object, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("20 per hour", Rate(20, timedelta(hours=1))),
        ("20/hour", Rate(20, timedelta(hours=1))),
        ("5 per 10 minutes", Rate(5, timedelta(minutes=10))),
        ("1 per day", Rate(1, timedelta(days=1))),
    ],
)
def test_rates(text: str, rate: Rate) -> None:
    assert read_rate(text) == rate


@given(st.integers(1, 10**12).map(lambda milliseconds: timedelta(milliseconds=milliseconds)))
def test_a_shown_duration_reads_as_itself(duration: timedelta) -> None:
    assert read_duration(show_duration(duration)) == duration


@given(st.integers(1, 2**63 - 1))
def test_a_shown_size_reads_as_itself(size: int) -> None:
    assert read_size(show_size(size)) == size


@given(st.integers(1, 10**9 - 1), st.integers(1, 10**7).map(lambda seconds: timedelta(seconds=seconds)))
def test_a_shown_rate_reads_as_itself(count: int, period: timedelta) -> None:
    assert read_rate(str(Rate(count, period))) == Rate(count, period)


@given(st.ip_addresses().map(str) | st.just("localhost"), st.integers(0, 65535))
def test_a_shown_address_reads_as_itself(host: str, port: int) -> None:
    assert read_listen(str(Listen(host, port))) == Listen(host, port)


@given(st.text() | st.integers() | st.floats() | st.none() | st.booleans())
def test_any_other_value_is_refused_with_what_was_expected(value: object) -> None:
    for read in (read_duration, read_size, read_rate, read_listen):
        try:
            read(value)
        except ValueError as refused:
            assert "such as" in str(refused)
