"""Rows of the database that hold something sealed and are past their retention: removed, and the log tells of it.

Verdicts of reviewers, outcomes, and requests of the persons concerned that no run heeds any more. Each is counted from
its own day, by the class of identities, and by the approval of the run it belongs to where there is one. What holds
keep stays. Of a removed row the log has who did which step when, as before; the sealed text is gone with the row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Table

from governance import outcomes, requests, reviews, tables
from governance.accounts import require_account
from governance.holds import holds
from governance.items import Terms
from governance.records import Row, erase, trusted_rows
from governance.request_state import RequestState
from governance.retention import classes, kept
from governance.runlog import Kind, entries
from governance.workspace import Workspace

KIND = "identities"
"""The kind of data by whose class these rows are kept."""

HEEDED = (RequestState.RECEIVED.value, RequestState.ACCEPTED.value)
"""States of requests that are to be decided, or that every run heeds: these stay."""


@dataclass(frozen=True)
class Sealed:
    """A row and its last day."""

    table: Table
    id: str
    until: date


def due(workspace: Workspace, day: date) -> list[Sealed]:
    """Rows whose last day is before `day` and that no hold keeps. IntegrityError where one was edited."""
    with workspace.reading() as connection:
        return _due(workspace, connection, day)


def erase_due(workspace: Workspace, *, before: date, actor: str) -> list[Sealed]:
    """Remove them, all in one transaction with their entries. Errors as of `due`, and for an unknown `actor`.

    On SQLite they are gone from the disk once `store.compact` has succeeded.
    """
    with workspace.writing() as connection:
        require_account(connection, actor)
        found = _due(workspace, connection, before)
        for one in found:
            erase(connection, one.table, one.id, actor=actor)
    return found


def _due(workspace: Workspace, connection: Connection, day: date) -> list[Sealed]:
    return [one for one in _rows(workspace, connection) if one.until < day]


def _rows(workspace: Workspace, connection: Connection) -> Iterator[Sealed]:
    held, terms = holds(connection), Terms(workspace, connection)
    published = {entry.subject: entry for entry in entries(connection, kinds=[Kind.RUN_PUBLISHED])}
    name = workspace.settings.retention.get(KIND, kept()[KIND].retention_class)
    for table, kinds, dated in (
        (tables.reviews, reviews.KINDS, "decided_at"),
        (tables.outcomes, outcomes.KINDS, "recorded_on"),
        (tables.subject_requests, requests.KINDS, "received_on"),
    ):
        for row in trusted_rows(connection, table, kinds):
            made = _day(row, dated)
            entry = published.get(str(row.get("run")))
            if entry is None:
                until = classes()[name].last_day(made, purpose_ends=made)
            elif {entry.subject, terms.approval_of(entry)} & held.keys():
                continue
            else:
                until = terms.term(entry, KIND, made=made).until
            if table is not tables.subject_requests or row["state"] not in HEEDED:
                yield Sealed(table, str(row["id"]), until)


def _day(row: Row, column: str) -> date:
    told = datetime.fromisoformat(str(row[column]))
    return told.astimezone().date() if told.tzinfo else told.date()
