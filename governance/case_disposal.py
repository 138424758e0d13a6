"""Closed cases past their retention: whose they were and what was written in them is erased; that they were is not.

Of each row the sealed values and the keyed hash are taken out, together with an entry of the log; what is left tells
who did which step when, as the log does. A case is erased whole or not yet.
"""

from datetime import date, datetime

from sqlalchemy import Connection

from governance.access import Actor, require
from governance.case_state import CaseStep
from governance.cases import Case, all_cases, trusted_steps
from governance.holds import holds
from governance.policy import Action
from governance.records import change
from governance.retention import of_cases
from governance.runlog import Kind, entries
from governance.tables import case_steps
from governance.workspace import Workspace

AT_ONCE = 100
"""Cases of one transaction."""


def last_day(connection: Connection, case: Case) -> date:
    """The last day on which a closed case is kept: counted from its closing, not from a renumbering after it.

    Raises
    ------
    IntegrityError
        A row was edited outside the system.
    """
    at = case.changed_at
    if case.last_step is not CaseStep.CLOSE:
        rows = trusted_steps(connection, case.id)
        at = next(str(row["at"]) for row in reversed(rows) if row["step"] == CaseStep.CLOSE.value)
    closed = datetime.fromisoformat(at).astimezone().date()
    return of_cases().last_day(closed, purpose_ends=closed)


def due(workspace: Workspace, day: date) -> list[Case]:
    """Closed cases whose last day is before `day`, but those whose run, or its approval, is under hold.

    Raises
    ------
    IntegrityError
        A row or an entry was edited outside the system.
    """
    closed = [one for one in all_cases(workspace) if not one.is_open]
    with workspace.reading() as connection:
        held = _held_runs(connection)
        return [one for one in closed if one.run not in held and last_day(connection, one) < day]


def erase(workspace: Workspace, *, before: date, actor: Actor) -> int:
    """Erase what is due, and give the number of cases.

    On SQLite it is gone from the disk once `store.compact` has succeeded.

    Parameters
    ----------
    workspace
        An open workspace.
    before
        Today or an earlier day.
    actor
        Who does it.

    Raises
    ------
    RefusalError
        `actor` may not dispose of data.
    IntegrityError
        A row was edited outside the system; of that transaction nothing is erased.
    """
    require(workspace, actor, Action.DISPOSE)
    found = due(workspace, before)
    for begin in range(0, len(found), AT_ONCE):
        with workspace.writing() as connection:
            held = _held_runs(connection)  # a hold may have been placed since
            for case in found[begin : begin + AT_ONCE]:
                if case.run not in held:
                    _erase(connection, case, actor)
    return len(found)


def _held_runs(connection: Connection) -> frozenset[str]:
    """Runs under hold, by themselves or by their approval."""
    targets = holds(connection).keys()
    published = entries(connection, kinds=[Kind.RUN_PUBLISHED])
    return frozenset(one.subject for one in published if {one.subject, one.content["manifest"]["approval"]} & targets)


def _erase(connection: Connection, case: Case, actor: Actor) -> None:
    rows = trusted_steps(connection, case.id)
    if len(rows) != case.version:
        return  # reopened since it was found due
    for row in rows:
        row |= {"subject": None, "content": None, "person_key": None}
        change(connection, case_steps, row, actor=actor.name, kind=Kind.CASE_ERASED, body={"run": row["run"]})
