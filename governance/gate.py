"""The gate before every reading: no approval in force for this day and these sources, no reading.

`admit` gives the columns that may be read, or refuses and logs the refusal. `objection` is asked once more when the run
is published, within that transaction, so that a revocation in between and the number of allowed runs are heeded
however many runs are under way.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from governance import register
from governance.approval import Approval, Columns
from governance.register import Registered, State
from governance.runlog import Kind, entries
from governance.workspace import Workspace
from vocabulary.errors import IntegrityError, RefusalError

NOT_IN_FORCE = {State.REQUESTED: "refusal.requested", State.REVOKED: "refusal.revoked"}
"""Why an approval in this state covers nothing."""


@dataclass(frozen=True)
class Grant:
    """What a run may read under an approval."""

    approval: Approval
    approval_sha256: str  # of its registered text
    day: date  # of admission
    columns: Mapping[str, Columns]  # beyond the identity columns, of each delivered source that is approved
    left_out: tuple[str, ...]  # delivered sources that are not approved, and so not read


@dataclass(frozen=True)
class Objection:
    """Why an approval does not cover what is asked: the key of a text, and its values."""

    key: str
    values: Mapping[str, object]


def admit(workspace: Workspace, approval_id: str, *, today: date, delivered: Collection[str], actor: str) -> Grant:
    """Ask for leave to read a delivery.

    Parameters
    ----------
    workspace
        An open workspace.
    approval_id
        Approval under which the run is made.
    today
        The day of the processing (not the reference date of the data).
    delivered
        Names of the sources in the delivery.
    actor
        Who asks.

    Raises
    ------
    RefusalError
        The approval is not registered, not confirmed, revoked, not yet or no longer valid, used up, or covers
        none of the sources. The refusal is in the run log.
    IntegrityError
        The registered approval or its log entry was edited outside the system. This refusal too is in the run log.
    """
    try:
        with workspace.reading() as connection:
            registered = register.find(connection, approval_id)
            found = objection(connection, approval_id, registered, today)
    except IntegrityError as error:
        refuse(workspace, approval_id, Objection(error.key, error.values), actor=actor)
        raise
    if registered is None or found is not None:
        raise refuse(workspace, approval_id, found or Objection("refusal.unknown", {}), actor=actor)
    approval = registered.approval
    columns = {source: granted for source, granted in approval.columns().items() if source in delivered}
    if not columns:
        values = {"approved": ", ".join(approval.sources), "delivered": ", ".join(sorted(delivered)) or "-"}
        raise refuse(workspace, approval_id, Objection("refusal.sources", values), actor=actor)
    left_out = tuple(sorted(set(delivered) - set(columns)))
    return Grant(approval, registered.sha256, today, columns, left_out)


def objection(connection: Connection, approval_id: str, registered: Registered | None, day: date) -> Objection | None:
    """What speaks against a run under this approval on `day`; None where nothing does."""
    if registered is None:
        return Objection("refusal.unknown", {})
    if registered.state is not State.IN_FORCE:
        return Objection(NOT_IN_FORCE[registered.state], {"reason": registered.reason or "-"})
    approval = registered.approval
    begin = max(approval.valid_from, approval.decided_on)
    if day < begin:
        return Objection("refusal.not_yet_valid", {"day": day, "valid_from": begin})
    if day > approval.valid_until:
        return Objection("refusal.expired", {"day": day, "valid_until": approval.valid_until})
    if approval.max_runs is not None and published_runs(connection, approval_id) >= approval.max_runs:
        return Objection("refusal.used_up", {"max_runs": approval.max_runs})
    return None


def refuse(workspace: Workspace, approval_id: str, found: Objection, *, actor: str) -> RefusalError:
    """Log a refusal in a transaction of its own; the error to be raised."""
    body = {"rule": found.key, "values": {name: str(value) for name, value in found.values.items()}}
    workspace.log(actor=actor, kind=Kind.REFUSAL, subject=approval_id[:128], body=body)
    return RefusalError(found.key, approval=approval_id, **found.values)


def published_runs(connection: Connection, approval_id: str) -> int:
    """How many runs were published under an approval, by the log.

    The entry of a run's start names its approval in few words; so no other approval's manifest is read.
    """
    started = entries(connection, kinds=[Kind.RUN_STARTED])
    runs = [entry.subject for entry in started if entry.content["approval"] == approval_id]
    return sum(bool(entries(connection, kinds=[Kind.RUN_PUBLISHED], subject=run)) for run in runs)
