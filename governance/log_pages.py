"""The run log a page at a time, newest first, without reading the rest of it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from governance.runlog import Entry, Kind
from governance.tables import log_entries
from vocabulary.errors import IntegrityError


@dataclass(frozen=True)
class LogPage:
    """Some entries, newest first, and how many there are in all."""

    total: int
    entries: list[Entry]


def log_page(
    connection: Connection,
    *,
    kinds: Collection[Kind] = (),
    since: str | None = None,
    until: str | None = None,
    rows: int,
    offset: int = 0,
) -> LogPage:
    """One page of the entries of these kinds (all where none is named) and times.

    Parameters
    ----------
    connection
        Reading.
    kinds
        What the entries report.
    since, until
        First time that is in, first time that is out (ISO 8601, UTC, as entries have them); None for no bound.
    rows, offset
        How many entries, and how many newer ones are passed over.

    Raises
    ------
    IntegrityError
        One of the page does not give its own hash. (That none is missing is for `governance.verify`.)
    """
    asked = _asked(kinds, since, until)
    total = connection.execute(select(func.count()).select_from(log_entries).where(*asked)).scalar_one()
    query = select(log_entries).where(*asked).order_by(log_entries.c.seq.desc()).limit(rows).offset(offset)
    found = [
        Entry(int(row["seq"]), **{column: str(value) for column, value in row.items() if column != "seq"})
        for row in connection.execute(query).mappings()
    ]
    for entry in found:
        if not entry.is_sound():
            raise IntegrityError("runlog.entry_edited", seq=entry.seq)
    return LogPage(int(total), found)


def counts_by_kind(connection: Connection) -> dict[str, int]:
    """How many entries of each kind there are."""
    query = select(log_entries.c.kind, func.count()).group_by(log_entries.c.kind).order_by(log_entries.c.kind)
    return {str(kind): int(count) for kind, count in connection.execute(query)}


def _asked(kinds: Collection[Kind], since: str | None, until: str | None) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if kinds:
        asked.append(log_entries.c.kind.in_([kind.value for kind in kinds]))
    if since is not None:
        asked.append(log_entries.c.at >= since)
    if until is not None:
        asked.append(log_entries.c.at < until)
    return asked
