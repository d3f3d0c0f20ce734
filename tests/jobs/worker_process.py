"""A worker process that tests can kill: ``worker_process DATABASE_URL DATA``."""

from __future__ import annotations

import logging
import sys

import tests.jobs.kinds  # noqa: F401  # its jobs
from tests.jobs.pace import QUICK
from warehouse.settings import load_settings
from warehouse.toolbox import open_tools
from warehouse.worker import main

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    main.run(open_tools(load_settings({"WAREHOUSE_DATA": sys.argv[2]}), sys.argv[1]), pace=QUICK)
