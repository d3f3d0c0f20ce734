"""A wheel has WHEEL, METADATA and RECORD where its file name says, and the license files it names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.builders import Dist, wheel
from warehouse.standards.archives.refusal import BadArchive
from warehouse.standards.archives.wheel import WheelFacts, inspect_wheel


@dataclass(frozen=True)
class Name:
    filename: str


@pytest.fixture
def inspect(tmp_path: Path):
    def _inspect(built: Dist, filename: str | None = None, **options: object) -> WheelFacts:
        path = tmp_path / "blob"
        path.write_bytes(built.content)
        return inspect_wheel(path, Name(filename or built.filename), **options)  # type: ignore[arg-type]

    return _inspect


def test_the_facts_of_a_wheel(inspect):
    built = wheel("Some.Thing", "1.0", summary="Ünïcode", description="Text.\r\n")
    assert inspect(built) == WheelFacts(
        metadata=built.metadata, dist_info="some_thing-1.0.dist-info", record_matches=True, sboms=(), unscanned=None
    )


def test_a_build_number_is_no_part_of_the_directory(inspect):
    assert inspect(wheel("demo", "1.0", build="1")).dist_info == "demo-1.0.dist-info"


@pytest.mark.parametrize("filename", ["Demo-1.0-py3-none-any.whl", "demo-1.0.0-py3-none-any.whl"])
def test_the_directory_is_named_exactly_as_in_the_file_name(inspect, filename):
    stem = filename.removesuffix("-py3-none-any.whl")
    with pytest.raises(BadArchive) as refusal:
        inspect(wheel("demo", "1.0"), filename)
    assert refusal.value.sentence.startswith(f"Invalid distribution file. WHEEL not found at '{stem}.dist-info/WHEEL'.")


@pytest.mark.parametrize("member", ["METADATA", "RECORD"])
def test_required_members(inspect, member):
    with pytest.raises(BadArchive) as refusal:
        inspect(wheel("demo", "1.0", dist_info={member: None}))
    assert refusal.value.sentence == (
        f"Wheel demo-1.0-py3-none-any.whl does not contain the required file 'demo-1.0.dist-info/{member}'."
    )


def listing(*more: str) -> str:
    names = ["demo.py", "demo-1.0.dist-info/METADATA", "demo-1.0.dist-info/WHEEL", "demo-1.0.dist-info/RECORD", *more]
    return "".join(f"{name},,\n" for name in names)


MATCHING = {
    "the files": ({}, listing(), True),
    "a file that is not there": ({}, listing("other.py"), False),
    "not every file": ({"x": ""}, listing(), False),
    "blank lines": ({}, listing() + "\n\n", True),
    "Windows line ends": ({}, listing().replace("\n", "\r\n"), True),
    "backslashes": ({}, listing().replace("/", "\\"), True),
    "nothing": ({}, "", False),
    "hashes that are wrong": ({}, listing().replace(",,", ",sha256=wrong,1"), True),
    "no signature of itself": ({"RECORD.jws": "{}", "RECORD.p7s": "x"}, listing(), True),
    "a signature of itself": ({}, listing("demo-1.0.dist-info/RECORD.jws"), True),
    "a quoted name": ({'a,"b"': ""}, listing('"demo-1.0.dist-info/a,""b"""'), True),
}


@pytest.mark.parametrize(("dist_info", "record", "matches"), MATCHING.values(), ids=MATCHING.keys())
def test_a_record_that_lists_other_files_is_told_but_accepted(inspect, dist_info, record, matches):
    assert inspect(wheel("demo", "1.0", dist_info={**dist_info, "RECORD": record})).record_matches is matches


def test_directories_are_not_listed(inspect):
    assert inspect(
        wheel("demo", "1.0", files={"demo.py": "", "data/": ""}, dist_info={"RECORD": listing()})
    ).record_matches


@pytest.mark.parametrize(
    ("record", "sentence"),
    [(b"\xfc,,\n", "is not UTF-8"), (b"x" * 200_000 + b",,\n", "is not CSV")],
)
def test_a_malformed_record_is_refused(inspect, record, sentence):
    with pytest.raises(BadArchive, match=f"RECORD of wheel demo-1.0-py3-none-any.whl {sentence}"):
        inspect(wheel("demo", "1.0", dist_info={"RECORD": record}))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[console_scripts]\ndemo = demo:main\nde-mo.x_1=demo:other [extra]\n",
        "[gui_scripts]\nDemo = demo:main\ndemo = demo:main\n",
        "[console_scripts]\nnot = checked: at all!\n",
        "[some.group]\nany name: with colon = x\n# comment\n; comment\n",
        "[DEFAULT]\nwhat ever = x\n[console_scripts]\n",
        "[console_scripts]\n50% = x:y\n".replace("50%", "half"),
    ],
)
def test_readable_entry_points_are_accepted(inspect, content):
    built = wheel("demo", "1.0", dist_info={"entry_points.txt": content})
    assert inspect(built).record_matches


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[console_scripts]\n\xfc = x\n", "is not UTF-8"),
        ("demo = demo:main\n", "is malformed: File contains no section headers"),
        ("[console_scripts]\ndemo: demo:main\n", "is malformed: Source contains parsing errors"),
        ("[console_scripts]\ndemo\n", "is malformed: Source contains parsing errors"),
        ("[x]\na = 1\na = 2\n", "is malformed: While reading"),
        ("[x]\n[x]\n", "is malformed: While reading"),
        ("[x]\na = " + "b" * 1100, "has a line of more than 1024 characters"),
        ("[x]\na" + " " * 70 + "b", "has a line of more than 1024 characters or blanks"),
        ("[console_scripts]\nde mo = demo:main\n", "Entry point 'de mo' of group console_scripts"),
        ("[gui_scripts]\n../demo = demo:main\n", "Entry point '../demo' of group gui_scripts"),
    ],
)
def test_entry_points_that_installers_cannot_use_are_refused(inspect, content, sentence):
    with pytest.raises(BadArchive) as refusal:
        inspect(wheel("demo", "1.0", dist_info={"entry_points.txt": content}))
    assert sentence in refusal.value.sentence
    assert "demo-1.0-py3-none-any.whl" in refusal.value.sentence


def test_license_files_are_below_their_directory(inspect):
    built = wheel("demo", "1.0", licenses={"LICENSE": "Free.", "legal/NOTICE": "Note."})
    assert inspect(built, license_files=["LICENSE", "legal/NOTICE"]).metadata == built.metadata
    for missing in ("NOTICE", "legal", "../METADATA"):
        with pytest.raises(BadArchive) as refusal:
            inspect(built, license_files=["LICENSE", missing])
        assert refusal.value.sentence == (
            f"License-File '{missing}' does not exist in distribution file demo-1.0-py3-none-any.whl "
            f"at 'demo-1.0.dist-info/licenses/{missing}'. Add the file, or remove it from the metadata."
        )


def test_software_bills_of_materials_are_named_and_not_judged(inspect):
    built = wheel(
        "demo", "1.0", dist_info={"sboms/a.cdx.json": "{}", "sboms/b": b"\xff", "sboms/d/": "", "variant.json": "?"}
    )
    assert inspect(built).sboms == ("demo-1.0.dist-info/sboms/a.cdx.json", "demo-1.0.dist-info/sboms/b")


def test_protected_source_is_refused_unless_the_scan_is_off(inspect):
    built = wheel("demo", "1.0", files={"demo.pye": "---BEGIN PYE FILE---\nabc\n---END PYE FILE---\n"})
    with pytest.raises(BadArchive, match=r"Invalid distribution file\. 'demo.pye' is protected by SourceDefender"):
        inspect(built)
    assert inspect(built, scan=False).metadata == built.metadata
