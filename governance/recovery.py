"""What killed runs left behind: told from work under way, cleared away, and logged.

A run that is being made holds a lock on a file, which the operating system lets go when its process dies. A run without
an entry of its end whose lock nobody holds is a leftover, wherever its folder stands.
"""

import re
import shutil

from governance import releases
from governance.disposal import SET_ASIDE as SET_ASIDE
from governance.disposal import finish
from governance.lock import ProcessLock
from governance.runlog import Entry, Kind, append, entries
from governance.workspace import Workspace

RUN_ID = re.compile(r"\d{8}T\d{9}Z-[0-9a-f]{6}")
"""Time of a run's beginning in UTC, to the millisecond, and a random part: sortable and unique."""

LOCK_SUFFIX = ".lock"


def recover(workspace: Workspace) -> list[str]:
    """Remove the leftovers of killed runs, log those runs as failed, and give their ids.

    Begun disposals and releases are completed. Each run is a transaction of its own. A folder that already stands in
    `runs/` is not deleted but moved to `set-aside/`: its process may have been killed just before the entry of its
    publication was committed, or somebody took that entry out of the log.
    """
    finish(workspace)
    releases.finish(workspace)
    recovered = []
    with workspace.reading() as connection:
        begun = {entry.subject: entry for entry in entries(connection, kinds=[Kind.RUN_STARTED])}
        ended = {entry.subject for entry in entries(connection, kinds=[Kind.RUN_PUBLISHED, Kind.RUN_FAILED])}
    staged = {path.name.removesuffix(LOCK_SUFFIX) for path in (workspace.path / "staging").iterdir()}
    for run_id in sorted(filter(RUN_ID.fullmatch, begun.keys() | staged)):
        lock = run_lock(workspace, run_id)
        if (run_id in ended and run_id not in staged) or not lock.take():
            continue
        if run_id not in ended and _remove_leftover(workspace, run_id, begun.get(run_id)):
            recovered.append(run_id)
        lock.release()  # and with it its file, which a process killed at the very end left
    return recovered


def run_lock(workspace: Workspace, run_id: str) -> ProcessLock:
    """The lock that is held while a run is made."""
    return ProcessLock(workspace.path / "staging" / f"{run_id}{LOCK_SUFFIX}")


def remove_folders(workspace: Workspace, run_id: str) -> None:
    """Delete the staged folder of a run; move aside one that stands in `runs/`."""
    shutil.rmtree(workspace.path / "staging" / run_id, ignore_errors=True)
    if workspace.run_folder(run_id).exists():
        aside = workspace.path / SET_ASIDE
        aside.mkdir(mode=0o700, exist_ok=True)
        workspace.run_folder(run_id).rename(aside / run_id)


def _remove_leftover(workspace: Workspace, run_id: str, begun: Entry | None) -> bool:
    """Whether a run that was begun is now logged as failed."""
    with workspace.writing() as connection:
        if entries(connection, kinds=[Kind.RUN_PUBLISHED, Kind.RUN_FAILED], subject=run_id):
            return False  # it ended between our look and our lock
        remove_folders(workspace, run_id)
        if begun is None:
            return False
        body = {"approval": begun.content["approval"], "reason": "interrupted"}
        append(connection, actor=begun.actor, kind=Kind.RUN_FAILED, subject=run_id, body=body)
    return True
