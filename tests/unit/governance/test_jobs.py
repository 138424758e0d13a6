"""Jobs: one at a time, ended truthfully however their process ended, and bound to the log."""

import subprocess
import sys

import pytest

from governance import access, jobs
from governance.access import Actor
from governance.job_state import ACTIVE, TRANSITIONS, JobState, JobStep
from governance.jobs import Reason
from governance.runlog import Kind, entries
from governance.verify import verify
from tests.unit.governance.conftest import by_hand
from vocabulary.errors import IntegrityError, WorkspaceError

OPERATOR = Actor("os:operator", None)
ASKED = {"approval": "2026-03", "delivery": "april", "delivery_sha256": "0" * 64, "parameters": {"capacity": 0.02}}


@pytest.fixture
def asked(approved):
    """A job whose process has not begun, and the lock that it holds."""
    job, lock = jobs.ask(approved, OPERATOR, **ASKED)
    yield job
    lock.release()


def lose(workspace, job):
    """As if the process were gone: its lock is free."""
    jobs.job_lock(workspace, job.id).path.unlink()


def test_every_step_in_every_state_is_settled_and_what_ended_stays_ended():
    assert set(TRANSITIONS) == {(state, step) for state in JobState for step in JobStep}
    assert {state for (state, _), after in TRANSITIONS.items() if after is not None} == set(ACTIVE)


def test_a_job_goes_from_asked_for_to_done_with_an_entry_a_step(approved, asked):
    assert asked.state is JobState.QUEUED
    assert jobs.begin(approved, asked.id).state is JobState.RUNNING
    jobs.enter_stage(approved, asked.id, "output.stage_read", run="r1")
    jobs.enter_stage(approved, asked.id, "output.stage_link", run="r1")
    done = jobs.end(approved, asked.id, JobStep.FINISH, run="r1")
    assert (done.state, done.run, done.parameters) == (JobState.DONE, "r1", {"capacity": 0.02})
    assert [(one.number, one.key) for one in jobs.stages(approved, asked.id)] == [
        (1, "output.stage_read"),
        (2, "output.stage_link"),
    ]
    with approved.reading() as connection:
        told = [entry.content["state"] for entry in entries(connection, kinds=[Kind.JOB])]
    assert told == ["queued", "running", "done"]
    assert verify(approved).findings == ()


def test_there_is_one_at_a_time(approved, asked):
    with pytest.raises(WorkspaceError, match=asked.id):
        jobs.ask(approved, OPERATOR, **ASKED)
    assert [one.id for one in jobs.list_jobs(approved)] == [asked.id]
    jobs.end(approved, asked.id, JobStep.FAIL, reason=Reason("operating.interrupted", {}))
    second, lock = jobs.ask(approved, OPERATOR, **ASKED)
    assert [one.id for one in jobs.list_jobs(approved)] == [second.id, asked.id]
    lock.release()


def test_a_job_whose_process_lives_is_left_alone(approved, asked):
    assert jobs.settle(approved) == []
    assert jobs.find(approved, asked.id).state is JobState.QUEUED


@pytest.mark.parametrize("begun", [False, True])
def test_a_job_whose_process_is_gone_has_failed(approved, asked, begun):
    if begun:
        jobs.begin(approved, asked.id)
    lose(approved, asked)
    (settled,) = jobs.settle(approved)
    assert (settled.state, settled.reason.key) == (JobState.FAILED, jobs.INTERRUPTED)
    assert jobs.settle(approved) == []
    assert not jobs.job_lock(approved, asked.id).path.exists()
    assert verify(approved).findings == ()


def test_a_job_whose_process_was_gone_after_publishing_is_done(approved, asked, publish):
    jobs.begin(approved, asked.id)
    run = publish(approved)
    jobs.enter_stage(approved, asked.id, "output.stage_publish", run=run)
    lose(approved, asked)
    (settled,) = jobs.settle(approved)
    assert (settled.state, settled.run) == (JobState.DONE, run)


def test_a_stage_that_names_a_run_of_somebody_else_makes_no_job_done(approved, publish):
    job, lock = jobs.ask(approved, Actor("os:somebody", None), **ASKED)
    jobs.begin(approved, job.id)
    jobs.enter_stage(approved, job.id, "output.stage_publish", run=publish(approved))
    lock.release()
    assert jobs.settle(approved)[0].state is JobState.FAILED


def test_a_stop_is_heeded_at_once_before_the_process_begins_and_by_the_process_after(approved, asked):
    assert jobs.ask_stop(approved, OPERATOR, asked.id).state is JobState.STOPPED
    assert jobs.begin(approved, asked.id) is None
    with pytest.raises(WorkspaceError, match="ended already"):
        jobs.ask_stop(approved, OPERATOR, asked.id)
    second, lock = jobs.ask(approved, OPERATOR, **ASKED)
    jobs.begin(approved, second.id)
    waiting = jobs.ask_stop(approved, OPERATOR, second.id)
    assert (waiting.state, waiting.stop_asked_by) == (JobState.RUNNING, "os:operator")
    lock.release()
    assert jobs.settle(approved)[0].state is JobState.STOPPED


def test_a_process_that_inherits_the_lock_holds_it_until_it_is_killed(approved):
    job, lock = jobs.ask(approved, OPERATOR, **ASKED)
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(lock.descriptor,))
    lock.hand_over()
    assert jobs.settle(approved) == []
    process.kill()
    process.wait()
    assert jobs.settle(approved)[0].id == job.id


def test_an_edited_job_is_not_begun_and_is_found(approved, asked):
    by_hand(approved, "UPDATE jobs SET asked_by = 'os:root'")
    with pytest.raises(IntegrityError):
        jobs.begin(approved, asked.id)
    assert [found.key for found in verify(approved).findings] == ["runlog.row_edited"]


def test_whoever_may_not_start_runs_any_more_has_none_begun(approved, asked, monkeypatch):
    def gone(*_):
        raise WorkspaceError("account.name_yourself", actor="sato")

    monkeypatch.setattr(access, "actor", gone)
    with pytest.raises(WorkspaceError):
        jobs.begin(approved, asked.id)
    assert jobs.find(approved, asked.id).state is JobState.QUEUED
