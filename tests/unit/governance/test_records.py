"""A row and the entry that tells of it are one; a row that was not logged as it is, is not believed."""

import pytest
from sqlalchemy import update

from governance import tables
from governance.records import change, find_row, row_digest, trusted_row
from governance.runlog import Kind, entries
from vocabulary.errors import IntegrityError

KINDS = (Kind.ACCOUNT_ADDED, Kind.ACCOUNT_ROLE_SET)
ROW = {
    "name": "sato",
    "role": "analyst",
    "state": "invited",
    "password_hash": None,
    "token_hash": None,
    "token_expires": None,
    "schools": None,
    "wanted_role": None,
    "wanted_by": None,
}


def write(workspace, row, kind=Kind.ACCOUNT_ADDED):
    with workspace.writing() as connection:
        change(connection, tables.accounts, row, actor="a", kind=kind, body={"role": row["role"]})


def test_a_row_is_put_in_and_replaced_each_time_with_its_entry(workspace):
    write(workspace, ROW)
    write(workspace, ROW | {"role": "council"}, Kind.ACCOUNT_ROLE_SET)
    with workspace.reading() as connection:
        assert trusted_row(connection, tables.accounts, KINDS, "sato") == ROW | {"role": "council"}
        logged = entries(connection, kinds=KINDS, subject="sato")
    assert [entry.content["row_sha256"] for entry in logged] == [
        row_digest(ROW),
        row_digest(ROW | {"role": "council"}),
    ]


def test_what_is_not_there(workspace):
    with workspace.reading() as connection:
        assert find_row(connection, tables.accounts, "sato") is None
        assert trusted_row(connection, tables.accounts, KINDS, "sato") is None


def test_a_row_set_back_to_an_earlier_state_is_not_believed(workspace):
    write(workspace, ROW)
    write(workspace, ROW | {"role": "council"}, Kind.ACCOUNT_ROLE_SET)
    with workspace.writing() as connection:
        connection.execute(update(tables.accounts).values(role="analyst"))
    with workspace.reading() as connection, pytest.raises(IntegrityError, match="sato of table accounts"):
        trusted_row(connection, tables.accounts, KINDS, "sato")


def test_null_and_an_empty_text_are_two_rows():
    assert row_digest(ROW) != row_digest(ROW | {"password_hash": ""})
    assert row_digest(ROW) == row_digest(dict(reversed(ROW.items())))
