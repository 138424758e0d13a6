"""Alerts: what data owners and the council are told of, unread until each has taken note of it.

An alert names a grant of emergency access or an account, never a child. It is raised in the transaction of what it
tells of, so neither exists without the other.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection

from governance import access, tables
from governance.access import Actor
from governance.actions import Action, Scope
from governance.digest import canonical_json
from governance.records import Row, change, trusted_row, trusted_rows
from governance.runlog import Kind
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError

KINDS = (Kind.ALERT,)


class AlertKind(StrEnum):
    """What an alert tells of."""

    BREAK_GLASS = "break_glass"  # emergency access was granted; `about` is the grant
    MANY_VIEWS = "many_views"  # an account opened more children in a day than the settings say; `about` is the account


@dataclass(frozen=True)
class Alert:
    """An alert as it stands."""

    id: str
    kind: AlertKind
    about: str
    raised_at: str  # UTC, ISO 8601
    day: str
    acknowledged: frozenset[str]  # accounts that have taken note


def raise_alert(connection: Connection, kind: AlertKind, about: str, *, actor: str, day: str | None = None) -> None:
    """Raise an alert in the caller's writing transaction; `day` (UTC) is the one it tells of, today if not said."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    row: Row = {
        "id": secrets.token_hex(4),
        "kind": kind.value,
        "about": about,
        "raised_at": now,
        "day": day or now[:10],
        "acknowledged": "[]",
    }
    _change(connection, row, "raised", actor)


def list_alerts(workspace: Workspace) -> list[Alert]:
    """Every alert, in the order in which they were raised.

    Raises
    ------
    IntegrityError
        A row was edited, added or removed outside the system.
    """
    with workspace.reading() as connection:
        return [_alert(row) for row in trusted_rows(connection, tables.alerts, KINDS)]


def unread(workspace: Workspace, actor: Actor) -> list[Alert]:
    """Alerts of which `actor` has yet to take note; none for roles that are not told. Errors as of `list_alerts`."""
    if access.scope_of(actor, Action.ACKNOWLEDGE_ALERT) is Scope.NONE:
        return []
    return [one for one in list_alerts(workspace) if actor.name not in one.acknowledged]


def acknowledge(workspace: Workspace, alert_id: str, *, actor: Actor) -> Alert:
    """Say that `actor` has taken note of an alert; it stays unread for the others.

    Raises
    ------
    RefusalError
        `actor` is not told of alerts.
    WorkspaceError
        There is no such alert.
    """
    access.require(workspace, actor, Action.ACKNOWLEDGE_ALERT)
    with workspace.writing() as connection:
        row = trusted_row(connection, tables.alerts, KINDS, alert_id)
        if row is None:
            raise WorkspaceError("access.alert_absent", id=alert_id)
        noted = sorted({*json.loads(str(row["acknowledged"])), actor.name})
        row["acknowledged"] = canonical_json(noted).decode()
        _change(connection, row, "acknowledged", actor.name)
    return _alert(row)


def was_raised(connection: Connection, kind: AlertKind, about: str, day: str) -> bool:
    """Whether there is such an alert of that day."""
    rows = trusted_rows(connection, tables.alerts, KINDS)
    return any((row["kind"], row["about"], row["day"]) == (kind.value, about, day) for row in rows)


def _change(connection: Connection, row: Row, step: str, actor: str) -> None:
    body = {"step": step, "alert": row["kind"], "about": row["about"]}
    change(connection, tables.alerts, row, actor=actor, kind=Kind.ALERT, body=body)


def _alert(row: Row) -> Alert:
    return Alert(
        id=str(row["id"]),
        kind=AlertKind(str(row["kind"])),
        about=str(row["about"]),
        raised_at=str(row["raised_at"]),
        day=str(row["day"]),
        acknowledged=frozenset(json.loads(str(row["acknowledged"]))),
    )
