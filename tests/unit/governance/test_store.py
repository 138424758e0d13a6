"""The tables on both databases, and who waits for whom."""

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from governance import store, tables
from governance.runlog import Kind
from governance.verify import verify
from governance.workspace import Workspace
from tests.unit.governance.conftest import by_hand, sqlite_only
from vocabulary.errors import WorkspaceError


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_can_be_made_on_postgresql(table):
    statement = str(CreateTable(table).compile(dialect=postgresql.dialect()))
    assert f"CREATE TABLE {table.name}" in statement


@sqlite_only
def test_sqlite_is_in_wal_mode_and_flushes_at_every_commit(workspace):
    with workspace.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_second_writer_waits_and_a_reader_does_not(workspace):
    order = []

    def second():
        with workspace.writing():
            order.append("second")

    with workspace.writing() as connection:
        thread = threading.Thread(target=second)
        thread.start()
        with workspace.reading() as reader:
            assert reader.execute(select(tables.log_head.c.size)).scalar() == 1
        thread.join(timeout=0.3)
        order.append("first")
        assert connection.in_transaction()
    thread.join()
    assert order == ["first", "second"]


@pytest.mark.parametrize("url", ["not a url", "nosuchdatabase://host/name"])
def test_a_url_that_cannot_be_used_is_said_in_one_line(url):
    with pytest.raises(WorkspaceError) as error:
        store.open_engine(url)
    assert "\n" not in str(error.value)


def test_a_folder_name_may_hold_any_character(tmp_path):
    path = tmp_path / "見守り ?mode=ro#%20"
    Workspace.create(path)
    assert (path / "mimamori.db").is_file()
    Workspace.open(path)


@sqlite_only
def test_the_file_is_its_owners_alone_and_becomes_so_again(workspace):
    def modes():
        return {path.stat().st_mode & 0o777 for path in workspace.path.glob("mimamori.db*")}

    assert modes() == {0o600}
    for path in workspace.path.glob("mimamori.db*"):
        path.chmod(0o644)  # as a copy that was put back
    Workspace.open(workspace.path)
    assert modes() == {0o600}


@sqlite_only
def test_an_index_that_leaves_out_rows_is_found(workspace):
    edit = "UPDATE sqlite_schema SET sql = replace(sql, '(kind)', '(actor)') WHERE name = 'ix_log_entries_kind'"
    by_hand(workspace, "PRAGMA writable_schema = ON", edit)
    workspace.engine.dispose()  # who connects anew reads what was edited
    (found, *_) = verify(Workspace.open(workspace.path)).findings
    assert "file is damaged" in str(found)
    assert "ix_log_entries_kind" in str(found)


@sqlite_only
def test_a_database_that_is_none_is_said_in_one_line(workspace):
    workspace.engine.dispose()
    (workspace.path / "mimamori.db").write_bytes(b"not a database at all, but some other file" * 40)
    with pytest.raises(WorkspaceError, match="database cannot be used"), workspace.writing():
        raise AssertionError


@pytest.mark.postgresql
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("subject", "said"), [("x" * 129, "it may have 128 characters"), ("a\0b", "does not take")])
def test_a_value_that_postgresql_does_not_take_is_said_in_one_line_without_it(workspace, subject, said):
    with pytest.raises(WorkspaceError, match=said) as raised:
        workspace.log(actor="os:operator", kind=Kind.VIEW, subject=subject, body={})
    assert subject not in str(raised.value)
    assert verify(workspace).findings == ()
