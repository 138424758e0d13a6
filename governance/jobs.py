"""Jobs: runs that are asked for from a page and made by a process of their own, one at a time.

A job's process holds a lock on a file from before the job is in the database until the process ends, however it ends;
so a job that should be under way and whose lock is free has lost its process, and `settle` says how it ended. What a
job is asked to do is bound to the log by the digest of its row, and compared before it is begun; how far it has come is
told beside that for whoever waits, and is bound to nothing.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from governance import access, tables
from governance.access import Actor
from governance.digest import canonical_json
from governance.job_rows import KINDS as KINDS
from governance.job_rows import Job as Job
from governance.job_rows import Reason as Reason
from governance.job_rows import Stage as Stage
from governance.job_rows import job_of, row_of, rows, stages_of, taken, write
from governance.job_state import ACTIVE, JobState, JobStep
from governance.lock import ProcessLock
from governance.policy import Action
from governance.records import Row
from governance.recovery import LOCK_SUFFIX, recover
from governance.runlog import Kind, entries
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError

INTERRUPTED = "operating.interrupted"
"""Why a job failed whose process is gone: the machine, or somebody on it, ended it."""


def ask(
    workspace: Workspace,
    actor: Actor,
    *,
    approval: str,
    delivery: str,
    delivery_sha256: str,
    parameters: Mapping[str, Any],
) -> tuple[Job, ProcessLock]:
    """Ask for a run; the job, and its lock, which the caller hands to the process that makes the run.

    Parameters
    ----------
    workspace
        An open workspace.
    actor
        Who asks, and in whose name the run is made.
    approval
        Under which it is made. Whether it covers the run is asked when it begins (`governance.gate`).
    delivery
        Name of a folder below that of deliveries (`governance.deliveries`).
    delivery_sha256
        Digest of its files as the actor was shown them.
    parameters
        JSON values.

    Raises
    ------
    RefusalError
        `actor` may not start runs. The refusal is in the run log.
    WorkspaceError
        Another job is under way.
    IntegrityError
        A job was edited outside the system.
    """
    access.require(workspace, actor, Action.START_RUN)
    settle(workspace)
    asked = {"approval": approval, "delivery": delivery, "delivery_sha256": delivery_sha256}
    row = _queued(actor, asked | {"parameters": canonical_json(parameters).decode()})
    lock = job_lock(workspace, str(row["id"]))
    lock.take()
    try:
        with workspace.writing() as connection:
            _refuse_second(connection)
            write(connection, row, actor.name)
    except BaseException:
        lock.release()
        raise
    return job_of(row), lock


def _queued(actor: Actor, asked: dict[str, str]) -> Row:
    """The row of a new job."""
    begun = {"id": secrets.token_hex(5), "state": JobState.QUEUED.value, "asked_by": actor.name, "asked_at": _now()}
    return dict.fromkeys(tables.jobs.c.keys()) | begun | asked


def _refuse_second(connection: Connection) -> None:
    for row in rows(connection):
        if row["state"] in ACTIVE:
            raise WorkspaceError("operating.job_under_way", job=row["id"])


def begin(workspace: Workspace, job_id: str) -> Job | None:
    """Mark a job as running, by its own process; None where it was stopped meanwhile.

    Raises
    ------
    RefusalError
        Who asked for it may not start runs any more. The refusal is in the run log.
    WorkspaceError
        There is no such job, or the account that asked is not active any more.
    IntegrityError
        The job was edited outside the system.
    """
    asked = find(workspace, job_id)
    if asked.state is not JobState.QUEUED:
        return None
    access.require(workspace, access.actor(workspace, asked.asked_by), Action.START_RUN)
    with workspace.writing() as connection:
        row = row_of(connection, job_id)
        if row["state"] != JobState.QUEUED:
            return None
        return taken(connection, row, JobStep.BEGIN, actor=asked.asked_by, began_at=_now())


def enter_stage(workspace: Workspace, job_id: str, key: str, *, run: str | None = None) -> None:
    """Note that a job has come to a stage, and which run it makes once that is known."""
    with workspace.writing() as connection:
        held = select(func.max(tables.job_stages.c.number)).where(tables.job_stages.c.job == job_id)
        number = (connection.execute(held).scalar_one_or_none() or 0) + 1
        connection.execute(
            insert(tables.job_stages).values(job=job_id, number=number, stage=key, began_at=_now(), run=run)
        )


def stages(workspace: Workspace, job_id: str) -> list[Stage]:
    """The stages a job has come to, in order."""
    with workspace.reading() as connection:
        return stages_of(connection, job_id)


def ask_stop(workspace: Workspace, actor: Actor, job_id: str) -> Job:
    """Ask a job to stop: one whose process has not begun is stopped at once, another as soon as its process heeds it.

    Raises
    ------
    RefusalError
        `actor` may not start runs. The refusal is in the run log.
    WorkspaceError
        There is no such job, or it has ended.
    IntegrityError
        The job was edited outside the system.
    """
    access.require(workspace, actor, Action.START_RUN)
    settle(workspace)
    with workspace.writing() as connection:
        row = row_of(connection, job_id)
        ended = {"ended_at": _now()} if row["state"] == JobState.QUEUED else {}
        return taken(connection, row, JobStep.ASK_STOP, actor=actor.name, stop_asked_by=actor.name, **ended)


def end(
    workspace: Workspace, job_id: str, step: JobStep, *, run: str | None = None, reason: Reason | None = None
) -> Job:
    """Say how a job ended, by its own process or for it. Errors as of `ask_stop`, but for the refusal."""
    with workspace.writing() as connection:
        row = row_of(connection, job_id)
        told = None if reason is None else canonical_json({"key": reason.key, "values": reason.values}).decode()
        return taken(connection, row, step, actor=str(row["asked_by"]), run=run, reason=told, ended_at=_now())


def settle(workspace: Workspace) -> list[Job]:
    """End the jobs whose process is gone, and remove what their runs left; those jobs.

    A run that its process published before it went is done all the same.
    """
    with workspace.reading() as connection:
        active = [str(row["id"]) for row in rows(connection) if row["state"] in ACTIVE]
    settled = []
    for job_id in active:
        lock = job_lock(workspace, job_id)
        if not lock.take():
            continue
        try:
            recover(workspace)
            ended = conclude(workspace, job_id)
        finally:
            lock.release()
        settled += [ended] if ended is not None else []
    return settled


def conclude(workspace: Workspace, job_id: str) -> Job | None:
    """End a job that goes on no more: done where its run is published; None where it has ended already."""
    with workspace.writing() as connection:
        row = row_of(connection, job_id)
        if row["state"] not in ACTIVE:
            return None
        told = {"actor": str(row["asked_by"]), "ended_at": _now()}
        run = next((one.run for one in reversed(stages_of(connection, job_id)) if one.run), None)
        if run is not None and _published(connection, run, row):
            return taken(connection, row, JobStep.FINISH, run=run, **told)
        if row["stop_asked_by"] is not None:
            return taken(connection, row, JobStep.STOP, **told)
        reason = canonical_json({"key": INTERRUPTED, "values": {}}).decode()
        return taken(connection, row, JobStep.FAIL, reason=reason, **told)


def find(workspace: Workspace, job_id: str) -> Job:
    """One job as it stands.

    Raises
    ------
    WorkspaceError
        There is none of this id.
    IntegrityError
        The job was edited outside the system.
    """
    with workspace.reading() as connection:
        return job_of(row_of(connection, job_id))


def list_jobs(workspace: Workspace) -> list[Job]:
    """Every job, the newest first. Errors as of `find`."""
    with workspace.reading() as connection:
        return [job_of(row) for row in reversed(rows(connection))]


def job_lock(workspace: Workspace, job_id: str) -> ProcessLock:
    """The lock that a job's process holds."""
    return ProcessLock(workspace.path / "staging" / f"job-{job_id}{LOCK_SUFFIX}")


def _published(connection: Connection, run: str, row: Row) -> bool:
    """Whether a run is published that was made for this job: stages are bound to nothing, so it is compared."""
    found = entries(connection, kinds=[Kind.RUN_PUBLISHED], subject=run)
    made = (row["asked_by"], row["approval"])
    return any((one.actor, one.content["manifest"]["approval"]) == made for one in found)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
