"""Cases follow their children when a later run gives records to another person id, with a line in their history.

Where two ids turn out to be one child, the case goes on under the id that is left, and the child may then have two open
cases, which their workers see. Where an id turns out to be two children, the case stays with the id it was opened for,
and its worker is told the other: which of the two the case is about, a person has to see.
"""

from collections.abc import Sequence

import polars as pl
from sqlalchemy import Connection, select

from governance import tables
from governance.access import Actor
from governance.case_state import CaseStep
from governance.case_steps import last_row, next_row, write
from governance.cases import AT_ONCE, of_row, opened, person_keys, sealed, trusted_steps
from governance.records import Row
from governance.runlog import Kind
from governance.runs import held_artefacts, read_artefact
from governance.workspace import Workspace


def follow_ids(workspace: Workspace, events: pl.DataFrame, *, run_id: str, actor: str) -> int:
    """Let cases follow what a run changed of person ids.

    Parameters
    ----------
    workspace
        An open workspace.
    events
        The run's artefact, schema `vocabulary.frames.EVENTS`.
    run_id
        The run. A second call for the same run changes nothing.
    actor
        Who made the run.

    Returns
    -------
    int
        Number of lines that were added.

    Raises
    ------
    IntegrityError
        A row was edited, added or removed outside the system; nothing was written.
    """
    ordered = events.sort("records", descending=True, maintain_order=True).select("other_id", "kind", "person_id")
    changes: dict[str, list[tuple[str, str]]] = {}
    for other, kind, person_id in ordered.unique(maintain_order=True).rows():
        changes.setdefault(other, []).append((kind, person_id))
    keys = person_keys(workspace, changes)
    if not changes:
        return 0
    lines = 0
    with workspace.writing() as connection:
        held = _held(connection, list(keys.values()))
        for other, its in changes.items():
            for case_id in held.get(keys[other], ()):
                if of_row(workspace, last_row(connection, case_id)).person_id == other:
                    lines += sum(_follow(workspace, connection, case_id, other, to, run_id, actor) for to in its)
    return lines


def follow_run(workspace: Workspace, run_id: str | None, *, actor: str) -> int:
    """Let cases follow what a published run changed of person ids; nothing for no run. As `follow_ids`, else."""
    if run_id is None or "events" not in held_artefacts(workspace, run_id):
        return 0
    return follow_ids(workspace, read_artefact(workspace, run_id, "events"), run_id=run_id, actor=actor)


def _held(connection: Connection, keys: Sequence[str]) -> dict[str, list[str]]:
    """Ids of cases by the keyed hash of a person."""
    found: dict[str, list[str]] = {}
    column = tables.case_steps.c.person_key
    for begin in range(0, len(keys), AT_ONCE):
        query = select(column, tables.case_steps.c.case_id).where(column.in_(keys[begin : begin + AT_ONCE])).distinct()
        for key, case_id in connection.execute(query):
            found.setdefault(key, []).append(case_id)
    return found


def _follow(
    workspace: Workspace,
    connection: Connection,
    case_id: str,
    other: str,
    to: tuple[str, str],
    run_id: str,
    actor: str,
) -> bool:
    """Add the line of one event; the case takes the new id where most records of a child that is no more went to it."""
    kind, person_id = to
    written = {"kind": kind, "person_id": person_id, "other_id": other, "run": run_id}
    if _is_followed(workspace, connection, case_id, written):
        return False
    last = last_row(connection, case_id)
    case = of_row(workspace, last)
    row = next_row(last, CaseStep.RENUMBER, case.state, Actor(actor, None))
    if kind == "merged" and case.person_id == other:
        subject = opened(workspace, last, "subject") | {"person_id": person_id}
        row["subject"] = sealed(workspace, row, "subject", subject)
        row["person_key"] = person_keys(workspace, [person_id])[person_id]
    write(workspace, connection, row, written, Kind.CASE_CHANGED)
    return True


def _is_followed(workspace: Workspace, connection: Connection, case_id: str, written: dict[str, str]) -> bool:
    """Whether the case has this line already."""

    def is_it(row: Row) -> bool:
        return row["step"] == CaseStep.RENUMBER.value and opened(workspace, row, "content") == written

    return any(is_it(row) for row in trusted_steps(connection, case_id))
