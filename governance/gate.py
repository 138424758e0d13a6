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
from governance.approval_state import State
from governance.denied import group_title, without_basis
from governance.population_lists import read_list
from governance.register import Registered
from governance.runlog import Kind, entries
from governance.workspace import Workspace
from vocabulary.errors import IntegrityError, RefusalError
from vocabulary.source import Source, load_sources

NOT_IN_FORCE = {
    State.REQUESTED: "refusal.requested",
    State.COUNTERSIGNING: "refusal.countersigning",
    State.SUPERSEDED: "refusal.superseded",
    State.REVOKED: "refusal.revoked",
}
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


def admit(
    workspace: Workspace,
    approval_id: str,
    *,
    today: date,
    delivered: Collection[str],
    actor: str,
    sources: Mapping[str, Source] | None = None,
) -> Grant:
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
    sources
        The specifications the delivery will be read by; those of the workspace where they are not given.

    Raises
    ------
    RefusalError
        The approval is not registered, not confirmed or countersigned, revoked, not yet or no longer valid, used up,
        covers none of the sources, or a column that would be read stands on the list of `governance.denied` and the
        approval states no basis for it. The refusal is in the run log.
    IntegrityError
        The registered approval, its log entry or its list of numbers was edited outside the system. This refusal too
        is in the run log.
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
    denied = _denied(approval, columns, load_sources(workspace.sources_folder) if sources is None else sources)
    if denied is not None:
        raise refuse(workspace, approval_id, denied, actor=actor)
    try:
        read_list(workspace, approval)  # before anything of the delivery is opened
    except IntegrityError as error:
        refuse(workspace, approval_id, Objection(error.key, error.values), actor=actor)
        raise
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


def _denied(approval: Approval, columns: Mapping[str, Columns], sources: Mapping[str, Source]) -> Objection | None:
    """The first column that would be read against the list; specifications may have changed since the approval."""
    for name, granted in columns.items():
        if name in sources:
            for one in without_basis(sources[name], granted, approval.legal_bases.get(name, {})):
                values = {"source": name, "column": one.column, "name": one.name, "group": group_title(one.group)}
                return Objection("refusal.denied", values)
    return None


def objection_to_publishing(connection: Connection, grant: Grant) -> Objection | None:
    """What speaks by now against publishing a run that was made under this grant; None where nothing does."""
    approval_id = grant.approval.id
    registered = register.find(connection, approval_id)
    found = objection(connection, approval_id, registered, grant.day)
    if found is None and registered is not None and registered.sha256 != grant.approval_sha256:
        return Objection("refusal.amended", {"version": registered.version})
    return found


def hold_rules(workspace: Workspace, grant: Grant, versions: Mapping[str, str], *, actor: str) -> None:
    """Refuse a run whose rules are of another version than the approval binds it to.

    Parameters
    ----------
    workspace, grant, actor
        As of the run.
    versions
        Of the rules the run would apply, by what they are rules of (`Approval.rules`).

    Raises
    ------
    RefusalError
        One is another than the approval states. The refusal is in the run log.
    """
    for rules, bound in grant.approval.rules.items():
        if versions.get(rules) != bound:
            values = {"rules": rules, "bound": bound, "found": versions.get(rules, "-")}
            raise refuse(workspace, grant.approval.id, Objection("refusal.rules", values), actor=actor)


def hold_export(
    workspace: Workspace, approval_id: str, *, purpose: str | None, recipient: str | None, actor: str
) -> None:
    """Refuse an export for another purpose, or to another recipient, than the approval names.

    Parameters
    ----------
    workspace
        An open workspace.
    approval_id
        Under which the run was made.
    purpose, recipient
        What the export is for and whom; None where that is not said.
    actor
        Who asks.

    Raises
    ------
    RefusalError
        The approval names another purpose or no such recipient. The refusal is in the run log.
    """
    with workspace.reading() as connection:
        registered = register.find(connection, approval_id)
    if registered is None:
        raise refuse(workspace, approval_id, Objection("refusal.unknown", {}), actor=actor)
    approval = registered.approval
    if purpose is not None and purpose.strip() != approval.purpose:
        found = Objection("refusal.purpose", {"purpose": approval.purpose})
        raise refuse(workspace, approval_id, found, actor=actor)
    if recipient is not None and recipient not in approval.recipients:
        found = Objection("refusal.recipient", {"recipients": ", ".join(approval.recipients)})
        raise refuse(workspace, approval_id, found, actor=actor)


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
