"""The rows of jobs: compared with the log as they are read, and written together with an entry of their digest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from governance import tables
from governance.job_state import ACTIVE, TRANSITIONS, JobState, JobStep
from governance.records import Row, change, trusted_row, trusted_rows
from governance.runlog import Kind
from vocabulary.errors import WorkspaceError

KINDS = (Kind.JOB,)
"""The entries that tell of a row of a job."""


@dataclass(frozen=True)
class Reason:
    """Why a job failed: the key of a text and its values, which tell of no child."""

    key: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Job:
    """A run that was asked for, as it stands."""

    id: str
    state: JobState
    approval: str
    delivery: str
    delivery_sha256: str
    parameters: Mapping[str, Any]
    asked_by: str
    asked_at: str
    began_at: str | None
    ended_at: str | None
    stop_asked_by: str | None
    run: str | None
    reason: Reason | None

    @property
    def is_active(self) -> bool:
        """Whether it is still to end."""
        return self.state in ACTIVE


@dataclass(frozen=True)
class Stage:
    """A stage that a job has come to."""

    number: int
    key: str  # of its text
    began_at: str
    run: str | None


def taken(connection: Connection, row: Row, step: JobStep, *, actor: str, **changed: str | None) -> Job:
    """Take a step in the caller's transaction, with what else it changes in the row; the job after it.

    Raises
    ------
    WorkspaceError
        The step is not allowed in its state.
    """
    after = TRANSITIONS[JobState(str(row["state"])), step]
    if after is None:
        raise WorkspaceError("operating.job_ended", job=row["id"])
    row = row | changed | {"state": after.value}
    write(connection, row, actor)
    return job_of(row)


def write(connection: Connection, row: Row, actor: str) -> None:
    """Write a row with the entry that tells of it, in the caller's transaction."""
    told = {name: row[name] for name in ("state", "approval", "run") if row[name] is not None}
    if row["reason"] is not None:
        told["reason"] = json.loads(str(row["reason"]))["key"]
    change(connection, tables.jobs, row, actor=actor, kind=Kind.JOB, body=told)


def rows(connection: Connection) -> list[Row]:
    """Every job's row in the order of asking.

    Raises
    ------
    IntegrityError
        A row was edited, added or removed outside the system.
    """
    return trusted_rows(connection, tables.jobs, KINDS)


def row_of(connection: Connection, job_id: str) -> Row:
    """The row of a job. Errors as of `rows`, and a WorkspaceError where there is none."""
    row = trusted_row(connection, tables.jobs, KINDS, job_id)
    if row is None:
        raise WorkspaceError("operating.job_absent", job=job_id)
    return row


def stages_of(connection: Connection, job_id: str) -> list[Stage]:
    """The stages that a job has come to, in order."""
    query = select(tables.job_stages).where(tables.job_stages.c.job == job_id).order_by(tables.job_stages.c.number)
    return [Stage(row.number, row.stage, row.began_at, row.run) for row in connection.execute(query)]


def job_of(row: Mapping[str, Any]) -> Job:
    """The job in a row."""
    reason = None if row["reason"] is None else Reason(**json.loads(row["reason"]))
    parameters = json.loads(row["parameters"])
    return Job(**dict(row) | {"state": JobState(row["state"]), "parameters": parameters, "reason": reason})
