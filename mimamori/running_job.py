"""The process of a job: makes the run that was asked for from a page, in the name of who asked for it.

Started by `mimamori.serving_runs` with the workspace, the job and the descriptor of the lock that it inherits. Nothing
is printed: how far it has come and how it ended is in the database.
"""

import _thread
import os
import signal
import sys
import threading
from datetime import date
from pathlib import Path
from typing import Any

from polars.exceptions import PanicException

from governance import jobs
from governance.deliveries import delivery_path, delivery_sha256, held_files
from governance.job_state import JobStep
from governance.jobs import Job, Reason
from governance.workspace import Workspace
from mimamori.console import innermost
from vocabulary.errors import DeliveryError, MimamoriError

LOOK_SECONDS = 1.0
"""How often it is looked whether somebody asked it to stop."""

GRACE_SECONDS = 10.0
"""How long a library may go on before the process is ended by force; a run that was not published leaves nothing."""


def run_job(workspace: Workspace, job_id: str) -> Job | None:
    """Make the run of a job; the job as ended, or None where it was stopped before it began."""
    ended = threading.Event()
    try:
        job = jobs.begin(workspace, job_id)
        if job is None:
            return None
        threading.Thread(target=_watch, args=(workspace, job_id, ended), daemon=True).start()
        run = _make(workspace, job)
        ended.set()
        return jobs.end(workspace, job_id, JobStep.FINISH, run=run)
    except KeyboardInterrupt:
        ended.set()
        return jobs.conclude(workspace, job_id)
    except (Exception, PanicException) as error:  # whatever it is, whoever waits is told
        ended.set()
        if _interrupted.is_set():  # libraries tell of it in errors of their own
            return jobs.conclude(workspace, job_id)
        return jobs.end(workspace, job_id, JobStep.FAIL, reason=_reason(error))


_interrupted = threading.Event()
"""Set once a signal told the process to end."""


def _interrupt(*_: object) -> None:
    _interrupted.set()
    raise KeyboardInterrupt


def _make(workspace: Workspace, job: Job) -> str:
    """Id of the run, once it is published."""
    if delivery_sha256(held_files(workspace, job.delivery, hashed=True)) != job.delivery_sha256:
        raise DeliveryError("operating.delivery_changed", delivery=job.delivery)
    from mimamori.pipeline import Parameters, run  # only here: what fails while it is loaded is told too

    made: str | None = None

    def begin(key: str, **values: Any) -> None:
        nonlocal made
        made = values.get("run", made)
        jobs.enter_stage(workspace, job.id, key, run=made)

    as_of = job.parameters["as_of"]
    parameters = Parameters(**{**job.parameters, "as_of": None if as_of is None else date.fromisoformat(as_of)})
    return run(
        workspace,
        approval_id=job.approval,
        delivery_folder=delivery_path(workspace, job.delivery),
        parameters=parameters,
        actor=job.asked_by,
        begin=begin,
    ).manifest.run


def _watch(workspace: Workspace, job_id: str, ended: threading.Event) -> None:
    """Interrupt the run once somebody asked it to stop, as Ctrl+C would; end the process where that is not heeded."""
    while not ended.wait(LOOK_SECONDS):
        if jobs.find(workspace, job_id).stop_asked_by is not None:
            _thread.interrupt_main()
            if not ended.wait(GRACE_SECONDS):
                os.kill(os.getpid(), signal.SIGKILL)


def _reason(error: BaseException) -> Reason:
    """What is told of an error; of one that was not raised on purpose only its kind, since it may quote data."""
    if isinstance(error, MimamoriError):
        return Reason(error.key, {name: str(value) for name, value in error.values.items()})
    return Reason("operating.failed_inside", {"kind": type(error).__name__, "where": innermost(error)})


def main() -> None:
    """Run the job that the arguments name."""
    folder, job_id, descriptor = sys.argv[1:]
    os.set_inheritable(int(descriptor), False)  # programs that a run starts are not to hold the lock
    for name in (signal.SIGINT, signal.SIGTERM):  # the first is ignored where a shell put the dashboard behind itself
        signal.signal(name, _interrupt)
    workspace = Workspace.open(Path(folder))
    try:
        run_job(workspace, job_id)
    finally:
        jobs.job_lock(workspace, job_id).path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
