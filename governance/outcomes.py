"""Outcomes: what workers found of the children they looked at, kept, bound to the log, replaced, taken back.

An outcome is of one child and one fiscal year. A later one of the same child and year, found by a keyed hash of both,
replaces it; the earlier one stays as history. The child and the year are sealed as pseudonymous rows are, the free text
of a reason as identities are, and the log entry, which carries the digest of the row, commits to both without telling
them. A state never changes without its entry in the log, in the same transaction.
"""

import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import Connection, select

from governance import tables
from governance.account_state import Role
from governance.accounts import active_account, require_account
from governance.custody import DataClass
from governance.digest import canonical_json
from governance.outcome_state import MAY_RECORD, TRANSITIONS, Outcome, OutcomeState, OutcomeStep
from governance.records import Row, change, trusted_row, trusted_rows
from governance.runlog import Kind, append
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError
from vocabulary.frames import OUTCOMES

STEP_KIND = {OutcomeStep.REPLACE: Kind.OUTCOME_REPLACED, OutcomeStep.WITHDRAW: Kind.OUTCOME_WITHDRAWN}
"""The entry that each step leaves in the log."""

KINDS = (Kind.OUTCOME_RECORDED, *STEP_KIND.values())


@dataclass(frozen=True)
class Finding:
    """What is to be recorded of a child in a fiscal year. `run` is the one whose list led to it, if one did."""

    person_id: str
    year: int
    outcome: Outcome
    recorded_on: date
    run: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Recorded:
    """An outcome as it stands. Its reasons are of the class of identities, sealed, and not part of it."""

    id: str
    state: OutcomeState
    person_id: str
    year: int
    outcome: Outcome
    recorded_on: date
    run: str | None
    recorded_by: str
    ended_by: str | None


def record(workspace: Workspace, findings: Sequence[Finding], *, actor: str) -> list[Recorded]:
    """Record outcomes, all or none; each replaces the one that stands of its child and year.

    Parameters
    ----------
    workspace
        An open workspace.
    findings
        In the order in which they were made.
    actor
        Who records them, as authenticated by the caller.

    Raises
    ------
    WorkspaceError
        `actor` may not record outcomes.
    IntegrityError
        The outcome that stands of a child and year was edited outside the system. Where its state was edited, its key
        exchanged, or its row removed, it is not found here, so that nothing is replaced: `list_outcomes` finds it.
    """
    with workspace.writing() as connection:
        require_role(connection, actor, MAY_RECORD)
        return record_in(workspace, connection, findings, actor=actor)


def record_in(
    workspace: Workspace, connection: Connection, findings: Sequence[Finding], *, actor: str
) -> list[Recorded]:
    """Record outcomes within the caller's writing transaction, and its permission; else as `record`."""
    secret = workspace.custody.secret("outcomes/1")
    without_key = {
        _subject_key(secret, one.person_id, one.year): one.id for one in _standing_without_key(workspace, connection)
    }
    made = []
    for finding in findings:
        key = _subject_key(secret, finding.person_id, finding.year)
        standing = _standing_id(connection, key) or without_key.pop(key, None)
        if standing is not None:
            _end(workspace, connection, standing, OutcomeStep.REPLACE, None, actor)
        row = _new_row(workspace, connection, finding, actor) | {"subject_key": key}
        _change(connection, row, Kind.OUTCOME_RECORDED, actor)
        made.append(_recorded(workspace, row))
    return made


def _subject_key(secret: bytes, person_id: str, year: int) -> str:
    """Keyed hash of a child and year (HMAC-SHA-256)."""
    return hmac.digest(secret, _subject(person_id, year), "sha256").hex()


def _subject(person_id: str, year: int) -> bytes:
    return canonical_json({"person_id": person_id, "year": year})


def _standing_id(connection: Connection, subject_key: str) -> str | None:
    """The outcome that stands of a child and year; none where its state or key was edited outside the system."""
    held = tables.outcomes.c
    sought = select(held.id).where(held.subject_key == subject_key, held.state == OutcomeState.STANDS.value)
    return connection.execute(sought).scalar()


def _standing_without_key(workspace: Workspace, connection: Connection) -> list[Recorded]:
    """What was recorded by programs that gave rows no key, and stands still."""
    held = tables.outcomes.c
    sought = select(tables.outcomes).where(held.subject_key.is_(None), held.state == OutcomeState.STANDS.value)
    return [_recorded(workspace, dict(row)) for row in connection.execute(sought).mappings()]


def withdraw_in(workspace: Workspace, connection: Connection, outcome_id: str, *, reason: str, actor: str) -> None:
    """Take back an outcome if it stands still, within the caller's writing transaction, and its permission."""
    row = trusted_row(connection, tables.outcomes, KINDS, outcome_id)
    if row is not None and row["state"] == OutcomeState.STANDS.value:
        _end(workspace, connection, outcome_id, OutcomeStep.WITHDRAW, reason, actor)


def withdraw(workspace: Workspace, outcome_id: str, *, reason: str, actor: str) -> Recorded:
    """Take back an outcome that was recorded by mistake; nothing stands of its child and year then.

    Raises
    ------
    WorkspaceError
        There is no such outcome, it does not stand, the reason is blank, or `actor` may not record outcomes.
    """
    if not reason.strip():
        raise WorkspaceError("outcome.reason_blank")
    with workspace.writing() as connection:
        require_role(connection, actor, MAY_RECORD)
        row = _end(workspace, connection, outcome_id, OutcomeStep.WITHDRAW, reason.strip(), actor)
    return _recorded(workspace, row)


def person_of(workspace: Workspace, outcome_id: str) -> str:
    """Id of the child of an outcome. WorkspaceError where there is none, IntegrityError where its row was edited."""
    with workspace.reading() as connection:
        row = trusted_row(connection, tables.outcomes, KINDS, outcome_id)
    if row is None:
        raise WorkspaceError("outcome.absent", id=outcome_id)
    return _recorded(workspace, row).person_id


def list_outcomes(workspace: Workspace, *, actor: str) -> list[Recorded]:
    """Every outcome with its history, in the order of recording; that `actor` looked at them is logged first.

    Raises
    ------
    WorkspaceError
        `actor` may not record outcomes, or the log cannot be written.
    IntegrityError
        A row was edited, added or removed outside the system.
    """
    with workspace.writing() as connection:
        require_role(connection, actor, MAY_RECORD)
        found = _all(workspace, connection)
        append(
            connection, actor=actor, kind=Kind.VIEW, subject="outcomes", body={"page": "outcomes", "rows": len(found)}
        )
    return found


def standing(workspace: Workspace) -> pl.DataFrame:
    """What holds now: vocabulary.frames.OUTCOMES with `run`, as recorded. Errors as of `list_outcomes`."""
    with workspace.reading() as connection:
        rows = [one for one in _all(workspace, connection) if _stands(one)]
    told = [(one.person_id, one.year, one.outcome.value, one.recorded_on, one.run) for one in rows]
    return pl.DataFrame(told, schema={**OUTCOMES, "run": pl.String()}, orient="row")


def require_role(connection: Connection, actor: str, roles: Sequence[Role]) -> None:
    """Refuse an actor whose account has another role; without active accounts, the user of the operating system may.

    Raises
    ------
    WorkspaceError
        There is an active account and `actor` is none, or has a role not among `roles`.
    """
    require_account(connection, actor)
    account = active_account(connection, actor)
    if account is not None and account.role not in roles:
        raise WorkspaceError("outcome.role", actor=actor, roles=", ".join(roles))


def _new_row(workspace: Workspace, connection: Connection, finding: Finding, actor: str) -> Row:
    row: Row = {
        "id": _unused_id(connection),
        "state": OutcomeState.STANDS.value,
        "outcome": finding.outcome.value,
        "run": finding.run,
        "recorded_by": actor,
        "recorded_on": finding.recorded_on.isoformat(),
        "ended_by": None,
        "ended_reason": None,
    }
    content = _subject(finding.person_id, finding.year)
    row["content"] = workspace.custody.seal(_name(row, "content"), content, DataClass.PSEUDONYMOUS)
    row["reason"] = _sealed_reason(workspace, row, "reason", finding.reason)
    return row


def _end(
    workspace: Workspace, connection: Connection, outcome_id: str, step: OutcomeStep, reason: str | None, actor: str
) -> Row:
    row = trusted_row(connection, tables.outcomes, KINDS, outcome_id)
    if row is None:
        raise WorkspaceError("outcome.absent", id=outcome_id)
    after = TRANSITIONS[OutcomeState(str(row["state"])), step]
    if after is None:
        raise WorkspaceError("outcome.step_not_allowed", id=outcome_id, state=row["state"], step=step.value)
    row |= {"state": after.value, "ended_by": actor}
    row["ended_reason"] = _sealed_reason(workspace, row, "ended_reason", reason)
    _change(connection, row, STEP_KIND[step], actor)
    return row


def _unused_id(connection: Connection) -> str:
    while True:
        outcome_id = secrets.token_hex(4)
        if trusted_row(connection, tables.outcomes, KINDS, outcome_id) is None:
            return outcome_id


def _change(connection: Connection, row: Row, kind: Kind, actor: str) -> None:
    body = {"state": row["state"], "outcome": row["outcome"], "run": row["run"]}
    change(connection, tables.outcomes, row, actor=actor, kind=kind, body=body)


def _stands(recorded: Recorded) -> bool:
    return recorded.state is OutcomeState.STANDS


def _all(workspace: Workspace, connection: Connection) -> list[Recorded]:
    return [_recorded(workspace, row) for row in trusted_rows(connection, tables.outcomes, KINDS)]


def _name(row: Row, column: str) -> str:
    return f"outcome/{row['id']}/{column}"


def _sealed_reason(workspace: Workspace, row: Row, column: str, reason: str | None) -> str | None:
    return None if reason is None else workspace.custody.seal(_name(row, column), canonical_json(reason))


def _recorded(workspace: Workspace, row: Row) -> Recorded:
    sealed = workspace.custody.unseal(_name(row, "content"), str(row["content"]), DataClass.PSEUDONYMOUS)
    content = json.loads(sealed)
    return Recorded(
        id=str(row["id"]),
        state=OutcomeState(str(row["state"])),
        person_id=content["person_id"],
        year=content["year"],
        outcome=Outcome(str(row["outcome"])),
        recorded_on=date.fromisoformat(str(row["recorded_on"])),
        run=None if row["run"] is None else str(row["run"]),
        recorded_by=str(row["recorded_by"]),
        ended_by=None if row["ended_by"] is None else str(row["ended_by"]),
    )
