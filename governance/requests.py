"""Requests of the persons concerned: a correction, or an objection to the use; kept, bound to the log, given to runs.

A request names records by the sources' own numbers, so that it holds in every later run whatever a child's id. What it
says lies sealed under the key of identities; the log entry, which carries the digest of the row, commits to it. Where
accounts are in use, who received a request does not decide it: nobody takes a child off the lists alone.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection

from governance import access, tables, views
from governance.accounts import accounts_in_use, active_account, require_account
from governance.actions import Action
from governance.digest import canonical_json
from governance.records import Row, change, trusted_row, trusted_rows
from governance.request_state import (
    DECIDED_WITHIN_DAYS,
    MAY_HANDLE,
    TRANSITIONS,
    RequestKind,
    RequestState,
    RequestStep,
)
from governance.runlog import Kind
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError
from vocabulary.frames import KEY

KINDS = (Kind.SUBJECT_REQUEST,)

CORRECTIONS = pl.Schema(KEY | {"column": pl.String(), "was": pl.String(), "value": pl.String()})
"""Values to be put right: in place of `was`, as text; null where nothing is recorded."""

OBJECTED = pl.Schema({"source": pl.String(), "local_id": pl.String()})
"""Numbers whose records are not to be used."""


@dataclass(frozen=True)
class Correction:
    """A value of a record that should be another. Values as text; None where nothing is recorded."""

    source: str
    local_id: str
    as_of: date
    column: str
    was: str | None
    value: str | None


@dataclass(frozen=True)
class Objection:
    """Numbers of a child, by source, whose records are not to be used."""

    numbers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """A request as it stands. `asked` and `reasons` are of the class of identities."""

    id: str
    state: RequestState
    kind: RequestKind
    asked: Correction | Objection
    reasons: tuple[str, ...]  # of the request, then of each step
    received_on: date
    due: date  # by which it has to be decided
    received_by: str
    decided_by: str | None


@dataclass(frozen=True)
class Honoured:
    """What runs heed: CORRECTIONS and OBJECTED of the accepted requests."""

    corrections: pl.DataFrame
    objected: pl.DataFrame


def receive(
    workspace: Workspace, asked: Correction | Objection, *, reason: str, received_on: date, actor: str
) -> Request:
    """Record a request.

    Raises
    ------
    RefusalError
        A source it is about is not within the scope of `actor`; the refusal is logged.
    WorkspaceError
        The reason is blank, `actor` may not handle requests, or another correction of the same value stands.
    """
    _require_sources(workspace, actor, Action.HANDLE_REQUEST, asked)
    with workspace.writing() as connection:
        require_handler(connection, actor)
        _hold_reason(reason)
        standing = [one.asked for one in _all(workspace, connection) if one.state in _STANDING]
        if isinstance(asked, Correction) and any(_same_value(asked, other) for other in standing):
            raise WorkspaceError("subject.corrected_already", source=asked.source, column=asked.column)
        row: Row = {
            "id": _unused_id(connection),
            "state": RequestState.RECEIVED.value,
            "kind": (RequestKind.CORRECTION if isinstance(asked, Correction) else RequestKind.OBJECTION).value,
            "received_on": received_on.isoformat(),
            "received_by": actor,
            "decided_by": None,
        }
        _seal(workspace, row, asked, (reason.strip(),))
        _change(connection, row, actor)
    return _request(workspace, row)


def step(workspace: Workspace, request_id: str, taken: RequestStep, *, reason: str, actor: str) -> Request:
    """Accept, refuse or withdraw a request; runs published from now on heed it.

    Raises
    ------
    RefusalError
        A source it is about is not within the scope of `actor`; the refusal is logged.
    WorkspaceError
        There is no such request, the step is not allowed, the reason is blank, `actor` may not handle requests, or
        received this one where accounts are in use.
    """
    action = Action.HANDLE_REQUEST if taken is RequestStep.WITHDRAW else Action.DECIDE_REQUEST
    for one in list_requests(workspace):
        if one.id == request_id:
            _require_sources(workspace, actor, action, one.asked)
    with workspace.writing() as connection:
        require_handler(connection, actor)
        _hold_reason(reason)
        row = trusted_row(connection, tables.subject_requests, KINDS, request_id)
        if row is None:
            raise WorkspaceError("subject.absent", id=request_id)
        after = TRANSITIONS[RequestState(str(row["state"])), taken]
        if after is None:
            raise WorkspaceError("subject.step_not_allowed", id=request_id, state=row["state"], step=taken.value)
        decides = taken is not RequestStep.WITHDRAW
        if decides and accounts_in_use(connection) and actor == row["received_by"]:
            raise WorkspaceError("subject.own_decision", id=request_id, actor=actor)
        before = _request(workspace, row)
        row["state"] = after.value
        row["decided_by"] = actor if decides else row["decided_by"]
        _seal(workspace, row, before.asked, (*before.reasons, reason.strip()))
        _change(connection, row, actor)
    return _request(workspace, row)


def list_requests(workspace: Workspace) -> list[Request]:
    """Every request, in the order in which they were received.

    Raises
    ------
    IntegrityError
        A row was edited, added or removed outside the system.
    """
    with workspace.reading() as connection:
        return _all(workspace, connection)


def honoured(workspace: Workspace) -> Honoured:
    """What a run has to heed now. Errors as of `list_requests`."""
    return heeding([one.asked for one in list_requests(workspace) if one.state is RequestState.ACCEPTED])


def heeding(accepted: Sequence[Correction | Objection]) -> Honoured:
    """What a run would heed of these."""
    corrections = [tuple(vars(asked).values()) for asked in accepted if isinstance(asked, Correction)]
    numbers = [number for asked in accepted if isinstance(asked, Objection) for number in asked.numbers]
    return Honoured(
        pl.DataFrame(corrections, schema=CORRECTIONS, orient="row"),
        pl.DataFrame(numbers, schema=OBJECTED, orient="row").unique(),
    )


def log_showing(workspace: Workspace, *, run_id: str, person_id: str, reason: str, actor: str) -> None:
    """Log that `actor` is about to be shown what is held of a child; show it only after this has returned.

    Raises
    ------
    RefusalError
        `actor` may not see what is held of a child; the refusal is logged.
    WorkspaceError
        The reason is blank, or the log cannot be written.
    """
    shown_to = access.actor(workspace, actor)
    access.require(workspace, shown_to, Action.HANDLE_REQUEST, person_id=person_id)
    _hold_reason(reason)
    sealed = workspace.custody.seal(f"view/{run_id}/{person_id}", reason.strip().encode())
    views.log_view(workspace, shown_to, "subject", run_id=run_id, person_id=person_id, body={"reason": sealed})


def require_handler(connection: Connection, actor: str) -> None:
    """Refuse an actor who may not handle requests; without active accounts, the user of the operating system may.

    Raises
    ------
    WorkspaceError
        There is an active account and `actor` is none, or has another role.
    """
    require_account(connection, actor)
    account = active_account(connection, actor)
    if account is not None and account.role not in MAY_HANDLE:
        raise WorkspaceError("subject.role", actor=actor, roles=", ".join(MAY_HANDLE))


def _require_sources(workspace: Workspace, actor: str, action: Action, asked: Correction | Objection) -> None:
    """Refuse an actor who may not do this to every source that is asked about; the refusal is logged."""
    sources = {asked.source} if isinstance(asked, Correction) else {source for source, _ in asked.numbers}
    for source in sorted(sources):
        access.require(workspace, access.actor(workspace, actor), action, source=source)


_STANDING = (RequestState.RECEIVED, RequestState.ACCEPTED)


def _same_value(one: Correction, other: Correction | Objection) -> bool:
    keys = ("source", "local_id", "as_of", "column")
    return isinstance(other, Correction) and all(getattr(one, key) == getattr(other, key) for key in keys)


def _hold_reason(reason: str) -> None:
    if not reason.strip():
        raise WorkspaceError("subject.reason_blank")


def _unused_id(connection: Connection) -> str:
    while True:
        request_id = secrets.token_hex(4)
        if trusted_row(connection, tables.subject_requests, KINDS, request_id) is None:
            return request_id


def _change(connection: Connection, row: Row, actor: str) -> None:
    body = {"request": row["kind"], "state": row["state"]}
    change(connection, tables.subject_requests, row, actor=actor, kind=Kind.SUBJECT_REQUEST, body=body)


def _all(workspace: Workspace, connection: Connection) -> list[Request]:
    return [_request(workspace, row) for row in trusted_rows(connection, tables.subject_requests, KINDS)]


def _seal(workspace: Workspace, row: Row, asked: Correction | Objection, reasons: Sequence[str]) -> None:
    stated = vars(asked) | ({"as_of": asked.as_of.isoformat()} if isinstance(asked, Correction) else {})
    content = canonical_json({"asked": stated, "reasons": list(reasons)})
    row["content"] = workspace.custody.seal(f"request/{row['id']}", content)


def _request(workspace: Workspace, row: Row) -> Request:
    content = json.loads(workspace.custody.unseal(f"request/{row['id']}", str(row["content"])))
    kind, received_on = RequestKind(str(row["kind"])), date.fromisoformat(str(row["received_on"]))
    return Request(
        id=str(row["id"]),
        state=RequestState(str(row["state"])),
        kind=kind,
        asked=_asked(kind, content["asked"]),
        reasons=tuple(content["reasons"]),
        received_on=received_on,
        due=received_on + timedelta(days=DECIDED_WITHIN_DAYS),
        received_by=str(row["received_by"]),
        decided_by=None if row["decided_by"] is None else str(row["decided_by"]),
    )


def _asked(kind: RequestKind, stated: dict[str, Any]) -> Correction | Objection:
    if kind is RequestKind.CORRECTION:
        return Correction(**(stated | {"as_of": date.fromisoformat(stated["as_of"])}))
    return Objection(tuple((source, local_id) for source, local_id in stated["numbers"]))
