"""Cases: one child that somebody looks at, from the opening to the closing; how they are kept and read.

A case is the list of its steps (`governance.case_state`). Each step is a row of its own that holds the case as it stood
after it, written once together with an entry of the log that carries the row's digest; the last row is the case. Person
ids lie sealed as pseudonymous rows do, and are found by a keyed hash; what people write lies sealed as identities do,
and is read by `governance.case_history` alone. What people do with a case is in `governance.case_work`.

All cases are read once by a process, and from then on only what the log tells of since: so listing them is quick.
"""

import hmac
import json
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select

from governance import runlog, tables
from governance.case_state import Assessment, CaseState, CaseStep
from governance.custody import DataClass
from governance.digest import canonical_json
from governance.records import Row, row_digest
from governance.runlog import Head, Kind, entries, head
from governance.workspace import Workspace
from vocabulary.errors import IntegrityError, WorkspaceError

KINDS = (Kind.CASE_OPENED, Kind.CASE_CHANGED, Kind.CASE_ERASED)
"""The entries that tell of a row of a case."""

AT_ONCE = 500
"""Values in one statement: databases take only so many."""


@dataclass(frozen=True)
class Case:
    """A case as it stands. What was written in it is not part of it."""

    id: str
    version: int
    state: CaseState
    person_id: str
    year: int
    kinds: tuple[str, ...]  # of the flags it was opened from
    rank: int | None  # on the list at that time
    run: str | None
    assigned_to: str | None
    assessment: Assessment | None
    outcome: str | None  # id of the outcome that the assessment was recorded as
    due: date | None
    last_step: CaseStep | None  # None: the opening
    last_actor: str
    changed_at: str
    opened_at: str

    @property
    def is_open(self) -> bool:
        """Whether it is not closed."""
        return self.state is not CaseState.CLOSED

    @property
    def is_new_to_its_worker(self) -> bool:
        """Whether somebody else put it into the hands of the one who has it, and nothing was done since."""
        handed = self.last_step in (CaseStep.ASSIGN, CaseStep.HAND_OVER)
        return self.is_open and handed and self.last_actor != self.assigned_to


@dataclass
class _Known:
    """What a process has read so far: cases by id, rows in which somebody disagreed, and where the log ended then."""

    at: Head = runlog.EMPTY
    cases: dict[str, Case] = field(default_factory=dict)
    disagreed: dict[str, Row] = field(default_factory=dict)


_known: WeakKeyDictionary[Engine, _Known] = WeakKeyDictionary()
_reading = threading.Lock()


def all_cases(workspace: Workspace) -> list[Case]:
    """Every case, in the order of opening. It asks nobody's permission: `governance.case_work` does.

    Raises
    ------
    IntegrityError
        A row was edited, added or removed outside the system.
    """
    with _reading:
        return list(_up_to_date(workspace).cases.values())


def assigned_to(workspace: Workspace, account: str) -> frozenset[str]:
    """Person ids of the children whose case is open and in the hands of an account. Errors as of `all_cases`."""
    return frozenset(one.person_id for one in all_cases(workspace) if one.is_open and one.assigned_to == account)


def in_hand(workspace: Workspace) -> frozenset[str]:
    """Person ids of the children whose case is open. Errors as of `all_cases`."""
    return frozenset(one.person_id for one in all_cases(workspace) if one.is_open)


def disagreed_rows(workspace: Workspace) -> list[Row]:
    """Every row in which somebody disagreed with a flag, its content sealed. Errors as of `all_cases`."""
    with _reading:
        return list(_up_to_date(workspace).disagreed.values())


def find(workspace: Workspace, case_id: str) -> Case:
    """One case as it stands.

    Raises
    ------
    WorkspaceError
        There is none of this id, or it was erased.
    IntegrityError
        A row was edited, added or removed outside the system.
    """
    with _reading:
        found = _up_to_date(workspace).cases.get(case_id)
    if found is None:
        raise WorkspaceError("case.absent", id=case_id)
    return found


def trusted_steps(connection: Connection, case_id: str) -> list[Row]:
    """The rows of a case in order, each compared with its last entry in the log; empty where there is no such case.

    Raises
    ------
    IntegrityError
        A row was edited, added or removed outside the system.
    """
    held = connection.execute(select(tables.case_steps).where(tables.case_steps.c.case_id == case_id)).mappings()
    rows = sorted((dict(row) for row in held), key=lambda row: int(str(row["version"])))
    for version, row in enumerate(rows, 1):
        if row["id"] != row_id(case_id, version):
            raise IntegrityError("runlog.row_edited", table=tables.case_steps.name, row=row["id"])
        logged = entries(connection, kinds=KINDS, subject=str(row["id"]))
        _compare(row, logged[-1].content["row_sha256"] if logged else None)
    following = row_id(case_id, len(rows) + 1)
    if entries(connection, kinds=KINDS, subject=following):
        raise IntegrityError("runlog.row_edited", table=tables.case_steps.name, row=following)
    return rows


def of_row(workspace: Workspace, row: Mapping[str, object]) -> Case:
    """The case as it stood after the step of a row."""
    subject = opened(workspace, row, "subject")

    def text_of(column: str) -> str | None:
        return None if row[column] is None else str(row[column])

    assessment, due, step = text_of("assessment"), text_of("due"), text_of("step")
    return Case(
        id=str(row["case_id"]),
        version=int(str(row["version"])),
        state=CaseState(str(row["state"])),
        person_id=subject["person_id"],
        year=subject["year"],
        kinds=tuple(subject["kinds"]),
        rank=subject["rank"],
        run=text_of("run"),
        assigned_to=text_of("assigned_to"),
        assessment=None if assessment is None else Assessment(assessment),
        outcome=text_of("outcome"),
        due=None if due is None else date.fromisoformat(due),
        last_step=None if step is None else CaseStep(step),
        last_actor=str(row["actor"]),
        changed_at=str(row["at"]),
        opened_at=str(row["opened_at"]),
    )


CLASS_OF = {"subject": DataClass.PSEUDONYMOUS, "content": DataClass.IDENTITIES}
"""The class of what a sealed column tells."""


def sealed(workspace: Workspace, row: Mapping[str, object], column: str, value: Mapping[str, object]) -> str:
    """A value as it lies in a sealed column of a row."""
    return workspace.custody.seal(_name(row, column), canonical_json(value), CLASS_OF[column])


def opened(workspace: Workspace, row: Mapping[str, object], column: str) -> dict[str, Any]:
    """The value in a sealed column. Errors as of `Custody.unseal`."""
    value: dict[str, Any] = json.loads(workspace.custody.unseal(_name(row, column), str(row[column]), CLASS_OF[column]))
    return value


def person_keys(workspace: Workspace, person_ids: Iterable[str]) -> dict[str, str]:
    """By person id, the keyed hash by which its cases are found (HMAC-SHA-256)."""
    secret = workspace.custody.secret("cases/1")
    return {person_id: hmac.digest(secret, person_id.encode(), "sha256").hex() for person_id in person_ids}


def row_id(case_id: str, version: int) -> str:
    """Key of the row of a step."""
    return f"{case_id}-{version}"


def unused_id(connection: Connection) -> str:
    """An id that no case has or had."""
    while True:
        case_id = secrets.token_hex(5)
        if not entries(connection, kinds=KINDS, subject=row_id(case_id, 1)):
            return case_id


def _name(row: Mapping[str, object], column: str) -> str:
    """What a sealed value is bound to: the subject to its case, since rows hand it on; the content to its row."""
    return f"case/{row['case_id' if column == 'subject' else 'id']}/{column}"


def _up_to_date(workspace: Workspace) -> _Known:
    """What is known of all cases, after the log's new entries were read; the caller holds `_reading`."""
    with workspace.reading() as connection:
        now = head(connection)
        known = _known.get(workspace.engine)
        if known is not None and known.at.entry_hash == now.entry_hash:
            return known
        if known is None or not _continues(connection, known.at):
            known = _Known()
        _read_on(workspace, connection, known)
        known.at = now
        _known[workspace.engine] = known
        return known


def _continues(connection: Connection, earlier: Head) -> bool:
    """Whether the log still has the entry at which it was read last: not where a backup was put back."""
    found = select(tables.log_entries.c.entry_hash).where(tables.log_entries.c.seq == earlier.size)
    return connection.execute(found).scalar_one_or_none() == earlier.entry_hash


def _read_on(workspace: Workspace, connection: Connection, known: _Known) -> None:
    """Read the rows that the log tells of since, each compared with its last entry; at the start, every row."""
    told = entries(connection, kinds=KINDS, since=known.at.size)
    digests = {entry.subject: entry.content["row_sha256"] for entry in told}
    last: dict[str, Row] = {}
    for row in _rows(connection, None if known.at == runlog.EMPTY else list(digests)):
        _compare(row, digests.pop(str(row["id"]), None))
        if row["step"] == CaseStep.DISAGREE.value:
            known.disagreed[str(row["id"])] = row
        case_id = str(row["case_id"])
        if case_id not in last or int(str(last[case_id]["version"])) < int(str(row["version"])):
            last[case_id] = row
    for missing in digests:
        raise IntegrityError("runlog.row_edited", table=tables.case_steps.name, row=missing)
    for case_id in dict.fromkeys(entry.subject.rpartition("-")[0] for entry in told):
        if last[case_id]["subject"] is None:
            known.cases.pop(case_id, None)
        else:
            known.cases[case_id] = of_row(workspace, last[case_id])


def _rows(connection: Connection, ids: Sequence[str] | None) -> Iterator[Row]:
    """The rows of these ids, or all."""
    query = select(tables.case_steps)
    if ids is None:
        yield from (dict(row) for row in connection.execute(query).mappings())
        return
    for begin in range(0, len(ids), AT_ONCE):
        part = ids[begin : begin + AT_ONCE]
        found = connection.execute(query.where(tables.case_steps.c.id.in_(part))).mappings()
        yield from (dict(row) for row in found)


def _compare(row: Row, digest: str | None) -> None:
    if digest != row_digest(row):
        raise IntegrityError("runlog.row_edited", table=tables.case_steps.name, row=row["id"])
