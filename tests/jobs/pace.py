"""How tests hurry a worker."""

from warehouse.infra.jobs import Pace

QUICK = Pace(poll=0.2, heartbeat=0.2, stalled=1.0, again=0.1)
