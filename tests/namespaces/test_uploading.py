"""Uploads into namespaces: new names are the owner's, what is older goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.builders import wheel
from tests.index import Index
from tests.namespaces.conftest import grant, revoke
from warehouse.domain.accounts import User
from warehouse.domain.packaging import RoleName
from warehouse.operations.importing import Fate, import_files
from warehouse.operations.projects import find_project
from warehouse.operations.roles import give_role, take_role


def upload(index: Index, name: str, by: User, version: str = "1.0") -> tuple[int, str | None]:
    answer = index.upload(wheel(name, version), by=by)
    return answer.status, answer.reason


def test_somebody_elses_upload_of_a_new_name_conflicts(named):
    grant(named, "foo", named.ada)
    sentence = (
        "The name 'foo-kit' is in the namespace 'foo', which belongs to somebody else. "
        "Choose another name, or have the owner of the namespace make the project."
    )
    assert upload(named, "foo-kit", named.bob) == (409, sentence)
    assert named.get("/simple/foo-kit/").status == 404
    assert named.journal() == ["namespace foo granted"]


@pytest.mark.parametrize(
    ("name", "is_covered"),
    [
        ("foo", True),
        ("FOO", True),
        ("Foo_Kit", True),
        ("foo.a.b.c.d.e.f.g.h.i.j", True),
        ("foobar", False),
        ("a-foo", False),
    ],
)
def test_a_grant_covers_its_name_and_what_begins_with_it_and_a_hyphen(named, name, is_covered):
    grant(named, "foo", named.ada)
    assert upload(named, name, named.bob)[0] == (409 if is_covered else 200)
    assert upload(named, name, named.ada)[0] == (200 if is_covered else 403)


def test_an_older_project_goes_on_and_a_new_one_beside_it_does_not_begin(named):
    assert upload(named, "foo-old", named.bob)[0] == 200
    grant(named, "foo", named.ada)
    assert upload(named, "foo-old", named.bob, "1.1")[0] == 200
    assert upload(named, "foo-new", named.bob)[0] == 409


def test_a_revoked_grant_keeps_nobody_out(named):
    grant(named, "foo", named.ada)
    revoke(named, "foo")
    assert upload(named, "foo-kit", named.bob)[0] == 200


def test_any_owner_of_the_project_may_hold_the_grant(named):
    grant(named, "foo", named.ada)
    assert upload(named, "foo-kit", named.ada)[0] == 200
    with named.work() as work:
        give_role(work, find_project(work, "foo-kit"), named.bob, RoleName.OWNER)
    assert upload(named, "foo-kit", named.bob, "1.1")[0] == 200
    with named.work() as work:
        take_role(work, find_project(work, "foo-kit"), named.ada)
    assert upload(named, "foo-kit", named.bob, "1.2")[0] == 409
    assert upload(named, "foo-kit", named.ada, "1.2")[0] == 403  # whoever may not upload learns no more than that


def test_a_maintainer_does_not_hold_it_for_the_project(named):
    grant(named, "foo", named.ada)
    assert upload(named, "foo-kit", named.ada)[0] == 200
    with named.work() as work:
        project = find_project(work, "foo-kit")
        give_role(work, project, named.bob, RoleName.OWNER)
        give_role(work, project, named.ada, RoleName.MAINTAINER)
    assert upload(named, "foo-kit", named.ada, "1.1")[0] == 409


def test_without_the_setting_nothing_is_asked(named, index_with):
    grant(named, "foo", named.ada)
    index = index_with()
    assert upload(index, "foo-kit", named.bob)[0] == 200


def test_the_operators_import_may_fill_any_namespace(named, tmp_path: Path):
    grant(named, "foo", named.ada)
    dist = wheel("foo-kit", "1.0")
    (tmp_path / dist.filename).write_bytes(dist.content)
    outcomes = []
    import_files(named.tools, [tmp_path / dist.filename], owner=named.ada, told=outcomes.append)
    assert [outcome.fate for outcome in outcomes] == [Fate.IMPORTED]
    assert upload(named, "foo-kit", named.ada, "1.1")[0] == 200


@pytest.mark.parametrize("turn", range(3))
def test_a_grant_and_a_new_project_at_once_agree_on_which_came_first(named, turn):
    """Either the upload is refused, or the project is older than the grant and goes on."""
    token = named.token(named.bob)
    barrier = Barrier(2)

    def granting() -> None:
        barrier.wait()
        grant(named, "foo", named.ada)

    def uploading() -> int:
        barrier.wait()
        return named.upload(wheel("foo-kit", "1.0"), token=token).status

    with ThreadPoolExecutor(2) as pool:
        granted = pool.submit(granting)
        status = pool.submit(uploading).result()
        granted.result()
    again = named.upload(wheel("foo-kit", "1.1"), token=token).status
    assert (status, again) in ((200, 200), (409, 409))
