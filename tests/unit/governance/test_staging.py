"""A run is published whole or not at all, wherever its process is killed."""

import signal
import subprocess
import sys

import polars as pl
import pytest

from governance import gate, runs
from governance.custody import DataClass
from governance.recovery import RUN_ID, SET_ASIDE, recover
from governance.runlog import Kind, entries
from governance.staging import stage
from governance.verify import verify
from governance.workspace import Workspace
from tests.unit.governance.conftest import DAY, FRAME

MAKE_A_RUN = """
import os, signal, sys
from datetime import date
from pathlib import Path
import polars as pl
import governance.artefacts, governance.staging, governance.workspace
from governance import gate
from governance.custody import DataClass
from governance.lock import ProcessLock
from governance.staging import StagedRun, stage
from governance.workspace import Workspace

def killed_at(owner, name, when):
    step = getattr(owner, name)
    def killing(*args, **named):
        if when == "after":
            step(*args, **named)
        os.kill(os.getpid(), signal.SIGKILL)
    setattr(owner, name, killing)

workspace = Workspace.open(Path(sys.argv[1]))
grant = gate.admit(workspace, "2026-03", today=date(2026, 6, 1), delivered=["school"], actor="os:operator")
if sys.argv[2] in ("new_run_keys", "begin"):
    owner = governance.custody.Custody if sys.argv[2] == "new_run_keys" else governance.staging
    killed_at(owner, {"new_run_keys": "new_run_keys", "begin": "append"}[sys.argv[2]], sys.argv[3])
with stage(workspace, grant, actor="os:operator") as run:
    owners = {
        "write_frame": (governance.artefacts, "write_frame"),
        "publish": (StagedRun, "publish"),
        "flush": (governance.staging, "flush_all"),
        "append": (governance.staging, "append"),
        "rename": (Path, "rename"),
        "flush_runs": (governance.staging, "flush"),
        "commit": (governance.workspace.runlog, "origin"),
        "checkpoint": (Path, "replace"),
        "release": (ProcessLock, "release"),
    }
    if sys.argv[2] in owners:
        killed_at(*owners[sys.argv[2]], sys.argv[3])
    run.write_frame("flags", pl.DataFrame({"person_id": ["p1"]}), DataClass.PSEUDONYMOUS)
    run.publish(inputs=(), parameters={}, counts={}, seeds={})
"""

BEFORE_COMMIT = [
    ("new_run_keys", "before"), ("new_run_keys", "after"), ("begin", "before"), ("begin", "after"),
    ("write_frame", "before"), ("write_frame", "after"), ("publish", "before"), ("flush", "before"),
    ("append", "before"), ("append", "after"), ("rename", "before"), ("rename", "after"), ("flush_runs", "after"),
    ("commit", "before"), ("commit", "after"),
]  # fmt: skip
AFTER_COMMIT = [("checkpoint", "before"), ("checkpoint", "after"), ("release", "before"), ("release", "after")]


def killed(workspace: Workspace, step: str, when: str) -> None:
    command = [sys.executable, "-c", MAKE_A_RUN, str(workspace.path), step, when]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.returncode == -signal.SIGKILL, finished.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("step", "when"), BEFORE_COMMIT)
def test_killed_before_the_commit_there_is_no_run_and_nothing_is_left(approved, step, when):
    killed(approved, step, when)
    assert runs.list_runs(approved) == []
    left = [path.name for path in (approved.path / "runs").iterdir()]
    assert [dict(found.values)["run"] for found in verify(approved).findings] == left
    recover(approved)
    assert verify(approved).findings == ()
    assert [path.name for path in (approved.path / SET_ASIDE).glob("*")] == left
    assert list((approved.path / "runs").iterdir()) == []
    assert list((approved.path / "staging").iterdir()) == []
    with approved.reading() as connection:
        begun = [entry.subject for entry in entries(connection, kinds=[Kind.RUN_STARTED])]
        failed = {entry.subject: entry.content for entry in entries(connection, kinds=[Kind.RUN_FAILED])}
    assert failed == {run_id: {"approval": "2026-03", "reason": "interrupted"} for run_id in begun}


@pytest.mark.slow
@pytest.mark.parametrize(("step", "when"), AFTER_COMMIT)
def test_killed_after_the_commit_the_run_is_whole(approved, step, when):
    killed(approved, step, when)
    (published,) = runs.list_runs(approved)
    assert runs.read_artefact(approved, published.run_id, "flags").equals(pl.DataFrame({"person_id": ["p1"]}))
    assert verify(approved).findings == ()
    recover(approved)
    assert list((approved.path / "staging").iterdir()) == []
    with approved.reading() as connection:
        assert entries(connection, kinds=[Kind.RUN_FAILED]) == []


def test_a_run_under_way_is_left_alone(approved):
    grant = gate.admit(approved, "2026-03", today=DAY, delivered=["school"], actor="os:operator")
    with stage(approved, grant, actor="os:operator") as run:
        run.write_frame("flags", FRAME, DataClass.PSEUDONYMOUS)
        assert recover(approved) == []
        assert verify(approved).findings == ()
        run.publish(inputs=(), parameters={}, counts={}, seeds={})
    assert runs.latest_run(approved) == run.run_id
    assert RUN_ID.fullmatch(run.run_id)


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_a_run_left_by_an_error_is_removed_and_logged_without_its_message(approved, error):
    grant = gate.admit(approved, "2026-03", today=DAY, delivered=["school"], actor="os:operator")

    def fail():
        with stage(approved, grant, actor="os:operator") as run:
            run.write_frame("flags", FRAME, DataClass.PSEUDONYMOUS)
            raise error("山田太郎")

    with pytest.raises(error):
        fail()
    assert list((approved.path / "staging").iterdir()) == []
    with approved.reading() as connection:
        (entry,) = entries(connection, kinds=[Kind.RUN_FAILED])
    assert entry.content == {"approval": "2026-03", "reason": error.__name__}


def test_a_run_that_nobody_published_is_removed(approved):
    grant = gate.admit(approved, "2026-03", today=DAY, delivered=["school"], actor="os:operator")
    with stage(approved, grant, actor="os:operator"):
        pass
    assert runs.list_runs(approved) == []
    assert list((approved.path / "staging").iterdir()) == []


def test_an_error_after_the_rename_takes_the_run_back(approved, monkeypatch):
    grant = gate.admit(approved, "2026-03", today=DAY, delivered=["school"], actor="os:operator")

    def full(path):
        raise OSError(28, "No space left on device")

    def publish():
        with stage(approved, grant, actor="os:operator") as run:
            monkeypatch.setattr("governance.staging.flush_all", lambda folder: None)
            monkeypatch.setattr("governance.staging.flush", full)
            run.publish(inputs=(), parameters={}, counts={}, seeds={})

    with pytest.raises(OSError, match="No space left"):
        publish()
    assert list((approved.path / "runs").iterdir()) == []
    assert verify(approved).findings == ()
