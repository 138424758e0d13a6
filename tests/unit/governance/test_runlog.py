"""The log only grows, keeps every entry of every process, and each of its heads is signed."""

import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance import runlog
from governance.runlog import FIRST_PREVIOUS, Kind, append, entries
from governance.verify import verify
from vocabulary.errors import IntegrityError

APPENDER = """
import sys
from pathlib import Path
from governance.runlog import Kind
from governance.workspace import Workspace
workspace = Workspace.open(Path(sys.argv[1]))
for number in range(40):
    workspace.log(actor=sys.argv[2], kind=Kind.VIEW, subject="run", body={"number": number})
"""


def test_two_processes_at_once_lose_no_entry(workspace):
    names = ["first", "second"]
    processes = [subprocess.Popen([sys.executable, "-c", APPENDER, str(workspace.path), name]) for name in names]
    assert [process.wait() for process in processes] == [0, 0]
    with workspace.reading() as connection:
        found = entries(connection, kinds=[Kind.VIEW])
    for name in names:
        assert [entry.content["number"] for entry in found if entry.actor == name] == list(range(40))
    assert verify(workspace).findings == ()
    assert len(list((workspace.path / "checkpoints").glob("*.txt"))) == 81


def test_what_is_being_written_is_not_taken_for_an_alteration(workspace):
    process = subprocess.Popen([sys.executable, "-c", APPENDER, str(workspace.path), "first"])
    checked = [verify(workspace)]
    while process.poll() is None:
        checked.append(verify(workspace))
        time.sleep(0.1)  # SQLite gives the lock to who asks first after it is free, which would ever be this process
    assert [found for verification in checked for found in verification.findings] == []
    assert verify(workspace).entries == 41


def test_an_entry_and_what_it_tells_of_are_in_one_transaction(workspace):
    def interrupted():
        with workspace.writing() as connection:
            append(connection, actor="a", kind=Kind.VIEW, subject="run", body={})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    with workspace.reading() as connection:
        assert [entry.kind for entry in entries(connection)] == ["workspace_created"]
    assert [path.name for path in (workspace.path / "checkpoints").glob("*.txt")] == ["0000000001.txt"]


def test_an_edited_entry_is_not_read(workspace):
    workspace.log(actor="a", kind=Kind.VIEW, subject="run", body={"number": 1})
    with workspace.writing() as connection:
        connection.exec_driver_sql("UPDATE log_entries SET actor = 'b' WHERE seq = 2")
    with workspace.reading() as connection, pytest.raises(IntegrityError, match="Entry 2 "):
        entries(connection)


@pytest.mark.parametrize(
    "edit", ["DELETE FROM log_head", "UPDATE log_head SET size = 7", "UPDATE log_head SET frontier = 'x'"]
)
def test_nothing_is_appended_after_a_head_that_was_edited(workspace, edit):
    with workspace.engine.connect().execution_options(writer=True) as connection, connection.begin():
        connection.exec_driver_sql(edit)
    with pytest.raises(IntegrityError, match="head is gone or was edited"):
        workspace.log(actor="a", kind=Kind.VIEW, subject="run", body={})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=8,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(st.dictionaries(st.text(max_size=8), JSON, max_size=3), min_size=1, max_size=5))
def test_whatever_is_appended_comes_back_linked(workspace, bodies):
    with workspace.writing() as connection:
        size = runlog.head(connection).size
        appended = [append(connection, actor="a", kind=Kind.VIEW, subject="run", body=body) for body in bodies]
    with workspace.reading() as connection:
        found = entries(connection)
    assert found[size:] == appended
    assert [entry.content for entry in appended] == bodies
    assert [entry.seq for entry in found] == list(range(1, len(found) + 1))
    assert [entry.previous_hash for entry in found] == [FIRST_PREVIOUS, *(entry.entry_hash for entry in found[:-1])]
    assert verify(workspace).findings == ()
