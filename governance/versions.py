"""Versions of approvals as rows: the first as registered, and one for each amendment, every one compared with the log.

A version's row is keyed by the approval's id; of a later version, by the id, a slash, which no id holds, and its
number. One version at most is in force, and one at most waits to be.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from governance import tables
from governance.approval import Approval, approval_of
from governance.approval_state import TRANSITIONS, WAITING, State, Step
from governance.digest import canonical_json, sha256
from governance.records import Row, change, trusted_row
from governance.runlog import Kind
from vocabulary.errors import ApprovalError

KINDS = (
    Kind.APPROVAL_ADDED,
    Kind.APPROVAL_CONFIRMED,
    Kind.APPROVAL_COUNTERSIGNED,
    Kind.APPROVAL_SUPERSEDED,
    Kind.APPROVAL_REVOKED,
)


@dataclass(frozen=True)
class Registered:
    """A version of an approval as the register holds it."""

    approval: Approval
    version: int  # 1 is the approval as it was first registered
    state: State
    requested_by: str
    confirmed_by: str | None
    countersigned: Mapping[str, str]  # source → account
    reason: str | None
    text: str
    sha256: str  # of the text

    @property
    def missing(self) -> tuple[str, ...]:
        """Sources whose owners have still to countersign; none once the version is in force, or has ended."""
        if self.state not in WAITING:
            return ()
        return tuple(source for source in self.approval.countersigners() if source not in self.countersigned)


def version_key(approval_id: str, version: int) -> str:
    """The key of a version's row."""
    return approval_id if version == 1 else f"{approval_id}/{version}"


def rows(connection: Connection, approval_id: str) -> list[Row]:
    """The rows of all versions, the first one first; none where the approval is not registered.

    Raises
    ------
    IntegrityError
        One was edited, added or removed outside the system.
    """
    if "/" in approval_id:  # no id holds one: the key of a version does not pass for an approval
        return []
    found: list[Row] = []
    while True:
        key = version_key(approval_id, len(found) + 1)
        row = trusted_row(connection, tables.approvals, KINDS, key)
        if row is None:
            return found
        found.append(row)


def current(versions: list[Row]) -> Row | None:
    """The version in force; where none is, the newest."""
    in_force = [row for row in versions if row["state"] == State.IN_FORCE.value]
    return next(iter(in_force or reversed(versions)), None)


def waiting(versions: list[Row]) -> Row | None:
    """The version that may yet come into force."""
    return next((row for row in versions if State(str(row["state"])) in WAITING), None)


def after(row: Row, step: Step) -> str:
    """The state of a row after a step.

    Raises
    ------
    ApprovalError
        The step is not allowed in its state.
    """
    state = TRANSITIONS[State(str(row["state"])), step]
    if state is None:
        raise ApprovalError(
            "approval.step_not_allowed", id=registered(row).approval.id, state=row["state"], step=step.value
        )
    return state.value


def complete(connection: Connection, versions: list[Row], row: Row, *, actor: str) -> Row:
    """The row in force once it is confirmed and countersigned, and the version before superseded by then."""
    if row["state"] != State.COUNTERSIGNING.value or registered(row).missing:
        return row
    supersede(connection, versions, str(row["id"]), actor=actor)
    return row | {"state": after(row, Step.COMPLETE)}


def supersede(connection: Connection, versions: list[Row], by: str, *, actor: str) -> None:
    """End the version in force, if any, in favour of the one of key `by`."""
    for old in versions:
        if old["state"] == State.IN_FORCE.value and old["id"] != by:
            ended = old | {"state": after(old, Step.SUPERSEDE)}
            body = {"state": ended["state"], "by": by}
            change(connection, tables.approvals, ended, actor=actor, kind=Kind.APPROVAL_SUPERSEDED, body=body)


def signed(row: Row, source: str, account: str) -> Row:
    """The row with one more countersignature."""
    return row | {"countersigned": canonical_json(dict(registered(row).countersigned) | {source: account}).decode()}


def registered(row: Row) -> Registered:
    """A row, read."""
    stored = str(row["text"])
    _, _, version = str(row["id"]).partition("/")
    return Registered(
        approval=approval_of(stored),
        version=int(version or 1),
        state=State(str(row["state"])),
        requested_by=str(row["requested_by"]),
        confirmed_by=None if row["confirmed_by"] is None else str(row["confirmed_by"]),
        countersigned={} if row["countersigned"] is None else json.loads(str(row["countersigned"])),
        reason=None if row["reason"] is None else str(row["reason"]),
        text=stored,
        sha256=sha256(stored.encode()),
    )
