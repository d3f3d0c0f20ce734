"""Other pips than the one that happens to be here."""

from __future__ import annotations

import pytest

from tests.builders import wheel

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("version", ["22.2", "23.0", "24.0", "26.3"])
def test_old_and_new_pip_install_download_and_list(index, desk, registry, version):
    library, app = wheel("served-any-library"), wheel("served-any-pip", requires_dist=["served-any-library"])
    index.publish(library, app)
    python = registry.venv(f"pip=={version}")
    where = ("--index-url", index.simple_url)
    desk.run(python, "-m", "pip", "install", *where, "--target", desk.home / "there", "served-any-pip")
    assert (desk.home / "there" / "served_any_library.py").exists()
    listed = desk.home / "requirements.txt"
    listed.write_text(f"served-any-pip==1.0 --hash=sha256:{app.sha256}\n")
    got = desk.home / "got"
    desk.run(python, "-m", "pip", "download", *where, "--no-deps", "--require-hashes", "-r", listed, "-d", got)
    assert (got / app.filename).read_bytes() == app.content
    assert "1.0" in desk.run(python, "-m", "pip", "index", "versions", *where, "served-any-pip").text
