"""What is past its retention is destroyed, provably, wherever the process is killed; what is under hold is not."""

import shutil
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from governance import disposal, gate, holds, register
from governance.custody import KEYS_FOLDER, DataClass
from governance.digest import sha256
from governance.disposal import dispose, finish
from governance.disposals import read_disposals
from governance.exports import export_run
from governance.items import due, items
from governance.manifest import Input
from governance.runlog import Kind, entries
from governance.runs import read_artefact, read_document
from governance.staging import stage
from governance.verify import verify
from tests.unit.governance.conftest import DAY, FRAME
from vocabulary.errors import IntegrityError, RefusalError, UsageError, WorkspaceError

OPERATOR = "os:operator"
DELIVERED = b"local_id,family_name\n1,X\n"
EXTRACTS = timedelta(days=91)
ALL = timedelta(days=1826)


def make_run(workspace):
    grant = gate.admit(workspace, "2026-03", today=DAY, delivered=["school"], actor=OPERATOR)
    with stage(workspace, grant, actor=OPERATOR) as run:
        run.write_frame("records", FRAME, DataClass.EXTRACTS)
        run.write_frame("links", FRAME, DataClass.IDENTITIES)
        run.write_frame("flags", FRAME, DataClass.PSEUDONYMOUS)
        run.write_document("counts", {"children": 2}, DataClass.STATISTICS)
        file = Input(name="school.csv", source="school", sha256=sha256(DELIVERED), delivered=1, accepted=1, set_aside=0)
        run.publish(inputs=[file], parameters={}, counts={}, seeds={})
    return run.run_id


@pytest.fixture
def run_id(approved):
    return make_run(approved)


@pytest.fixture
def later(monkeypatch):
    """A function that puts the day of the disposal so much later, and gives it."""
    now = disposal.today()

    def put(by):
        for module in ("disposal", "export_terms"):
            monkeypatch.setattr(f"governance.{module}.today", lambda: now + by)
        return now + by

    return put


def steps(workspace):
    with workspace.reading() as connection:
        return [
            (entry.subject, entry.content["step"], entry.content.get("classes"))
            for entry in entries(connection, kinds=[Kind.DISPOSAL])
        ]


def said(workspace):
    return [str(found) for found in verify(workspace).findings]


def test_extracts_go_first_and_results_stay(approved, run_id, later):
    day = later(EXTRACTS)
    folder = approved.run_folder(run_id)
    before = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert dispose(approved, before=day - timedelta(days=1), actor=OPERATOR) == []
    (one,) = dispose(approved, before=day, actor=OPERATOR)
    assert one.files == {
        "records.parquet": sha256(before["records.parquet"]),
        "keys/extracts.json": sha256(before["extracts.json"]),
    }
    assert steps(approved) == [(run_id, "begun", ["extracts"]), (run_id, "completed", None)]
    with pytest.raises(WorkspaceError, match="key of extracts was destroyed"):
        read_artefact(approved, run_id, "records")
    assert read_artefact(approved, run_id, "flags").equals(FRAME)
    assert read_document(approved, run_id, "counts") == {"children": 2}
    assert said(approved) == []
    assert dispose(approved, before=day, actor=OPERATOR) == []


def test_what_is_left_of_a_disposed_run_cannot_be_decrypted(approved, run_id, later):
    folder = approved.run_folder(run_id)
    stolen = approved.path / "stolen"
    shutil.copytree(folder, stolen)
    dispose(approved, before=later(ALL), actor=OPERATOR)
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {"manifest.json"}
    assert said(approved) == []
    shutil.copy(stolen / "flags.parquet", folder)  # the ciphertext put back, without its key
    with pytest.raises(WorkspaceError, match="key of pseudonymous was destroyed"):
        read_artefact(approved, run_id, "flags")
    shutil.copy(stolen / KEYS_FOLDER / "statistics.json", folder / KEYS_FOLDER / "pseudonymous.json")
    with pytest.raises(IntegrityError):
        read_artefact(approved, run_id, "flags")
    assert [line.split(" was ")[0] for line in said(approved)] == [
        f"Run {run_id}: flags.parquet",
        f"Run {run_id}: keys/pseudonymous.json",
    ]


def test_the_log_names_no_more_than_files_and_hashes(approved, run_id, later):
    day = later(EXTRACTS)
    dispose(approved, before=day, actor=OPERATOR)
    with approved.reading() as connection:
        begun, completed = entries(connection, kinds=[Kind.DISPOSAL])
    assert begun.content.keys() == {"step", "day", "clock", "classes", "terms", "files"}
    made = day - EXTRACTS
    until = (made + timedelta(days=90)).isoformat()
    assert begun.content["terms"] == {"extracts": {"rule": "extract_retention_days", "until": until}}
    assert completed.content == {"step": "completed", "begun": begun.seq, "files": 1, "keys": 1, "decryption": "fails"}


@pytest.mark.parametrize("target", ["run", "approval"])
def test_what_is_under_hold_stays_until_it_is_lifted(approved, run_id, later, target, tmp_path):
    held = run_id if target == "run" else "2026-03"
    (tmp_path / "delivery").mkdir()
    (tmp_path / "delivery" / "school.csv").write_bytes(DELIVERED)
    day = later(ALL)
    holds.place(approved, held, reason="audit", actor=OPERATOR)
    assert dispose(approved, before=day, actor=OPERATOR, delivered=[tmp_path / "delivery"]) == []
    assert {one.held_by for one in due(items(approved), day)} == {held}
    assert read_artefact(approved, run_id, "records").equals(FRAME)
    holds.release(approved, held, reason="over", actor=OPERATOR)
    assert len(dispose(approved, before=day, actor=OPERATOR, delivered=[tmp_path / "delivery"])) == 2
    assert list((tmp_path / "delivery").iterdir()) == []


def test_delivered_files_are_found_by_their_hash_and_only_where_told(approved, run_id, later, tmp_path):
    folder = tmp_path / "delivery"
    (folder / "old").mkdir(parents=True)
    (folder / "old" / "renamed.csv").write_bytes(DELIVERED)
    (folder / "school.csv").write_bytes(DELIVERED + b"2,Y\n")
    day = later(EXTRACTS)
    dispose(approved, before=day, actor=OPERATOR)
    assert (folder / "old" / "renamed.csv").exists()
    assert [one.file for one in due(items(approved), day)] == ["school.csv"]
    (one,) = dispose(approved, before=day, actor=OPERATOR, delivered=[folder])
    assert one.files == {"old/renamed.csv": sha256(DELIVERED)}
    assert [path.name for path in folder.rglob("*.csv")] == ["school.csv"], "other bytes than those that were read"
    assert due(items(approved), day) == []
    assert said(approved) == []


def test_another_copy_of_a_delivered_file_is_found_later_and_elsewhere(approved, run_id, later, tmp_path):
    folders = [tmp_path / name for name in ("first", "second", "third")]
    for folder in folders:
        (folder / "below").mkdir(parents=True)
        (folder / "below" / "any.csv").write_bytes(DELIVERED)
    day = later(EXTRACTS)
    dispose(approved, before=day, actor=OPERATOR)
    assert len(dispose(approved, before=day, actor=OPERATOR, delivered=folders[:2])) == 2
    assert [folder.name for folder in folders if any(folder.rglob("*.csv"))] == ["third"]
    (one,) = dispose(approved, before=day, actor=OPERATOR, delivered=folders)
    assert one.files == {"below/any.csv": sha256(DELIVERED)}
    (folders[0] / "again.csv").write_bytes(DELIVERED)
    later(timedelta(0))
    make_run(approved)  # which reads it once more: its retention begins anew
    assert dispose(approved, before=disposal.today(), actor=OPERATOR, delivered=folders) == []
    assert said(approved) == []


def test_a_folder_set_aside_goes_once_what_such_a_run_read_is_past_its_retention(approved, run_id, later):
    aside = approved.path / "set-aside" / run_id
    aside.parent.mkdir()
    shutil.copytree(approved.run_folder(run_id), aside)
    started = later(timedelta(days=90))
    assert dispose(approved, before=started, actor=OPERATOR) == []
    holds.place(approved, "2026-03", reason="audit", actor=OPERATOR)
    assert dispose(approved, before=later(EXTRACTS), actor=OPERATOR) == []
    holds.release(approved, "2026-03", reason="over", actor=OPERATOR)
    found = dispose(approved, before=later(EXTRACTS), actor=OPERATOR)
    assert [one.folder for one in found] == [None, str(aside)]
    assert "keys/identities.json" in found[1].files
    assert not aside.exists()
    assert approved.run_folder(run_id).exists()
    assert said(approved) == []


def test_delivered_files_out_of_reach_are_not_called_deleted(approved, run_id, later, tmp_path, monkeypatch):
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "school.csv").write_bytes(DELIVERED)
    day = later(EXTRACTS)
    dispose(approved, before=day, actor=OPERATOR)
    with monkeypatch.context() as patched:
        patched.setattr("governance.disposal._carry_out", lambda workspace, begun: begun)
        dispose(approved, before=day, actor=OPERATOR, delivered=[folder])
    folder.rename(tmp_path / "unmounted")
    assert finish(approved) == []
    (tmp_path / "unmounted").rename(folder)
    assert [one.completed for one in finish(approved)] == [False]
    assert list(folder.iterdir()) == []


def test_a_day_ahead_and_an_unknown_person_dispose_of_nothing(approved, run_id):
    with pytest.raises(UsageError, match="after today"):
        dispose(approved, before=disposal.today() + timedelta(days=1), actor=OPERATOR)
    assert steps(approved) == []


def test_the_last_run_is_named_as_such(approved, run_id, later):
    second = make_run(approved)
    day = later(ALL)
    assert {one.subject for one in due(items(approved), day) if one.last_run} == {second}


def test_a_key_that_can_still_be_read_is_not_called_destroyed(approved, run_id, later, monkeypatch):
    day = later(EXTRACTS)
    with monkeypatch.context() as patched:
        patched.setattr("governance.disposal.destroy_file", lambda path: None)
        with pytest.raises(IntegrityError, match="can still be read"):
            dispose(approved, before=day, actor=OPERATOR)
    assert [step for _, step, _ in steps(approved)] == ["begun"]
    assert said(approved)[0].startswith(f"Run {run_id}: the disposal of entry")
    assert len(finish(approved)) == 1
    assert said(approved) == []


def test_nothing_is_exported_once_its_approval_is_revoked_or_its_retention_over(approved, run_id, later, tmp_path):
    names = ["flags", "records"]
    later(EXTRACTS)
    written = export_run(approved, run_id, tmp_path / "out", names=names, actor=OPERATOR)
    assert {path.stem for path in written} == {"flags"}
    later(ALL)
    with pytest.raises(RefusalError, match="retention of run"):
        export_run(approved, run_id, tmp_path / "past", names=names, actor=OPERATOR)
    later(timedelta(0))
    register.revoke(approved, "2026-03", reason="withdrawn", actor=OPERATOR)
    with pytest.raises(RefusalError, match="was revoked"):
        export_run(approved, run_id, tmp_path / "revoked", names=names, actor=OPERATOR)
    assert not (tmp_path / "past").exists()
    assert not (tmp_path / "revoked").exists()
    with approved.reading() as connection:
        rules = [entry.content["rule"] for entry in entries(connection, kinds=[Kind.REFUSAL])]
    assert rules == ["retention.export_past", "retention.export_revoked"]


DISPOSE = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from governance import disposal
from governance.workspace import Workspace

name, when, at = sys.argv[2], sys.argv[3], int(sys.argv[4])
owner = Path if name == "unlink" else disposal
step, calls = getattr(owner, name), []
def killing(*args, **named):
    calls.append(name)
    if len(calls) == at and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    step(*args, **named)
    if len(calls) == at:
        os.kill(os.getpid(), signal.SIGKILL)
day = disposal.today() + timedelta(days=91)
disposal.today = lambda: day
setattr(owner, name, killing)
disposal.dispose(Workspace.open(Path(sys.argv[1])), before=day, actor="os:operator")
"""

BEFORE_BEGUN = [("append", "before", 1), ("append", "after", 1)]
AFTER_BEGUN = [
    ("_carry_out", "before", 1), ("destroy_file", "before", 1), ("destroy_file", "after", 1),
    ("_prove_unreadable", "before", 1), ("_prove_unreadable", "after", 1), ("unlink", "before", 2),
    ("unlink", "after", 2), ("append", "before", 2), ("append", "after", 2),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("step", "when", "at"), BEFORE_BEGUN + AFTER_BEGUN)
def test_killed_anywhere_a_disposal_is_not_begun_or_is_completed_by_the_next(approved, run_id, step, when, at):
    command = [sys.executable, "-c", DISPOSE, str(approved.path), step, when, str(at)]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.returncode == -signal.SIGKILL, finished.stderr
    begun = (step, when, at) in AFTER_BEGUN
    with approved.reading() as connection:
        assert [one.completed for one in read_disposals(connection)] == [False] * begun
    assert len(said(approved)) == begun
    if not begun:
        assert read_artefact(approved, run_id, "records").equals(FRAME)
        return
    make_run(approved)  # what begins a run completes what was begun
    assert steps(approved) == [(run_id, "begun", ["extracts"]), (run_id, "completed", None)]
    with pytest.raises(WorkspaceError, match="key of extracts was destroyed"):
        read_artefact(approved, run_id, "records")
    assert said(approved) == []
