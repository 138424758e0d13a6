"""The pages of council, data owners and analysts: their routers, in the order in which addresses are compared."""

from api.oversight import (
    access_log,
    alerts,
    approval_changes,
    approvals,
    department,
    log,
    log_witnesses,
    papers,
    quality,
    statistics,
)

ROUTERS = (
    approval_changes.router,
    approvals.router,
    log_witnesses.router,
    log.router,
    department.router,
    access_log.router,
    statistics.router,
    quality.router,
    papers.router,
    alerts.router,
)
