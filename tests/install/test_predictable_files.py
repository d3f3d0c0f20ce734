"""Addresses of files that can be told from their names."""

import pytest

from tests.builders import sdist, wheel
from tests.install.test_simple_pages import header
from warehouse.operations.files import remove_file
from warehouse.operations.projects import find_project

WHEEL = wheel("Demo.Kit", "1.0")
SDIST = sdist("Demo.Kit", "1.0")


@pytest.fixture
def demo(index):
    ada = index.user("ada")
    for dist in (WHEEL, SDIST):
        assert index.upload(dist, by=ada).status == 200
    return index


def canonical(dist) -> str:
    return f"/packages/{dist.blake2_256[:2]}/{dist.blake2_256[2:4]}/{dist.blake2_256[4:]}/{dist.filename}"


@pytest.mark.parametrize(
    ("path", "dist"),
    [
        (f"source/D/Demo.Kit/{SDIST.filename}", SDIST),
        (f"source/d/Demo.Kit/{SDIST.filename}", SDIST),
        (f"source/d/demo-kit/{SDIST.filename}", SDIST),
        (f"source/d/demo_kit/{SDIST.filename}", SDIST),
        (f"py3/d/demo-kit/{WHEEL.filename}", WHEEL),
        (f"py3/D/DEMO-KIT/{WHEEL.filename}", WHEEL),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_is_found_by_its_tag_its_project_and_its_name(demo, path, dist, method):
    answer = demo.get(f"/packages/{path}", method=method)
    assert (answer.status, header(answer, "location")) == (302, canonical(dist))
    assert header(answer, "access-control-allow-origin") == "*"
    assert demo.get(f"/packages/{path}", method=method) is answer


@pytest.mark.parametrize(
    "path",
    [
        f"source/x/Demo.Kit/{SDIST.filename}",
        f"source/D/demo-kit/{SDIST.filename}",
        f"source/o/other/{SDIST.filename}",
        f"py3/d/demo-kit/{SDIST.filename}",
        f"source/d/demo-kit/{WHEEL.filename}",
        f"cp311/d/demo-kit/{WHEEL.filename}",
        "source/d/demo-kit/demo_kit-9.9.tar.gz",
        f"source/d/demo-kit/{SDIST.filename.upper()}",
        f"source/d/demo-kit/{SDIST.filename}.asc",
        "source/d/d\u00e9mo/demo-1.0.tar.gz",
        "source/-/-/demo-1.0.tar.gz",
        "source/d/" + "d" * 10_000 + "/demo-1.0.tar.gz",
    ],
)
def test_what_does_not_fit_together_is_a_404(demo, path):
    answer = demo.get(f"/packages/{path}")
    assert (answer.status, header(answer, "location")) == (404, None)
    assert header(answer, "cache-control") == "no-cache"


def test_a_file_that_comes_or_goes_is_found_or_not_at_once(demo):
    newer = sdist("Demo.Kit", "2.0")
    path = f"/packages/source/d/demo-kit/{newer.filename}"
    assert demo.get(path).status == 404
    demo.upload(newer, token=demo._tokens["ada"])
    assert header(demo.get(path), "location") == canonical(newer)
    with demo.work() as work:
        remove_file(work, find_project(work, "demo-kit"), newer.filename)
    assert demo.get(path).status == 404


def test_the_address_of_the_files_host_is_told_where_there_is_one(demo, index_with):
    index = index_with(SITE__URL="https://index.example", SITE__FILES_URL="https://files.example/packages")
    answer = index.get(f"/packages/source/d/demo-kit/{SDIST.filename}")
    assert header(answer, "location") == f"https://files.example{canonical(SDIST)}"


def test_a_private_index_tells_only_who_brings_a_token(demo, index_with):
    private = index_with(ACCESS__READ="signed_in")
    assert private.get(f"/packages/source/d/demo-kit/{SDIST.filename}").status == 401


def test_a_public_index_lets_clients_keep_the_answer_as_long_as_a_page(demo, index_with):
    answer = index_with(PROFILE="public").get(f"/packages/source/d/demo-kit/{SDIST.filename}")
    assert header(answer, "cache-control") == "max-age=600, public"
