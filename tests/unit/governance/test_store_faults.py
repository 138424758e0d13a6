"""Processes killed at any moment, a full disk, a server that dies, a writer that never ends: no half state."""

import os
import random
import resource
import signal
import sqlite3
import time
import traceback

import pytest

from governance import runlog, store
from governance import workspace as opened
from governance.runlog import Kind, stored_entries
from governance.verify import verify
from governance.workspace import Workspace
from tests.unit.governance.conftest import sqlite_only
from vocabulary.errors import WorkspaceError


def write(workspace, number=1):
    return workspace.log(actor="os:operator", kind=Kind.VIEW, subject=f"run-{number}", body={"number": number})


def in_child(work):
    """Run `work` in a process of its own; its id."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return child


def ended(child):
    """How a child ended: its exit code, or the signal that killed it, negative."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def entries_of(workspace):
    with workspace.reading() as connection:
        return list(stored_entries(connection))


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


POINTS = [
    (runlog, "head", 1),  # nothing was written
    (opened, "draft_checkpoint", 1),  # the entry was written, not committed
    (opened, "make_good", 2),  # committed, the checkpoint a draft
]
"""Where a process is killed, and how many entries stand afterwards, that of the beginning among them."""


@pytest.mark.parametrize(
    ("module", "function", "left"), POINTS, ids=lambda value: str(getattr(value, "__name__", value))
)
def test_a_process_killed_at_a_point_of_its_transaction_leaves_it_whole_or_none_of_it(
    workspace, monkeypatch, module, function, left
):
    def killed():
        monkeypatch.setattr(module, function, die)
        write(Workspace.open(workspace.path))

    workspace.engine.dispose()
    assert ended(in_child(killed)) == -signal.SIGKILL
    assert len(entries_of(workspace)) == left
    assert verify(workspace).findings == ()
    assert write(workspace).seq == left + 1
    assert verify(workspace).findings == ()


def test_two_processes_killed_at_any_moment_lose_no_entry_they_reported(workspace, tmp_path):
    workspace.engine.dispose()

    def report_without_end(file):
        mine = Workspace.open(workspace.path)
        with file.open("a") as reports:
            while True:
                entry = write(mine)
                reports.write(f"{entry.seq} {entry.entry_hash}\n")
                reports.flush()

    moments = random.Random(5)
    for turn in range(3):
        files = [tmp_path / f"{turn}-{which}" for which in "ab"]
        children = [in_child(lambda file=file: report_without_end(file)) for file in files]
        deadline = time.monotonic() + 60
        while not all(file.exists() and file.stat().st_size for file in files) and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.1))
        for child in children:
            os.kill(child, signal.SIGKILL)
        assert [ended(child) for child in children] == [-signal.SIGKILL] * 2
    held = {f"{entry.seq} {entry.entry_hash}" for entry in entries_of(workspace)}
    reported = {line for path in tmp_path.glob("?-?") for line in path.read_text().splitlines(keepends=True)}
    whole = {line.strip() for line in reported if line.endswith("\n")}
    assert len(whole) >= 6
    assert whole <= held
    write(workspace)
    assert verify(workspace).findings == ()


def test_a_full_disk_stops_the_change_and_leaves_none_of_it(workspace):
    """No file may grow: not the database on SQLite, and where that is the server's, not the checkpoints."""
    local = workspace.engine.dialect.name == "sqlite"
    workspace.engine.dispose()

    def fill():
        mine = Workspace.open(workspace.path)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000 if local else 20,) * 2)
        try:
            for number in range(300):
                write(mine, number)
        except (WorkspaceError, OSError) as error:
            os._exit(3 if "\n" not in str(error) else 4)

    assert ended(in_child(fill)) == 3
    stood = len(entries_of(workspace))
    assert verify(workspace).findings == ()
    assert write(workspace).seq == stood + 1
    assert verify(workspace).findings == ()


@pytest.mark.postgresql
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_server_that_dies_within_a_transaction_is_said_in_one_line_and_nothing_is_half_done(workspace, postgresql):
    before = entries_of(workspace)

    def interrupted():
        with workspace.writing() as connection:
            runlog.append(connection, actor="os:operator", kind=Kind.VIEW, subject="run-1", body={})
            postgresql.stop("immediate")

    with pytest.raises(WorkspaceError, match="database cannot be used") as error:
        interrupted()
    assert "\n" not in str(error.value)
    try:
        with pytest.raises(WorkspaceError, match="database cannot be used") as error:
            Workspace.open(workspace.path)
        assert "\n" not in str(error.value)
    finally:
        postgresql.start()
    assert entries_of(workspace) == before
    assert write(workspace).seq == len(before) + 1
    assert verify(workspace).findings == ()


def test_a_writer_does_not_wait_for_ever(workspace, monkeypatch):
    monkeypatch.setattr(store, "BUSY_SECONDS", 1)
    second = Workspace.open(workspace.path)
    with workspace.writing(), pytest.raises(WorkspaceError, match="database cannot be used") as error:
        write(second)
    assert "\n" not in str(error.value)
    assert write(second).seq == 2


@sqlite_only
def test_a_copy_made_by_sqlite_while_others_write_is_whole(workspace, tmp_path):
    with sqlite3.connect(workspace.path / "mimamori.db") as source, sqlite3.connect(tmp_path / "copy.db") as copy:
        with workspace.writing() as connection:
            runlog.append(connection, actor="os:operator", kind=Kind.VIEW, subject="run-1", body={})
            source.backup(copy)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT size FROM log_head").fetchone() == (1,), "what was not committed is not in it"
