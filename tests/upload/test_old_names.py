"""An index that keeps copies of old projects can take their files as they are."""

import pytest

from tests.builders import sdist, wheel
from tests.index import Index
from warehouse.settings import load_settings

OLD = (
    wheel(
        "Foo.Bar",
        "1.0",
        filename="Foo.Bar-1.0-py3-none-any.whl",
        files={
            "Foo.Bar-1.0.dist-info/METADATA": wheel("Foo.Bar", "1.0").metadata,
            "Foo.Bar-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\n",
            "Foo.Bar-1.0.dist-info/RECORD": "",
        },
    ),
    sdist("Foo.Bar", "1.0", filename="Foo.Bar-1.0.tar.gz"),
)


@pytest.fixture
def settings(tmp_path, request):
    return load_settings({"WAREHOUSE_DATA": str(tmp_path), "WAREHOUSE_UPLOAD__OLD_FILENAMES": request.param})


@pytest.mark.parametrize("settings", ["true"], indirect=True)
@pytest.mark.parametrize("dist", OLD, ids=["wheel", "sdist"])
def test_old_names_are_accepted_where_the_operator_wants_them(index: Index, dist):
    assert index.upload(dist, by=index.user("ada")).status == 200
    assert index.filenames("foo-bar") == [dist.filename]


@pytest.mark.parametrize("settings", ["false"], indirect=True)
@pytest.mark.parametrize("dist", OLD, ids=["wheel", "sdist"])
def test_and_refused_everywhere_else(index: Index, dist):
    answer = index.upload(dist, by=index.user("ada"))
    assert answer.status == 400
    assert "newer build tool" in answer.reason
