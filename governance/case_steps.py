"""One step of a case, taken whole or not at all: policy asked, versions compared, row and entry written together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from governance import tables
from governance.access import Actor, require
from governance.case_state import CaseState, CaseStep, next_state
from governance.cases import Case, of_row, opened, row_id, sealed, trusted_steps
from governance.policy import Action
from governance.records import Row, change
from governance.runlog import Kind
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError

Columns = Mapping[str, str | None]


@dataclass(frozen=True)
class Asked:
    """A step that somebody asks for. `columns` and `written` are what it changes and what is written at it."""

    case_id: str
    step: CaseStep
    seen: int
    actor: Actor
    columns: Columns = field(default_factory=dict)
    written: Mapping[str, object] = field(default_factory=dict)
    needs: tuple[Action, ...] = (Action.WORK_CASE,)


def take(workspace: Workspace, asked: Asked, prepare: Callable[[Connection, Case], Columns] = lambda *_: {}) -> Case:
    """Take a step: ask the policy, compare the versions, write the row and its entry. Taken already: the case."""
    with workspace.reading() as connection:
        last = last_row(connection, asked.case_id)
    if _is_repeated(workspace, asked, last):
        return of_row(workspace, last)
    before = of_row(workspace, last)
    for action in asked.needs:
        require(workspace, asked.actor, action, person_id=before.person_id)
    with workspace.writing() as connection:
        last = last_row(connection, asked.case_id)
        if _is_repeated(workspace, asked, last):
            return of_row(workspace, last)
        case = of_row(workspace, last)
        if not asked.seen == before.version == case.version:
            raise WorkspaceError("case.changed_meanwhile", id=case.id, seen=asked.seen, version=case.version)
        state = next_state(case.state, asked.step, case.assessment)
        if state is None:
            raise WorkspaceError("case.step_not_allowed", id=case.id, state=case.state.value, step=asked.step.value)
        columns = dict(prepare(connection, case))
        row = next_row(last, asked.step, state, asked.actor) | dict(asked.columns) | columns
        write(workspace, connection, row, asked.written, Kind.CASE_CHANGED)
    return of_row(workspace, row)


def last_row(connection: Connection, case_id: str) -> Row:
    """The row of the last step of a case. Errors as of `cases.find`."""
    rows = trusted_steps(connection, case_id)
    if not rows or rows[-1]["subject"] is None:
        raise WorkspaceError("case.absent", id=case_id)
    return rows[-1]


def _is_repeated(workspace: Workspace, asked: Asked, last: Row) -> bool:
    """Whether the last step is this one, sent before by the same person: a form can be sent twice."""
    same = (asked.step.value, asked.actor.name, asked.seen + 1) == (last["step"], last["actor"], last["version"])
    if not same or any(last[column] != value for column, value in asked.columns.items()):
        return False
    return (opened(workspace, last, "content") if last["content"] is not None else {}) == dict(asked.written)


def next_row(last: Row, step: CaseStep, state: CaseState, actor: Actor) -> Row:
    """The row of a step: the case as it stood, changed by nothing yet but the step itself."""
    version = int(str(last["version"])) + 1
    changed = {"id": row_id(str(last["case_id"]), version), "version": version, "step": step.value}
    return last | changed | {"state": state.value, "actor": actor.name, "at": now(), "content": None}


def write(workspace: Workspace, connection: Connection, row: Row, written: Mapping[str, object], kind: Kind) -> None:
    """Add the row of a step, with what was written at it, and its entry."""
    row["content"] = sealed(workspace, row, "content", written) if written else None
    body = {column: row[column] for column in ("step", "state", "assigned_to", "run")}
    change(connection, tables.case_steps, row, actor=str(row["actor"]), kind=kind, body=body)


def refuse_second(workspace: Workspace, connection: Connection, key: str, person_id: str) -> None:
    """Refuse where the child has an open case."""
    found = select(tables.case_steps.c.case_id).where(tables.case_steps.c.person_key == key).distinct()
    for case_id in connection.execute(found).scalars():
        case = of_row(workspace, last_row(connection, case_id))
        if case.is_open and case.person_id == person_id:
            raise WorkspaceError("case.open_already", id=case.id)


def now() -> str:
    """The time of a row."""
    return datetime.now(UTC).isoformat(timespec="seconds")
