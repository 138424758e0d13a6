"""Where a run asked for from a page stands, and what can happen to it: data, whose completeness is tested."""

from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"  # asked for; its process has not begun yet
    RUNNING = "running"
    DONE = "done"  # the run is published
    FAILED = "failed"
    STOPPED = "stopped"  # because somebody asked for it


class JobStep(StrEnum):
    """What can happen to a job."""

    BEGIN = "begin"
    ASK_STOP = "ask_stop"
    FINISH = "finish"
    FAIL = "fail"
    STOP = "stop"  # its process heeded what was asked


ACTIVE = (JobState.QUEUED, JobState.RUNNING)
"""States in which a job has a process."""

TRANSITIONS: dict[tuple[JobState, JobStep], JobState | None] = {
    (JobState.QUEUED, JobStep.BEGIN): JobState.RUNNING,
    (JobState.QUEUED, JobStep.ASK_STOP): JobState.STOPPED,
    (JobState.QUEUED, JobStep.FINISH): None,
    (JobState.QUEUED, JobStep.FAIL): JobState.FAILED,
    (JobState.QUEUED, JobStep.STOP): None,
    (JobState.RUNNING, JobStep.BEGIN): None,
    (JobState.RUNNING, JobStep.ASK_STOP): JobState.RUNNING,  # until its process heeds it
    (JobState.RUNNING, JobStep.FINISH): JobState.DONE,
    (JobState.RUNNING, JobStep.FAIL): JobState.FAILED,
    (JobState.RUNNING, JobStep.STOP): JobState.STOPPED,
} | {(state, step): None for state in JobState if state not in ACTIVE for step in JobStep}
"""State after each step in each state; None where the step is not allowed."""
