"""Core metadata in archives, and whether it says what the form said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from warehouse.standards.metadata import ArchiveMetadata, InvalidMetadata, disagreement, from_archive, from_form
from warehouse.standards.metadata.archive import LARGEST

METADATA = b"""\
Metadata-Version: 2.4
Name: Some.Thing
Version: 1.0.0
Summary: \xc3\x9cbersicht
Requires-Python: >=3.8,<4
Requires-Dist: foo>=1,<2
Requires-Dist: bar[b,a]; extra == 'Docs'
Provides-Extra: Docs
Dynamic: License-File
License-Expression: MIT
License-File: LICENSE
Import-Name: some_thing
Import-Namespace: some

# Some thing

Name: other
"""

FORM = {
    "metadata_version": ["2.4"],
    "name": ["some-thing"],
    "version": ["1.0"],
    "requires_python": ["<4, >=3.8"],
    "requires_dist": ["Bar[A,b] ; extra=='docs'", "foo (<2,>=1)", "foo<2,>=1.0"],
    "provides_extra": ["docs"],
}


def form(**changes):
    stated = {**FORM, **{key: [value] if isinstance(value, str) else value for key, value in changes.items()}}
    return from_form(stated, local_versions=True)


def archive(*lines: str) -> ArchiveMetadata:
    return from_archive("\n".join(lines).encode())


def test_an_archive_says_what_its_metadata_says():
    assert from_archive(METADATA) == ArchiveMetadata(
        metadata_version="2.4",
        name="Some.Thing",
        version="1.0.0",
        summary="Übersicht",
        requires_dist=("foo>=1,<2", "bar[b,a]; extra == 'Docs'"),
        requires_python=">=3.8,<4",
        provides_extra=("Docs",),
        dynamic=("License-File",),
        license_expression="MIT",
        license_files=("LICENSE",),
        import_names=("some_thing",),
        import_namespaces=("some",),
    )


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_fields_end_at_the_first_empty_line_whatever_ends_lines(ending):
    raw = METADATA.replace(b"\n", ending)
    assert from_archive(raw) == from_archive(METADATA)
    assert from_archive(ending + raw) == ArchiveMetadata()


@pytest.mark.parametrize("raw", [b"", b"\n", b"\xff\xfe\x00", b"no field at all", b"\xef\xbb\xbfName: x"])
def test_what_is_no_metadata_says_nothing(raw):
    assert from_archive(raw) == ArchiveMetadata()


@pytest.mark.parametrize(
    "raw",
    [
        METADATA.replace(b"Summary: ", b"Name: other\nSummary: "),
        METADATA.replace(b"Summary: ", b"version: 2.0\nSummary: "),
        METADATA.replace(b"Summary: ", b"Requires-Python: >=2\nSummary: "),
        METADATA.replace(b"Requires-Dist: foo", b"Requires-Dist: fo\xff"),
        METADATA.replace(b"Provides-Extra: Docs", b"Provides-Extra: \xe9"),
        METADATA + b" " * LARGEST,
        b"X: y\n" * 20_001,
        b"".join(b"X%d: y\n" % number for number in range(201)),
    ],
    ids=["two names", "two versions", "two pythons", "latin-1 dist", "latin-1 extra", "large", "many", "many names"],
)
def test_metadata_that_can_be_read_in_two_ways_or_not_in_time_is_refused(raw):
    with pytest.raises(InvalidMetadata) as refused:
        from_archive(raw)
    assert refused.value.sentence.endswith(".")


def test_other_fields_that_cannot_be_read_do_not_matter():
    assert from_archive(METADATA.replace(b"\xc3\x9c", b"\xff")) == replace(from_archive(METADATA), summary=None)


def test_metadata_that_means_the_same_agrees():
    assert disagreement(form(), from_archive(METADATA)) is None


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("Name", {"name": "something"}),
        ("Version", {"version": "1.0.1"}),
        ("Version", {"version": "1.0+local"}),
        ("Requires-Dist", {"requires_dist": ["foo<2,>=1"]}),
        ("Requires-Dist", {"requires_dist": []}),
        ("Requires-Dist", {"requires_dist": [*FORM["requires_dist"], "more"]}),
        ("Requires-Dist", {"requires_dist": ["foo<2,>=1", "bar[a]; extra=='docs'"]}),
        ("Requires-Dist", {"requires_dist": ["foo<2,>=1", "bar[a,b]; extra=='doc'"]}),
        ("Requires-Dist", {"requires_dist": ["foo<2,>1", "bar[a,b]; extra=='docs'"]}),
        ("Requires-Python", {"requires_python": ">=3.8"}),
        ("Requires-Python", {"requires_python": ""}),
        ("Provides-Extra", {"provides_extra": ["docs", "more"]}),
        ("Name", {"name": "other", "version": "2", "provides_extra": ["x"]}),
    ],
)
def test_the_first_field_that_differs_is_named(field, changes):
    sentence = disagreement(form(**changes), from_archive(METADATA))
    assert sentence is not None
    assert sentence.startswith(f"{field} in the archive's metadata ")


def test_tools_that_send_no_extras_agree():
    assert disagreement(form(provides_extra=[]), from_archive(METADATA)) is None


def test_metadata_older_than_a_field_says_nothing_about_it():
    old = archive("Metadata-Version: 1.1", "Name: some-thing", "Version: 1.0")
    assert disagreement(form(), old) is None
    assert disagreement(form(), replace(old, metadata_version="1.2")) is not None
    bare = from_form({"metadata_version": ["1.0"], "name": ["some-thing"], "version": ["1.0"]}, local_versions=False)
    assert disagreement(bare, from_archive(METADATA)) is None
    assert disagreement(replace(bare, metadata_version="1.2"), from_archive(METADATA)) is not None


def test_an_archive_without_dependencies_agrees_with_a_form_without():
    old = archive("Metadata-Version: 1.2", "Name: some-thing", "Version: 1.0", "Requires-Python: UNKNOWN")
    assert disagreement(form(requires_dist=[], requires_python="", provides_extra=[]), old) is None


def test_an_archive_without_name_and_version_is_left_alone():
    said = form(requires_dist=[], requires_python="", provides_extra=[])
    assert disagreement(said, ArchiveMetadata()) is None
    assert disagreement(said, ArchiveMetadata(requires_dist=("foo",))) is not None


@pytest.mark.parametrize("odd", ["foo (>=1.0.*)", "foo (>dev)", "foo; " + "(" * 3000, "foo==" + "1" * 5000, "@"])
def test_requirements_that_are_none_are_compared_as_text(odd):
    said = replace(form(requires_python="", provides_extra=[]), requires_dist=(odd,))
    held = ArchiveMetadata(name="some-thing", requires_dist=(odd,))
    assert disagreement(said, held) is None
    assert disagreement(said, replace(held, requires_dist=(odd + "x",))) is not None


@pytest.mark.parametrize("odd", ["3", ">=x", ">=" + "1" * 5000])
def test_specifiers_that_are_none_are_compared_as_text(odd):
    said = replace(form(requires_dist=[], provides_extra=[]), requires_python=odd)
    assert disagreement(said, ArchiveMetadata(requires_python=odd)) is None
    assert disagreement(said, ArchiveMetadata(requires_python=odd + "0")) is not None


ODD_LINES = [b"Content-Type: multipart/mixed; boundary=x", b"--x", b"Content-Transfer-Encoding: base64", b" folded"]
ODD_LINES += [b"From x", b"Name: =?utf-8?b?eA==?=", b"Name: =?x?q?=41?=", b"Project-URL: a", b"Keywords:"]
LINES = st.one_of(
    st.sampled_from([*METADATA.splitlines(), *ODD_LINES]),
    st.binary(max_size=30),
    st.builds(lambda line, tail: line + tail, st.sampled_from(METADATA.splitlines()), st.binary(max_size=8)),
)
RAW = st.one_of(
    st.binary(max_size=200),
    st.builds(
        lambda end, lines: end.join(lines), st.sampled_from([b"\n", b"\r\n", b"\r"]), st.lists(LINES, max_size=12)
    ),
)


def _reads_or_refuses(raw):
    try:
        held = from_archive(raw)
    except InvalidMetadata as refused:
        assert refused.sentence
    else:
        assert isinstance(disagreement(form(), held), str | None)


@given(RAW)
@example(b"Requires-Python: \x00")
@settings(deadline=None)
def test_any_bytes_are_read_or_refused(raw):
    _reads_or_refuses(raw)


@pytest.mark.slow
@given(RAW)
@settings(max_examples=50_000, deadline=None)
def test_any_bytes_are_read_or_refused_at_length(raw):
    _reads_or_refuses(raw)
