"""The tables of an earlier program become those of today with all they hold; those of a later one are refused."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, select, text

from governance import accounts, register, store, tables
from governance.account_state import Role
from governance.migrations import upgrade
from governance.records import row_digest
from governance.verify import verify
from governance.workspace import Workspace
from tests.unit.governance.conftest import by_hand
from vocabulary.errors import WorkspaceError


def differences(engine):
    """What the tables of `store` have that those of the database have not, and the other way round."""
    with store.reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, tables.metadata)


def to_first_tables(workspace):
    """The database as the first program would have left it: its tables and columns, and no word of steps."""
    with workspace.reading() as connection:
        held = {
            table.name: list(connection.execute(select(table)).mappings()) for table in tables.metadata.sorted_tables
        }
    by_hand(workspace, *(f"DROP TABLE {name}" for name in inspect(workspace.engine).get_table_names()))
    plain = create_engine(workspace.engine.url)
    with plain.begin() as connection:
        upgrade(connection, "0001")
        connection.execute(text("DROP TABLE alembic_version"))
        for name in inspect(connection).get_table_names():
            columns = [column["name"] for column in inspect(connection).get_columns(name)]
            values = ", ".join(f":{column}" for column in columns)
            for row in held[name]:
                filled = {column: row[column] for column in columns}
                connection.execute(text(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({values})"), filled)
    plain.dispose()


def test_the_steps_lead_to_the_tables_the_program_uses(workspace):
    assert differences(workspace.engine) == []


def test_a_workspace_of_the_first_program_keeps_all_it_holds(approved):
    accounts.add(approved, "sato", Role.ADMINISTRATOR, actor="os:operator")
    to_first_tables(approved)
    assert differences(approved.engine) != []
    opened = Workspace.open(approved.path)
    assert differences(opened.engine) == []
    assert verify(opened).findings == ()
    assert [found.approval.id for found in register.list_approvals(opened)] == ["2026-03"]


def test_a_column_added_later_counts_in_the_digest_of_a_row_only_where_it_holds_something():
    assert row_digest({"id": "a", "countersigned": None}) == row_digest({"id": "a"})
    assert row_digest({"id": "a", "countersigned": "{}"}) != row_digest({"id": "a"})
    assert row_digest({"id": "a", "reason": None}) != row_digest({"id": "a"})


def test_a_step_that_fails_leaves_the_tables_as_they_were(approved):
    to_first_tables(approved)
    by_hand(
        approved, "CREATE TABLE data_owners (source INTEGER)"
    )  # in the way of the second step, after it altered one
    before = inspect(approved.engine).get_columns("approvals")
    with pytest.raises(Exception, match="data_owners"):
        Workspace.open(approved.path)
    assert str(inspect(approved.engine).get_columns("approvals")) == str(before)
    assert "alembic_version" not in inspect(approved.engine).get_table_names()
    by_hand(approved, "DROP TABLE data_owners")
    assert verify(Workspace.open(approved.path)).findings == ()


def test_tables_of_a_later_program_are_refused_in_one_line(workspace):
    by_hand(workspace, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WorkspaceError, match=r"later form \(9999\)") as error:
        Workspace.open(workspace.path)
    assert "\n" not in str(error.value)
    with pytest.raises(WorkspaceError, match=r"later form \(9999\)"), workspace.writing():
        raise AssertionError
