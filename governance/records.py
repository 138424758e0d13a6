"""Rows that change state: changed together with a log entry that carries the digest of the row, and checked by it.

Approvals and accounts are rows of tables, so somebody with the database in hand could edit them. Every change made here
logs the SHA-256 of the whole row after it. A row that does not give the digest of its last entry was edited.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, insert, select, update

from governance.digest import sha256_json
from governance.runlog import Entry, Kind, append, entries
from governance.tables import ADDED_COLUMNS
from vocabulary.errors import IntegrityError

Row = dict[str, object]

ERASED = "erased"
"""The step of a disposal that removed a row."""


def row_digest(row: Mapping[str, object]) -> str:
    """SHA-256 of a row, all columns by name, each null or a text.

    A column that its table got later counts where it is not null, so that rows logged before keep their digest.
    """
    counted = {column: value for column, value in row.items() if value is not None or column not in ADDED_COLUMNS}
    return sha256_json({column: None if value is None else str(value) for column, value in counted.items()})


def find_row(connection: Connection, table: Table, key: str) -> Row | None:
    """The row of `table` whose primary key is `key`."""
    found = connection.execute(select(table).where(_key(table) == key)).one_or_none()
    return None if found is None else dict(found._mapping)


def change(
    connection: Connection, table: Table, row: Row, *, actor: str, kind: Kind, body: Mapping[str, object]
) -> Entry:
    """Insert or replace a whole row, and append the entry that tells of it, in the caller's transaction."""
    key = str(row[_key(table).name])
    if find_row(connection, table, key) is None:
        connection.execute(insert(table).values(row))
    else:
        connection.execute(update(table).where(_key(table) == key).values(row))
    return append(connection, actor=actor, kind=kind, subject=key, body={**body, "row_sha256": row_digest(row)})


def erase(connection: Connection, table: Table, key: str, *, actor: str) -> Entry:
    """Remove a row past its retention, and append the entry that says so, in the caller's transaction."""
    connection.execute(delete(table).where(_key(table) == key))
    body = {"step": ERASED, "table": table.name}
    return append(connection, actor=actor, kind=Kind.DISPOSAL, subject=key, body=body)


def erased(log: Iterable[Entry], table: Table) -> frozenset[str]:
    """Keys of rows of `table` that entries of disposal tell were removed."""
    told = {"step": ERASED, "table": table.name}
    return frozenset(
        entry.subject for entry in log if entry.kind == Kind.DISPOSAL and told.items() <= entry.content.items()
    )


def trusted_row(connection: Connection, table: Table, kinds: Iterable[Kind], key: str) -> Row | None:
    """The row of `key`, after it was compared with its last log entry.

    Raises
    ------
    IntegrityError
        The row was edited, added or removed outside the system.
    """
    row = find_row(connection, table, key)
    logged = [entry for entry in entries(connection, kinds=kinds, subject=key) if entry.content.get("row_sha256")]
    if row is None and (not logged or erased(entries(connection, kinds=[Kind.DISPOSAL], subject=key), table)):
        return None
    if row is None or not logged or logged[-1].content["row_sha256"] != row_digest(row):
        raise IntegrityError("runlog.row_edited", table=table.name, row=key)
    return row


def trusted_rows(connection: Connection, table: Table, kinds: Iterable[Kind]) -> list[Row]:
    """Every row of `table` in the order in which they were made, each compared with its last log entry.

    Raises
    ------
    IntegrityError
        A row was edited, added or removed outside the system.
    """
    logged = {entry.subject: entry.content.get("row_sha256") for entry in entries(connection, kinds=kinds)}
    held = {str(row[_key(table).name]): dict(row) for row in connection.execute(select(table)).mappings()}
    gone = erased(entries(connection, kinds=[Kind.DISPOSAL]), table) - held.keys()
    for key in (logged.keys() | held.keys()) - gone:
        if key not in held or logged.get(key) != row_digest(held[key]):
            raise IntegrityError("runlog.row_edited", table=table.name, row=key)
    return [held[key] for key in logged if key not in gone]


def _key(table: Table) -> Column[Any]:
    return table.primary_key.columns[0]
