"""File names of wheels and source distributions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from warehouse.errors import Invalid
from warehouse.standards.filenames import (
    BadFilename,
    SdistFilename,
    WheelFilename,
    control_characters,
    misnamed_sdist,
    misnamed_wheel,
    parse_sdist,
    parse_wheel,
    sdist_name_for,
    slashes,
    too_long,
    wrong_extension,
)
from warehouse.standards.names import NormalizedName, normalize

PIECES = st.sampled_from(
    ["foo", "1.0", "1", "py3", "none", "any", "py2.py3", "__", "_", "-", ".", "1.0+x", "é", "~", "", "2b"]
)
WHEEL_LIKE = st.lists(PIECES, min_size=4, max_size=7).map(lambda pieces: "-".join(pieces) + ".whl")


@pytest.mark.parametrize(
    ("filename", "name", "version", "build", "interpreters", "abis", "platforms"),
    [
        ("demo-1.0-py3-none-any.whl", "demo", "1.0", None, {"py3"}, {"none"}, {"any"}),
        ("Demo.X-1.0.0-1-py3-none-any.whl", "Demo.X", "1.0.0", "1", {"py3"}, {"none"}, {"any"}),
        ("a_b-1.0_post1-2b_c-py2.py3-none-any.whl", "a_b", "1.0_post1", "2b_c", {"py2", "py3"}, {"none"}, {"any"}),
        (
            "a-1!2.0+local.1-cp312-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            *("a", "1!2.0+local.1", None, {"cp312"}, {"abi3"}, {"manylinux_2_17_x86_64", "manylinux2014_x86_64"}),
        ),
    ],
)
def test_a_wheel_name_is_taken_apart(filename, name, version, build, interpreters, abis, platforms):
    assert parse_wheel(filename) == WheelFilename(
        filename, name, version, build, frozenset(interpreters), frozenset(abis), frozenset(platforms)
    )


@pytest.mark.parametrize(
    "filename",
    [
        *("", ".whl", "demo.whl", "demo-1.0.whl", "demo-1.0-py3-none.whl", "demo-1.0-1-2-py3-none-any.whl"),
        *("demo-1.0-py3-none-any.WHL", "demo-1.0-py3-none-any.zip", "demo-1.0-py3-none-any.whl\n"),
        *(
            "de__mo-1.0-py3-none-any.whl",
            "-1.0-py3-none-any.whl",
            "dé-1.0-py3-none-any.whl",
            "d mo-1.0-py3-none-any.whl",
        ),
        *(
            "demo-x-py3-none-any.whl",
            "demo--py3-none-any.whl",
            "demo- 1.0-py3-none-any.whl",
            "demo-1.0\n-py3-none-any.whl",
        ),
        *("demo-1.0-b1-py3-none-any.whl", "demo-1.0--py3-none-any.whl", "demo-1.0-٣-py3-none-any.whl"),
        *(
            "demo-1.0-py3--any.whl",
            "demo-1.0-py3.-none-any.whl",
            "demo-1.0-py3-none-a..b.whl",
            "demo-1.0-py3-no ne-any.whl",
        ),
        "demo-1.0-py3-none-any-x86_64_v3.whl",
    ],
)
def test_a_bad_wheel_name_is_refused_with_a_sentence(filename):
    with pytest.raises(BadFilename) as refused:
        parse_wheel(filename)
    assert refused.value.sentence.endswith(".")
    assert isinstance(refused.value, Invalid)


@given(WHEEL_LIKE)
def test_every_wheel_name_we_take_packaging_takes(filename):
    try:
        ours = parse_wheel(filename)
    except BadFilename:
        return
    try:
        _, _, build, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        assert not next(iter(ours.interpreters)).isidentifier() or any(not i.isidentifier() for i in ours.interpreters)
        return
    assert {tag.platform for tag in tags} == {platform.lower() for platform in ours.platforms}
    assert {tag.interpreter for tag in tags} == {interpreter.lower() for interpreter in ours.interpreters}
    assert bool(build) == (ours.build is not None)


def test_many_compressed_tags_are_not_multiplied():
    many = ".".join(f"a{number}" for number in range(3000))
    wheel = parse_wheel(f"demo-1.0-{many}-{many}-{many}.whl")
    assert len(wheel.platforms) == 3000


@pytest.mark.parametrize(
    ("filename", "name", "version"),
    [
        ("demo-1.0.tar.gz", "demo", "1.0"),
        ("demo-1.0.zip", "demo", "1.0"),
        ("some-thing-1.0.post1.tar.gz", "some-thing", "1.0.post1"),
        ("a_b-1!2.0rc1+local.tar.gz", "a_b", "1!2.0rc1+local"),
        ("demo-1.0-9.tar.gz", "demo-1.0", "9"),
    ],
)
def test_an_sdist_name_is_split_at_its_last_hyphen(filename, name, version):
    assert parse_sdist(filename) == SdistFilename(filename, name, version)


@pytest.mark.parametrize(
    "filename",
    ["", "demo", "demo.tar.gz", "-1.0.tar.gz", "demo-.tar.gz", "demo-x.tar.gz", "demo-1.0.tar.bz2", "demo-1.0.whl",
     "demo-1.0.TAR.GZ", "demo-1.0.tgz", "demo-1.0 .tar.gz", "demo-" + "1" * 5000 + ".tar.gz"],
)  # fmt: skip
def test_a_bad_sdist_name_is_refused_with_a_sentence(filename):
    with pytest.raises(BadFilename) as refused:
        parse_sdist(filename)
    assert refused.value.sentence.endswith(".")


def test_an_old_post_release_is_split_one_hyphen_earlier():
    demo = NormalizedName("demo")
    old = parse_sdist("demo-1.0-9.tar.gz", name=demo, version="1.0.post9")
    assert (old.name, old.version) == ("demo", "1.0-9")
    assert "demo-1.0.post9.tar.gz" in (misnamed_sdist(old, demo, "1.0.post9") or "")

    other = parse_sdist("demo-1.0-9.tar.gz", name=demo, version="9")
    assert (other.name, other.version) == ("demo-1.0", "9")
    assert "'demo'" in (misnamed_sdist(other, demo, "9") or "")

    fits = parse_sdist("demo-1-9.tar.gz", name=NormalizedName("demo-1"), version="9.post1")
    assert (fits.name, fits.version) == ("demo-1", "9")


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("demo", "1.0", "demo-1.0.tar.gz"),
        ("some-thing", "1.0.0", "some_thing-1.0.0.tar.gz"),
        ("a-b-c", "1.0-RC1", "a_b_c-1.0rc1.tar.gz"),
    ],
)
def test_an_sdist_has_one_right_name(name, version, expected):
    assert sdist_name_for(NormalizedName(name), version) == expected
    assert misnamed_sdist(parse_sdist(expected), NormalizedName(name), version) is None


@pytest.mark.parametrize(
    "filename",
    ["Some_Thing-1.0.tar.gz", "some-thing-1.0.tar.gz", "some.thing-1.0.tar.gz", "some_thing-1.tar.gz",
     "some_thing-1.0.0.tar.gz", "some_thing-1.0.zip", "some_thing-v1.0.tar.gz", "something-1.0.tar.gz"],
)  # fmt: skip
def test_an_sdist_by_another_name_is_refused(filename):
    wrong = misnamed_sdist(parse_sdist(filename), NormalizedName("some-thing"), "1.0")
    assert wrong is not None
    assert "some_thing" in wrong


@pytest.mark.parametrize("filename", ["some_thing-1.0-py3-none-any.whl", "some_thing-1.0.0-1-py3-none-any.whl"])
def test_a_wheel_is_named_for_its_project_and_release(filename):
    assert misnamed_wheel(parse_wheel(filename), NormalizedName("some-thing"), "1.0") is None


@pytest.mark.parametrize(
    "filename",
    ["Some_Thing-1.0-py3-none-any.whl", "some.thing-1.0-py3-none-any.whl", "other-1.0-py3-none-any.whl",
     "some_thing-1.1-py3-none-any.whl", "some_thing-1.0+x-py3-none-any.whl"],
)  # fmt: skip
def test_a_wheel_by_another_name_is_refused(filename):
    assert misnamed_wheel(parse_wheel(filename), NormalizedName("some-thing"), "1.0") is not None


@pytest.mark.parametrize("character", ["\x00", "\n", "\x1f", "\x7f"])
def test_control_characters_are_refused(character):
    assert control_characters(f"demo{character}-1.0.tar.gz") is not None
    assert control_characters("démo -1.0.tar.gz") is None


@pytest.mark.parametrize("filename", ["a/demo-1.0.tar.gz", "a\\demo-1.0.tar.gz", "/"])
def test_slashes_are_refused(filename):
    assert slashes(filename) is not None
    assert slashes("demo-1.0.tar.gz") is None


@pytest.mark.parametrize(
    ("filename", "filetype"), [("a-1.tar.gz", "sdist"), ("a-1.zip", "sdist"), ("a-1-py3-none-any.whl", "bdist_wheel")]
)
def test_the_extension_fits_the_filetype(filename, filetype):
    assert wrong_extension(filename, filetype) is None


@pytest.mark.parametrize(
    ("filename", "filetype"),
    [
        *(("a-1.ZIP", "sdist"), ("a-1.tar.bz2", "sdist"), ("a-1.egg", "bdist_egg"), ("a-1", "sdist"), ("", "sdist")),
        *(("a-1.whl", "sdist"), ("a-1.tar.gz", "bdist_wheel"), ("a-1.zip", "bdist_wheel"), ("a-1.zip", "bdist_egg")),
    ],
)
def test_another_extension_is_refused(filename, filetype):
    assert wrong_extension(filename, filetype) is not None


def test_a_name_leaves_room_for_its_metadata():
    assert too_long("a" * 246) is None
    assert too_long("a" * 247) is not None
    assert too_long("é" * 124) is not None


@given(st.one_of(st.text(), WHEEL_LIKE, st.text("abc-._1+!", max_size=30).map(lambda text: text + ".tar.gz")))
@settings(max_examples=300)
def test_only_our_own_exception_is_raised(filename):
    for parse in (parse_wheel, parse_sdist):
        try:
            parse(filename)
        except BadFilename as refused:
            assert refused.sentence
    assert {type(check(filename)) for check in (control_characters, slashes, too_long)} <= {str, type(None)}


@pytest.mark.parametrize("filename", ["Foo.Bar-1.0-py3-none-any.whl", "foo_bar-1.0.0-py3-none-any.whl"])
def test_an_old_wheels_name_fits_in_any_spelling_when_asked(filename):
    wheel = parse_wheel(filename)
    assert misnamed_wheel(wheel, normalize("foo-bar"), "1.0", any_spelling=True) is None
    assert misnamed_wheel(wheel, normalize("foo-baz"), "1.0", any_spelling=True) is not None
    assert misnamed_wheel(wheel, normalize("foo-bar"), "1.1", any_spelling=True) is not None


@pytest.mark.parametrize("filename", ["Foo.Bar-1.0.tar.gz", "foo-bar-1.0.tar.gz", "foo_bar-1.0.0.zip"])
def test_an_old_sdists_name_fits_in_any_spelling_when_asked(filename):
    old = parse_sdist(filename)
    assert misnamed_sdist(old, normalize("foo-bar"), "1.0") is not None
    assert misnamed_sdist(old, normalize("foo-bar"), "1.0", any_spelling=True) is None
    assert misnamed_sdist(old, normalize("foo-bar"), "1.1", any_spelling=True) is not None
