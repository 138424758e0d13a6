"""A run started from a page, in its own process: published, refused, stopped or killed, and never half of it.

Also the server that started it may be killed: the run goes on, and whoever looks next is told how it went.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.runs.operating import Asked
from governance import jobs, register
from governance.access import Actor
from governance.job_state import JobState
from governance.runs import list_runs
from governance.verify import verify
from governance.workspace import Workspace, current_user
from mimamori.serving_runs import STAGES, Operations
from tests.journey.conftest import ALL_SOURCES, APPROVAL, mimamori
from vocabulary.errors import DeliveryError
from vocabulary.source import load_sources

pytestmark = pytest.mark.slow

OPERATOR = Actor(current_user(), None)
PATIENCE = 120


@pytest.fixture(scope="module")
def small_city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "city"
    done = mimamori("synth", folder, "--children", 80, "--seed", 3, "--years", "2024-2025")
    assert done.returncode == 0, done.stderr
    return folder / "delivery"


@pytest.fixture
def workspace(small_city, tmp_path):
    opened = Workspace.create(tmp_path / "w")
    shutil.copytree(small_city, opened.path / "deliveries" / "april")
    today = date.today()
    toml = APPROVAL.format(
        id="A-1",
        valid_from=today - timedelta(days=30),
        valid_until=today + timedelta(days=30),
        limit="",
        sources=ALL_SOURCES,
    )
    register.add(opened, toml, file="a.toml", sources=load_sources(), actor=OPERATOR.name)
    return opened


def asked(workspace):
    shown = Operations(workspace).delivered("april")
    settings = workspace.settings
    return Asked("A-1", "april", shown.sha256, None, 0.1, settings.max_set_aside, settings.min_link_confidence, False)


def until(workspace, job_id, is_so):
    """Look at a job until something is so of it and its stages."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        jobs.settle(workspace)
        job = jobs.find(workspace, job_id)
        if is_so(job, [stage.key for stage in jobs.stages(workspace, job_id)]):
            return job
        time.sleep(0.01)
    raise AssertionError(f"{job_id} has not come so far")


def ended(workspace, job_id):
    return until(workspace, job_id, lambda job, _: not job.is_active)


def process_of(job_id):
    """Process id of the one that makes the run of a job; None where it has ended."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            told = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"mimamori.running_job" in told and job_id.encode() in told:
            return int(path.parent.name)
    return None


def assert_whole(workspace):
    """Nothing is half there: what is published is as it was written, and nothing else is left."""
    assert verify(workspace).findings == ()
    assert [path.name for path in (workspace.path / "staging").iterdir()] == []
    published = {run.run_id for run in list_runs(workspace)}
    assert {path.name for path in (workspace.path / "runs").iterdir()} == published


def test_a_run_goes_through_its_stages_and_is_published(workspace):
    job = ended(workspace, Operations(workspace).start(OPERATOR, asked(workspace)).id)
    assert (job.state, job.reason) == (JobState.DONE, None)
    assert [stage.key for stage in jobs.stages(workspace, job.id)] == list(STAGES)
    (run,) = list_runs(workspace)
    assert (run.run_id, run.actor, run.manifest.parameters["capacity"]) == (job.run, OPERATOR.name, 0.1)
    assert_whole(workspace)


def test_what_the_approval_does_not_cover_is_refused_in_words(workspace):
    register.revoke(workspace, "A-1", reason="trial", actor=OPERATOR.name)
    job = ended(workspace, Operations(workspace).start(OPERATOR, asked(workspace)).id)
    assert (job.state, job.reason.key) == (JobState.FAILED, "refusal.revoked")
    assert jobs.stages(workspace, job.id) == []  # nothing was begun, so nothing was read
    assert_whole(workspace)


def test_files_that_changed_since_they_were_shown_are_not_run_on(workspace):
    shown = asked(workspace)
    (workspace.path / "deliveries" / "april" / "school.csv").write_text("local_id,as_of\n")
    with pytest.raises(DeliveryError, match="changed"):
        Operations(workspace).start(OPERATOR, shown)
    assert jobs.list_jobs(workspace) == []


@pytest.mark.parametrize("stage", [None, *STAGES])
def test_a_run_killed_at_any_stage_leaves_nothing_half_done_and_says_so(workspace, stage):
    job = Operations(workspace).start(OPERATOR, asked(workspace))
    if stage is not None:
        until(workspace, job.id, lambda one, reached: stage in reached or not one.is_active)
    pid = process_of(job.id)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
    found = ended(workspace, job.id)
    if found.state is JobState.DONE:  # it was published before the kill
        assert [run.run_id for run in list_runs(workspace)] == [found.run]
    else:
        assert (found.state, found.reason.key) == (JobState.FAILED, jobs.INTERRUPTED)
        assert list_runs(workspace) == []
    assert_whole(workspace)


@pytest.mark.parametrize("stage", ["output.stage_read", "output.stage_link"])  # the latter within another library
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_run_told_to_end_by_the_system_clears_up_after_itself(workspace, end, stage):
    job = Operations(workspace).start(OPERATOR, asked(workspace))
    until(workspace, job.id, lambda _, reached: stage in reached)
    os.kill(process_of(job.id), end)
    found = ended(workspace, job.id)
    assert (found.state, found.reason.key) == (JobState.FAILED, jobs.INTERRUPTED)
    assert_whole(workspace)


def test_a_stop_is_heeded_and_another_run_can_be_started(workspace):
    serving = Operations(workspace)
    job = serving.start(OPERATOR, asked(workspace))
    until(workspace, job.id, lambda one, _: one.state is JobState.RUNNING)
    jobs.ask_stop(workspace, OPERATOR, job.id)
    assert ended(workspace, job.id).state is JobState.STOPPED
    assert_whole(workspace)
    assert ended(workspace, serving.start(OPERATOR, asked(workspace)).id).state is JobState.DONE


SERVER = """
import sys, time
from pathlib import Path
from tests.journey.test_runs_from_page import OPERATOR, asked
from governance.workspace import Workspace
from mimamori.serving_runs import Operations
workspace = Workspace.open(Path(sys.argv[1]))
print(Operations(workspace).start(OPERATOR, asked(workspace)).id, flush=True)
time.sleep(600)
"""


def test_a_run_goes_on_where_its_server_is_killed(workspace):
    command = [sys.executable, "-c", SERVER, str(workspace.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        job_id = server.stdout.readline().strip()
        server.kill()
    assert jobs.find(workspace, job_id).is_active
    assert ended(workspace, job_id).state is JobState.DONE
    assert_whole(workspace)
