"""Every kind of page that everybody may look at, by its name: whoever makes one adds it here.

The index behind them is small and real: two projects, one of which needs the other, with wheels and sdists that were
imported as a folder of distributions is.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tests.builders import Dist, sdist, wheel
from tests.served import Served

PAGES = {
    "home": "/",
    "project": "/project/tidewatch/",
    "yanked release": "/project/tidewatch/1.3.0/",
    "file": "/project/tidewatch/1.4.0/files/tidewatch-1.4.0.tar.gz/",
    "contents": "/project/tidewatch/1.4.0/files/tidewatch-1.4.0-py3-none-any.whl/contents/",
    "member": "/project/tidewatch/1.4.0/files/tidewatch-1.4.0-py3-none-any.whl/contents/tidewatch/__init__.py",
    "choice of releases": "/project/tidewatch/compare/",
    "comparison": "/project/tidewatch/compare/1.3.0...1.4.0/",
    "change": "/project/tidewatch/compare/1.3.0...1.4.0/tidewatch/__init__.py",
    "dependents": "/project/harbour/dependents/",
    "search": "/search/?q=tide",
    "publishing": "/legacy/",
    "stats": "/stats/",
    "help": "/help/",
    "security": "/security/",
    "site map": "/sitemap/",
    "classifiers": "/classifiers/",
    "profile": "/user/ada/",
    "nothing here": "/nothing-here/",
    "sign in": "/account/login/",
    "register": "/account/register/",
    "components": "/_/components",
}

LONG = {"classifiers"}
"""Pages so long that axe is asked about them only where there is time."""

DESCRIPTION = """# Tidewatch

Tells when the water is high, and *when it is not*.

## Usage

```python
import tidewatch

def high(port: str) -> float:
    return tidewatch.level(port, unit="m")  # metres
```

| Port | Level |
|------|------:|
| Husum | 3.1 |
| Brest | 6.9 |

- [x] Ebb
- [ ] Flood
"""

CODE = "LEVEL = 3.1\n\n\ndef level(port: str) -> float:\n    return LEVEL\n"


def distributions() -> list[Dist]:
    """What is in the index."""
    fields: dict[str, Any] = {
        "summary": "Tells when the water is high.",
        "description": DESCRIPTION,
        "description_content_type": "text/markdown",
        "requires_python": ">=3.10",
        "license_expression": "MIT",
        "author_email": "Ada Lovelace <ada@example.com>",
        "keywords": "tides,sea,ports",
        "classifiers": [
            "Programming Language :: Python :: 3",
            "Topic :: Scientific/Engineering",
            "Framework :: AsyncIO",
        ],
        "project_urls": [
            "Documentation, https://tidewatch.readthedocs.io/",
            "Source, https://github.com/ada/tidewatch",
        ],
        "requires_dist": ["harbour>=1.0", "rich; extra == 'cli'"],
        "provides_extra": ["cli"],
    }
    code: dict[str, str | bytes] = {"tidewatch/__init__.py": CODE}
    newer: dict[str, str | bytes] = {
        "tidewatch/__init__.py": CODE.replace("3.1", "6.9"),
        "tidewatch/ports.py": "PORTS = ()\n",
    }
    return [
        wheel("tidewatch", "1.3.0", files=code, **fields),
        sdist("tidewatch", "1.3.0", **fields),
        wheel("tidewatch", "1.4.0", files=newer, **fields),
        wheel("tidewatch", "1.4.0", tag="cp312-cp312-manylinux_2_17_x86_64", files=newer, **fields),
        sdist("tidewatch", "1.4.0", **fields),
        wheel("tidewatch", "2.0.0rc1", files=newer, **fields),
        wheel("harbour", "1.0", summary="Names of ports."),
    ]


def fill(index: Served, folder: Path) -> None:
    """Put them there, as ada's."""
    index.token()
    folder.mkdir()
    for dist in distributions():
        (folder / dist.filename).write_bytes(dist.content)
    index.run("import", "--owner", "ada", str(folder))
    for name in ("contents", "comparison"):
        _prepare(index, PAGES[name])
    index.run("release", "yank", "tidewatch", "1.3.0", "--reason", "It forgot the moon.")


def _prepare(index: Served, path: str) -> None:
    """Ask until a job has made what the page shows."""
    for _ in range(300):
        if "refresh" not in index.get(path).headers:
            return
        time.sleep(0.1)
    raise AssertionError(f"{path} is never ready.")
