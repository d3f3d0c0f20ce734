"""Core metadata in upload forms: every field accepted, refused and normalised."""

from __future__ import annotations

import timeit
from dataclasses import fields as attributes_of

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.metadata import InvalidMetadata as PackagingRefuses
from packaging.metadata import Metadata as PackagingMetadata

from warehouse.errors import Invalid
from warehouse.standards.classifiers import REPLACEMENTS
from warehouse.standards.metadata import FIELDS, VERSIONS, InvalidMetadata, Metadata, clean, from_form

BASE = {"metadata_version": ["2.6"], "name": ["demo"], "version": ["1.0"]}
BY_FORM = {field.form: field for field in FIELDS}


def read(**form):
    return from_form(
        {**BASE, **{key: [v] if isinstance(v, str) else v for key, v in form.items()}}, local_versions=False
    )


def refusal(**form):
    with pytest.raises(InvalidMetadata) as refused:
        read(**form)
    return refused.value


ACCEPTED = [
    *(("metadata_version", version, version) for version in VERSIONS),
    *(("name", name, name) for name in ("demo", "Demo.X_y-z", "7")),
    *(("version", "1.0.0", "1.0.0"), ("version", "v1.0-RC.1", "1.0rc1"), ("version", " 1.0 ", "1.0")),
    ("platform", ["linux", "win32"], ("linux", "win32")),
    *(("summary", "x" * 512, "x" * 512), ("summary", "Eine Übersicht.", "Eine Übersicht.")),
    ("description", "line\nline", "line\nline"),
    *(("keywords", "a,b , c d,,e", "a, b, c d, , e"), ("keywords", "one", "one")),
    *(("home_page", "https://a.example/", "https://a.example/"), ("home_page", "https:", "https:")),
    *(("author", "Ada", "Ada"), ("maintainer", "Ada", "Ada"), ("license", "MIT", "MIT")),
    *((role, "Ada <ada@example.org>", "Ada <ada@example.org>") for role in ("author_email", "maintainer_email")),
    *((role, "Ada", "Ada") for role in ("author_email", "maintainer_email")),
    ("supported_platform", ["a", "b"], ("a", "b")),
    ("download_url", "http://a.example:65535/x.tar.gz", "http://a.example:65535/x.tar.gz"),
    ("classifiers", ["Typing :: Typed", "Typing :: Stubs Only"], ("Typing :: Typed", "Typing :: Stubs Only")),
    *((old, ["not a (valid) one", "x"], ("not a (valid) one", "x")) for old in ("requires", "provides", "obsoletes")),
    ("requires_dist", ["Foo_Bar[B,a] (>=1, <2) ; python_version>'3'"], ('Foo_Bar[B,a]<2,>=1; python_version > "3"',)),
    *((kind, ["foo (>=1)", "bar"], ("foo (>=1)", "bar")) for kind in ("provides_dist", "obsoletes_dist")),
    ("requires_external", ["libpng (>=1.5)", "C"], ("libpng (>=1.5)", "C")),
    *(("requires_python", ">=3, <4", "<4,>=3"), ("requires_python", "~=3.8", "~=3.8")),
    ("project_urls", ["Docs, https://a.example/?b,c", "x" * 32 + ",http:"],
     (("Docs", "https://a.example/?b,c"), ("x" * 32, "http:"))),
    *(("description_content_type", kind, kind) for kind in (
        "text/plain", "text/x-rst", "text/markdown", "Text/Markdown; charset=utf-8; variant=GFM",
        "text/x-rst;charset=UTF-8", 'text/markdown; variant="CommonMark"; charset=UTF-8', "text/plain; format=flowed")),
    ("provides_extra", ["Foo_Bar", "b"], ("foo-bar", "b")),
    ("dynamic", ["license-file", "HOME-PAGE", "Download-URL"], ("License-File", "Home-Page", "Download-Url")),
    ("license_expression", "mit or apache-2.0", "MIT OR Apache-2.0"),
    ("license_expression", "LicenseRef-X", "LicenseRef-X"),
    ("license_file", ["LICENSE", "licenses/MIT.txt"], ("LICENSE", "licenses/MIT.txt")),
    *(("import_name", ["a", "a.b ;private"], ("a", "a.b; private")), ("import_name", [""], ("",))),
    ("import_namespace", ["é.b", "c; private"], ("é.b", "c; private")),
]  # fmt: skip

REFUSED = [
    *(("metadata_version", version) for version in ("2.0", "0.9", "2.7", "3.0", "2", " 2.1", "2.1\n")),
    *(("name", name) for name in ("-x", "x_", "a b", "é", "demo\n", "a/b")),
    *(("version", version) for version in ("x", "1..0", "1.0-foo", "1" * 5000, "1.0+local", "1.0+1")),
    *(("summary", summary) for summary in ("x" * 513, "a\nb", "a\n", "\n", "a\rb", "a\u2028b")),
    *((kind, bad) for kind in ("home_page", "download_url") for bad in ("a.example", "ftp://a", "http://a:65536")),
    *((role, "ada@localhost") for role in ("author_email", "maintainer_email")),
    *((role, "Ada <ada@example.test>") for role in ("author_email", "maintainer_email")),
    *(("classifiers", [bad]) for bad in ("Private :: Do Not Upload", "x", next(iter(REPLACEMENTS)))),
    *((kind, ["foo", bad]) for kind in ("requires_dist", "provides_dist", "obsoletes_dist") for bad in (
        "", "foo bar", "foo>=x", "foo @ https://a.example/f.whl", "foo; ", "foo; x=='y'",
        "foo; " + "(" * 5000, "-foo")),
    *(("requires_python", bad) for bad in ("3", ">=x", "=>3", ">=3 <4", ">=3.*")),
    *(("project_urls", [bad]) for bad in (
        "https://a.example", "Docs", "Docs,", ", https://a.example", "x" * 33 + ", https://a.example",
        "Docs, ftp://a", "D, a b")),
    ("project_urls", ["Docs, https://a.example", "Docs , https://b.example"]),
    *(("description_content_type", bad) for bad in (
        "text/html", "markdown", "text/markdown; charset=latin-1", "text/markdown; variant=gfm",
        "text/markdown; variant", "text/plain; charset", "text/markdown;",
        "text/markdown, text/plain", "text/plain; x*")),
    *(("provides_extra", ["a", bad]) for bad in ("", "a b", "é", "-a", "a\n")),
    *(("dynamic", [bad]) for bad in ("name", "Version", "METADATA-VERSION", "nope", "License_File", "Home Page")),
    *(("license_expression", bad) for bad in ("Apache", "MIT AND", "(MIT", "LicenseRef-", "MIT/BSD")),
    *(("license_file", ["LICENSE", bad]) for bad in ("../x", "/x", "a\\b", "LICEN*", "", "a/../b")),
    *((kind, [bad]) for kind in ("import_name", "import_namespace") for bad in (
        "a-b", "a..b", ".a", "class", "a.import", "a; public", "a;", "1a", " a", "a b")),
    *(("import_name", ["", "a"]), ("import_name", ["", ""])),
]  # fmt: skip


@pytest.mark.parametrize(("key", "given", "kept"), ACCEPTED)
def test_a_valid_value_is_kept_in_its_normal_form(key, given, kept):
    assert getattr(read(**{key: given}), BY_FORM[key].attribute) == kept


@pytest.mark.parametrize(("key", "given"), REFUSED)
def test_an_invalid_value_is_refused_with_a_sentence(key, given):
    refused = refusal(**{key: given})
    assert refused.field == BY_FORM[key].name
    assert refused.sentence.startswith(f"{refused.field} ")
    assert "See https://packaging.python.org/specifications/" in refused.sentence
    assert refused.sentence.isprintable()
    assert isinstance(refused, Invalid)


def test_every_field_has_an_accepted_value_and_every_rule_a_refused_one():
    assert {key for key, _, _ in ACCEPTED} == set(BY_FORM)
    assert {key for key, _ in REFUSED} == {field.form for field in FIELDS if field.rule != "Any text."} - {"keywords"}


def test_the_table_of_fields_is_the_metadata_we_keep():
    assert [field.attribute for field in FIELDS] == [attribute.name for attribute in attributes_of(Metadata)]
    assert all(field.rule.endswith(".") for field in FIELDS)


@pytest.mark.parametrize("field", FIELDS[3:], ids=lambda field: field.form)
def test_a_field_needs_the_version_that_introduced_it(field):
    given = next(given for key, given, _ in ACCEPTED if key == field.form)
    assert read(**{"metadata_version": field.since, field.form: given}) is not None
    if field.since != "1.0" and field.name != "License-File":
        older = VERSIONS[VERSIONS.index(field.since) - 1]
        refused = refusal(**{"metadata_version": older, field.form: given})
        assert refused.field == field.name
        assert field.since in refused.sentence


def test_the_license_files_that_setuptools_wrote_into_older_metadata_are_left_out():
    """Thousands of projects have them; twine leaves them out before sending, uv does not."""
    assert read(metadata_version="2.1", license_file=["LICENSE"]).license_files == ()
    assert read(metadata_version="2.4", license_file=["LICENSE"]).license_files == ("LICENSE",)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.form)
def test_only_some_fields_may_be_repeated(field):
    given = next(given for key, given, _ in ACCEPTED if key == field.form)
    if field.multiple:
        assert len(getattr(read(**{field.form: given}), field.attribute)) == len(given)
    else:
        assert "has invalid data" in refusal(**{field.form: [given, given]}).sentence


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.form)
@pytest.mark.parametrize("nothing", [[], [""]])
def test_an_empty_value_is_no_value(field, nothing):
    if field.name in ("Metadata-Version", "Name", "Version"):
        assert "is required" in refusal(**{field.form: nothing}).sentence
    elif not (field.name == "Import-Name" and nothing):
        assert read(**{field.form: nothing}) == read()
    assert read(metadata_version="2.4", import_name=nothing).import_names == ()


def test_local_versions_are_an_option():
    form = {**BASE, "version": ["1.0+Local.1"]}
    assert from_form(form, local_versions=True).version == "1.0+local.1"
    with pytest.raises(InvalidMetadata, match="local-version-identifiers"):
        from_form(form, local_versions=False)


def test_license_text_and_expression_exclude_each_other():
    assert refusal(license="MIT", license_expression="MIT").field == "License"
    assert read(license="MIT", license_expression="").license == "MIT"


def test_an_import_name_is_no_namespace():
    assert refusal(import_name=["a.b", "c"], import_namespace=["a", "c; private"]).field == "Import-Namespace"
    assert read(import_name=["a.b"], import_namespace=["a"]).import_namespaces == ("a",)
    assert read(import_name=[""], import_namespace=["a"]).import_names == ("",)


def test_the_field_that_matters_most_is_reported():
    wrong = {"metadata_version": ["9"], "name": ["-"], "version": ["x"], "summary": ["a\nb"], "author_email": ["@"]}
    reported = []
    for key in ("metadata_version", "name", "version", "author_email", "summary"):
        with pytest.raises(InvalidMetadata) as refused:
            from_form(wrong, local_versions=False)
        reported.append(refused.value.field)
        wrong[key] = BASE.get(key, [""])
    assert reported == ["Metadata-Version", "Name", "Version", "Author-email", "Summary"]


def test_a_long_name_is_shortened_in_the_sentence():
    sentence = refusal(name="a" * 40 + "!" * 40).sentence
    assert sentence.startswith(f"Name '{'a' * 30}...{'!' * 30}' ")
    assert refusal(name="a b").sentence.startswith("Name 'a b' ")


def test_other_single_values_are_not_repeated_in_the_sentence():
    assert "secret" not in refusal(version="secret").sentence
    assert "secret" not in refusal(home_page="secret").sentence


def test_unknown_fields_are_ignored():
    assert read(**{"Project-URL": "x", "content": "x", "project-url": ["y", "z"]}) == read()


def test_a_form_is_cleaned_of_unknown_and_nul():
    form = {"license": [" UNKNOWN\n"], "platform": ["linux", "UNKNOWN"], "summary": ["UNKNOWN?"], "author": ["A\0da"]}
    assert clean(form) == {"summary": ["UNKNOWN?"], "author": ["A\\x00da"]}


def test_keywords_are_also_a_list_without_empty_ones():
    assert read(keywords=" a, b,,c d ").keyword_list == ("a", "b", "c d")
    assert read().keyword_list == ()


CONTENT_TYPES = st.lists(
    st.sampled_from(
        ["text/markdown", "text/plain", ";", " ", "charset", "=", "UTF-8", "variant", "GFM", '"', "x", "CommonMark"]
    ),
    max_size=9,
).map("".join)


@given(CONTENT_TYPES)
def test_every_content_type_we_take_packaging_takes(value):
    try:
        read(description_content_type=value)
    except InvalidMetadata:
        return
    raw = PackagingMetadata.from_raw({"description_content_type": value}, validate=False)
    try:
        assert not value or raw.description_content_type == value
    except PackagingRefuses as refused:
        pytest.fail(str(refused))


TEXT = st.one_of(
    st.text(max_size=30),
    st.text("ab1.-_;:,<>=!~()[]@/\\*\"' \n\0", max_size=30),
    st.sampled_from([given if isinstance(given, str) else given[0] for _, given, *_ in [*ACCEPTED, *REFUSED]]),
)
FORMS = st.dictionaries(st.sampled_from(sorted(BY_FORM)), st.lists(TEXT, min_size=0, max_size=3), max_size=6)


def _reads_or_refuses(form):
    for whole in (form, {**BASE, **form}):
        try:
            metadata = from_form(clean(whole), local_versions=True)
        except InvalidMetadata as refused:
            assert refused.field in {field.name for field in FIELDS}
        else:
            again = {field.form: getattr(metadata, field.attribute) for field in FIELDS}
            again["project_urls"] = [f"{label}, {url}" for label, url in metadata.project_urls]
            stated = {key: [v] if isinstance(v, str) else v for key, v in again.items() if v is not None}
            assert from_form(stated, local_versions=True) == metadata


@given(FORMS)
@example({"keywords": [" "]})
@settings(deadline=None)
def test_a_form_is_read_or_refused_and_what_was_read_reads_the_same(form):
    _reads_or_refuses(form)


@pytest.mark.slow
@given(FORMS)
@settings(max_examples=20_000, deadline=None)
def test_a_form_is_read_or_refused_at_length(form):
    _reads_or_refuses(form)


def test_a_form_of_usual_size_is_read_at_once():
    form = {
        **BASE,
        "classifiers": ["Programming Language :: Python :: 3", "Typing :: Typed"] * 6,
        "requires_dist": [f"dep{i}>=1.{i},<3; python_version>='3.8'" for i in range(12)],
        "project_urls": [f"Label {i}, https://example.org/{i}" for i in range(5)],
        "author_email": ["Ada <ada@example.org>"],
        "requires_python": [">=3.8, <4"],
    }
    best = min(timeit.repeat(lambda: from_form(form, local_versions=False), number=10, repeat=5)) / 10
    assert best < 0.02  # measured: 0.001 s; the limit is for busy machines
