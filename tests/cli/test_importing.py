"""A folder of distributions becomes an index: the good are taken, the others named with their reason."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.builders import Dist, sdist, wheel
from warehouse.domain.accounts import User
from warehouse.domain.packaging import File, Release, Role
from warehouse.operations.importing import form_of
from warehouse.operations.projects import find_project


def kept(folder: Path, *dists: Dist) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for dist in dists:
        (folder / dist.filename).write_bytes(dist.content)
    return folder


def imported(result) -> tuple[int, int, int]:
    said = json.loads(result.stdout)
    return said["imported"], said["already_there"], len(said["refused"])


def test_a_folder_is_imported_at_any_depth_and_twice_is_as_good_as_once(run, index, tmp_path):
    kept(tmp_path / "dists", wheel("demo", "1.0"), sdist("demo", "1.0"))
    kept(tmp_path / "dists" / "more" / "still", wheel("other", "2.0"), sdist("zipped", "1", filename="zipped-1.tar.gz"))
    (tmp_path / "dists" / "demo-1.0.tar.gz.asc").write_text("no distribution")
    first = run("import", tmp_path / "dists", "--json")
    assert (first.exit_code, imported(first)) == (0, (4, 0, 0))
    assert index.filenames("demo") == ["demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"]
    assert index.filenames("other") == ["other-2.0-py3-none-any.whl"]
    before = index.journal()
    again = run("import", tmp_path / "dists", "--json")
    assert (again.exit_code, imported(again)) == (0, (0, 4, 0))
    assert index.journal() == before


def test_refused_files_are_named_with_their_reason_and_do_not_stop_the_others(run, index, tmp_path):
    folder = kept(tmp_path / "dists", wheel("demo", "1.0"), wheel("os", "1.0"), wheel("demo", "2.0"))
    (folder / "broken-1.0-py3-none-any.whl").write_bytes(b"not a zip file")
    (folder / "demo-3.0-py3-none-any.whl").write_bytes(wheel("demo", "1.0", files={"a.py": "a = 1\n"}).content)
    (folder / "strange.tar.gz").write_bytes(b"")
    result = run("import", folder)
    assert result.exit_code == 1
    assert result.stdout == "2 imported, 0 already there, 4 refused.\n"
    reasons = [
        ("broken-1.0-py3-none-any.whl", "Invalid distribution file."),
        ("demo-3.0-py3-none-any.whl", "Wheel demo-3.0-py3-none-any.whl does not contain the required file"),
        ("os-1.0-py3-none-any.whl", "The name 'os' isn't allowed: it conflicts with a module of the Python standard"),
        ("strange.tar.gz", "Invalid distribution file."),
    ]
    lines = result.stderr.splitlines()
    for line, (name, reason) in zip(lines, reasons, strict=True):
        assert line.startswith(f"{folder / name}: {reason}")
    assert index.filenames("demo") == ["demo-1.0-py3-none-any.whl", "demo-2.0-py3-none-any.whl"]


def test_other_bytes_under_a_name_that_is_there_are_refused(run, index, tmp_path):
    index.upload(wheel("demo", "1.0"), by=index.user("ada"))
    folder = kept(tmp_path / "dists", wheel("demo", "1.0", files={"demo.py": "changed = True\n"}))
    result = run("import", folder)
    assert result.exit_code == 1
    assert "File already exists ('demo-1.0-py3-none-any.whl'" in result.stderr


def test_a_file_that_is_there_is_passed_over_without_a_look_into_it(run, index, tmp_path):
    broken = b"no archive at all"
    dist = wheel("demo", "1.0")
    kept(tmp_path / "dists", dist)
    assert run("import", tmp_path / "dists").exit_code == 0
    with index.work() as work:
        # Were the archive read again, these bytes would be refused.
        file = work.db.query(File).one()
        file.sha256, file.size = hashlib.sha256(broken).hexdigest(), len(broken)
    (tmp_path / "dists" / dist.filename).write_bytes(broken)
    assert imported(run("import", tmp_path / "dists", "--json")) == (0, 1, 0)


def test_named_files_are_tried_whatever_they_are_called(run, index, tmp_path):
    kept(tmp_path, wheel("demo", "1.0"))
    (tmp_path / "demo-1.0.egg").write_bytes(b"")
    result = run("import", tmp_path / "demo-1.0-py3-none-any.whl", tmp_path / "demo-1.0.egg")
    assert result.exit_code == 1
    assert "demo-1.0.egg: The file name has no known extension; files end in .tar.gz, .zip or .whl." in result.stderr
    assert index.filenames("demo") == ["demo-1.0-py3-none-any.whl"]


def test_a_broken_link_is_a_refused_file(run, index, tmp_path):
    (tmp_path / "demo-1.0-py3-none-any.whl").symlink_to("nowhere")
    result = run("import", tmp_path)
    assert result.exit_code == 1
    assert "The file cannot be read: No such file or directory." in result.stderr


def test_projects_without_an_owner_get_the_one_that_was_named(run, index, tmp_path):
    index.upload(wheel("taken", "1.0"), by=index.user("ada"))
    index.user("grace")
    kept(tmp_path / "dists", wheel("taken", "2.0"), wheel("free", "1.0"), sdist("free", "1.0"))
    assert run("import", tmp_path / "dists", "--owner", "grace").exit_code == 0
    with index.work() as work:
        roles = {
            name: [
                (work.db.get(User, role.user_id).username, role.role_name)
                for role in work.db.query(Role).filter_by(project_id=find_project(work, name).id)
            ]
            for name in ("taken", "free")
        }
    assert roles == {"taken": [("ada", "Owner")], "free": [("grace", "Owner")]}


def test_an_unknown_owner_is_refused_before_anything_is_imported(run, index, tmp_path):
    kept(tmp_path, wheel("demo", "1.0"))
    result = run("import", tmp_path, "--owner", "nobody")
    assert (result.exit_code, result.stderr) == (
        1,
        "There is no user 'nobody'. 'warehouse user list' shows all of them.\n",
    )
    assert index.journal() == []


def test_a_release_takes_its_metadata_from_the_wheel(run, index, tmp_path):
    kept(tmp_path, sdist("demo", "1.0", summary="From the sdist"), wheel("demo", "1.0", summary="From the wheel"))
    assert run("import", tmp_path).exit_code == 0
    with index.work() as work:
        assert work.db.query(Release).one().summary == "From the wheel"


def test_the_form_holds_every_field_of_the_archive(tmp_path):
    dist = wheel(
        "demo",
        "1.0",
        metadata_version="2.5",
        summary="Ünïcode",
        keywords="one,two words",
        author="Ada",
        author_email="ada@example.com",
        license_expression="MIT",
        licenses={"LICENSE": "Free."},
        classifiers=["Programming Language :: Python :: 3"],
        project_urls=["Home, https://example.com/"],
        requires_dist=["idna>=3", "six; extra == 'x'"],
        requires_python=">=3.9",
        provides_extra=["x"],
        dynamic=["Version-Not"],
        import_name=[""],
        description="# Demo\n\nText.\n",
        description_content_type="text/markdown",
    )
    kept(tmp_path, dist)
    form = form_of(tmp_path / dist.filename, dist.filename)
    expected = dist.form(md5_digest=None, sha256_digest=None, blake2_256_digest=None, keywords="one, two words")
    assert form == expected


def test_fields_that_older_tools_wrote_are_read_as_they_were_meant(tmp_path):
    metadata = (
        b"Metadata-Version: 1.1\nName: demo\nVersion: 1.0\nSummary: UNKNOWN\nLicense-File: LICENSE\n"
        b"Description: First\n        second\n        \n          - indented\n"
        b"Platform: any\nSome-Field: kept by nobody\n"
    )
    dist = sdist("demo", "1.0", metadata=metadata)
    kept(tmp_path, dist)
    form = form_of(tmp_path / dist.filename, dist.filename)
    assert form["description"] == ["First\nsecond\n\n  - indented"]
    assert form["platform"] == ["any"]
    assert not {"license_file", "some_field"} & set(form)


def test_a_field_given_twice_is_refused_rather_than_guessed(run, index, tmp_path):
    metadata = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: One\nSummary: Two\n"
    kept(tmp_path, wheel("demo", "1.0", metadata=metadata))
    result = run("import", tmp_path)
    assert result.exit_code == 1
    assert "Summary has invalid data: it may be given only once" in result.stderr


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
def test_an_sdist_without_pkg_info_is_refused(run, index, tmp_path, suffix):
    kept(tmp_path, sdist("demo", "1.0", suffix=suffix, files={"PKG-INFO": None}))
    result = run("import", tmp_path)
    assert result.exit_code == 1
    assert "There is no PKG-INFO in its top-level directory. Build it with a build tool." in result.stderr
