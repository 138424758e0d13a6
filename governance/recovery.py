"""What killed runs left behind: told from work under way, removed, and logged.

A run that is being made holds a lock on a file, which the operating system lets go when its process dies. A run without
an entry of its end whose lock nobody holds is a leftover, wherever its folder stands.
"""

import re
import shutil

from sqlalchemy import Connection

from governance.lock import ProcessLock
from governance.proof import log_findings, read_log
from governance.runlog import Entry, Kind, append, entries
from governance.workspace import Workspace

RUN_ID = re.compile(r"\d{8}T\d{9}Z-[0-9a-f]{6}")
"""Time of a run's beginning in UTC, to the millisecond, and a random part: sortable and unique."""

LOCK_SUFFIX = ".lock"


def recover(workspace: Workspace) -> list[str]:
    """Remove the leftovers of killed runs, log those runs as failed, and give their ids.

    A folder in `runs/` is removed only while the log proves whole, since its entry might have been taken out of the
    log; that is a case for `verify`.
    """
    recovered = []
    with workspace.writing() as connection:
        begun = {entry.subject: entry for entry in entries(connection, kinds=[Kind.RUN_STARTED])}
        ended = {entry.subject for entry in entries(connection, kinds=[Kind.RUN_PUBLISHED, Kind.RUN_FAILED])}
        staged = {path.name.removesuffix(LOCK_SUFFIX) for path in (workspace.path / "staging").iterdir()}
        for run_id in sorted(filter(RUN_ID.fullmatch, (begun.keys() | staged) - ended)):
            lock = run_lock(workspace, run_id)
            if lock.take():
                if _remove_leftover(workspace, connection, run_id, begun.get(run_id)):
                    recovered.append(run_id)
                lock.release()
        for run_id in sorted(filter(RUN_ID.fullmatch, staged & ended)):
            lock = run_lock(workspace, run_id)
            if lock.take():
                lock.release()  # and with it its file, which a process killed at the very end left
    return recovered


def run_lock(workspace: Workspace, run_id: str) -> ProcessLock:
    """The lock that is held while a run is made."""
    return ProcessLock(workspace.path / "staging" / f"{run_id}{LOCK_SUFFIX}")


def remove_folders(workspace: Workspace, run_id: str) -> None:
    """Delete the folder of a run that has no entry of publication, wherever it stands."""
    for folder in (workspace.path / "staging" / run_id, workspace.run_folder(run_id)):
        if folder.exists():
            shutil.rmtree(folder)


def _remove_leftover(workspace: Workspace, connection: Connection, run_id: str, begun: Entry | None) -> bool:
    """Whether a run that was begun is now logged as failed."""
    if workspace.run_folder(run_id).exists() and log_findings(workspace, connection, read_log(connection)):
        return False
    remove_folders(workspace, run_id)
    if begun is None:
        return False
    body = {"approval": begun.content["approval"], "reason": "interrupted"}
    append(connection, actor=begun.actor, kind=Kind.RUN_FAILED, subject=run_id, body=body)
    return True
