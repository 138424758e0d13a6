"""A lock is one process's while it lives, and leaves no file behind."""

import fcntl
import subprocess
import sys

from governance.lock import ProcessLock

HOLDER = """
import sys, time
from pathlib import Path
from governance.lock import ProcessLock
print(ProcessLock(Path(sys.argv[1])).take(), flush=True)
time.sleep(60)
"""


def test_held_by_one_at_a_time(tmp_path):
    first, second = ProcessLock(tmp_path / "run.lock"), ProcessLock(tmp_path / "run.lock")
    assert first.take()
    assert not second.take()
    second.release()  # not held: nothing
    assert not second.take()
    first.release()
    assert not first.path.exists()
    assert second.take()
    second.release()


def test_a_file_that_its_holder_removed_meanwhile_is_no_lock(tmp_path, monkeypatch):
    first, late, third = (ProcessLock(tmp_path / "run.lock") for _ in range(3))
    assert first.take()
    locking = fcntl.flock

    def after_release(*arguments):
        monkeypatch.undo()
        first.release()
        return locking(*arguments)

    monkeypatch.setattr("governance.lock.fcntl.flock", after_release)
    assert not late.take()
    assert third.take()
    third.release()


def test_it_goes_with_its_process(tmp_path):
    lock = ProcessLock(tmp_path / "run.lock")
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(lock.path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "True\n"
        assert not lock.take()
        holder.kill()
    assert lock.take()
    lock.release()
