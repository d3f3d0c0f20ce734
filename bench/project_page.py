"""``python -m bench.project_page``: what the page of a project of 2,000 releases costs to make, ten files in each.

The site is asked as a server would ask it, without the page cache, on a PostgreSQL of its own that is thrown away
afterwards. Nothing listens on a port.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text

from warehouse.infra import migrations
from warehouse.infra.db import Database
from warehouse.infra.postgres import EmbeddedPostgres
from warehouse.settings import load_settings
from warehouse.toolbox import open_tools
from warehouse.web.app import make_web_app
from warehouse.work import OPERATOR, Tools, begin

WARM_UP = 5

_FILL = (
    "INSERT INTO projects (name, normalized_name, lookalike_name) VALUES ('demo', 'demo', 'dem0')",
    """
    INSERT INTO releases (project_id, version, canonical_version, version_key, is_prerelease, metadata_version,
        created_at, summary, requires_dist, classifiers)
    SELECT id, '1.' || n, '1.' || n, decode(lpad(to_hex(n), 8, '0'), 'hex'), false, '2.4', now() - n * interval '1 day',
        'What it is for, in a line.', array_fill(text 'idna>=3', array[20]),
        array_fill(text 'Programming Language :: Python :: 3.13', array[20])
    FROM projects, generate_series(1, :releases) AS n
    """,
    """
    INSERT INTO files (project_id, release_id, filename, packagetype, python_version, size, md5, sha256, blake2_256)
    SELECT project_id, id, 'demo-' || version || '-' || n || '-py3-none-any.whl', 'bdist_wheel', 'py3', 100000, '',
        encode(sha256(convert_to(version || ' ' || n, 'UTF8')), 'hex'),
        encode(sha256(convert_to(version || '/' || n, 'UTF8')), 'hex')
    FROM releases, generate_series(1, :files) AS n
    """,
)


def project_page(releases: int, files: int, times: int) -> dict[str, float]:
    """Milliseconds to make the page: in all, and of this process's CPU; and its bytes."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres", durable=False) as server:
        tools = open_tools(load_settings({"WAREHOUSE_DATA": str(Path(folder) / "data")}), server.url)
        migrations.migrate(tools.database)
        _fill(tools, tools.database, releases, files)
        application = make_web_app(tools)
        for _ in range(WARM_UP):
            body = _ask(application)
        told = []
        for _ in range(times):
            at, used = time.perf_counter(), time.thread_time()
            body = _ask(application)
            told.append((time.perf_counter() - at, time.thread_time() - used))
        tools.database.dispose()
        tools.head.close()
    all_of_it, ours = zip(*told, strict=True)
    return {
        "median": median(all_of_it) * 1000,
        "least": min(all_of_it) * 1000,
        "CPU": median(ours) * 1000,
        "bytes": len(body),
    }


def _fill(tools: Tools, database: Database, releases: int, files: int) -> None:
    with begin(tools, OPERATOR) as work:
        for statement in _FILL:
            work.db.execute(text(statement), {"releases": releases, "files": files})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _ask(application: Any) -> bytes:
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/project/demo/",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    started: list[str] = []
    body = b"".join(application(environ, lambda status, headers, exc_info=None: started.append(status)))
    if started != ["200 OK"]:
        raise RuntimeError(f"the page was not there: {started}")
    return body


def main() -> None:
    """Measure what was asked for and print a table."""
    parser = argparse.ArgumentParser(prog="bench.project_page", description=__doc__)
    parser.add_argument("--releases", type=int, default=2000)
    parser.add_argument("--files", type=int, default=10, help="of each release")
    parser.add_argument("--times", type=int, default=60)
    wish = parser.parse_args()
    told = project_page(wish.releases, wish.files, wish.times)
    print("| releases | files | ms, median | least | ms of CPU | kB |\n| --: | --: | --: | --: | --: | --: |")
    print(
        f"| {wish.releases:,} | {wish.releases * wish.files:,} | {told['median']:.0f} | {told['least']:.0f} "
        f"| {told['CPU']:.0f} | {told['bytes'] / 1000:.0f} |"
    )


if __name__ == "__main__":
    main()
