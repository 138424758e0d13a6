"""Scorecards: trained, put into use under an approval that names them, retired.

A scorecard is put into use only under an approval in force that lists its version, and makes lists only as long as that
approval is in force; where accounts were ever made, by two persons, as approvals are (`governance.register`). Putting
one into use retires the one before it. Once none is in use, lists are made without labels again. A scorecard is numbers
about many children; it lies sealed in its row, and the log entry carries the digest of the row.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection

from governance import register, tables
from governance.accounts import accounts_in_use, active_account
from governance.custody import DataClass
from governance.digest import canonical_json
from governance.outcome_state import MAY_LEARN
from governance.outcomes import require_role
from governance.policy import Action, roles_with
from governance.records import Row, change, trusted_row, trusted_rows
from governance.runlog import Kind
from governance.score_model_state import TRANSITIONS, ModelState, ModelStep
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError

MAY_CONFIRM = roles_with(Action.ADOPT_SCORE)
"""Roles that may be the second person."""


STEP_KIND = {
    ModelStep.PROPOSE: Kind.SCORECARD_PROPOSED,
    ModelStep.ADOPT: Kind.SCORECARD_ADOPTED,
    ModelStep.RETIRE: Kind.SCORECARD_RETIRED,
}
"""The entry that each step leaves in the log."""

KINDS = (Kind.SCORECARD_TRAINED, *STEP_KIND.values())


@dataclass(frozen=True)
class ScoreModel:
    """A trained scorecard as it stands. `document` is what was trained and its card, as JSON values."""

    version: str
    state: ModelState
    run: str
    trained_by: str
    trained_at: str
    document: dict[str, Any]
    approval: str | None
    proposed_by: str | None
    adopted_by: str | None
    retired_by: str | None
    reason: str | None


def add(workspace: Workspace, version: str, *, run_id: str, document: dict[str, Any], actor: str) -> ScoreModel:
    """Keep a trained scorecard. One of the same version is kept once: the same labels and run give the same version.

    Parameters
    ----------
    workspace
        An open workspace.
    version
        Digest of the scorecard's content.
    run_id
        It was trained on.
    document
        JSON values.
    actor
        Who trained it, as authenticated by the caller.

    Raises
    ------
    WorkspaceError
        `actor` may not train scorecards.
    """
    with workspace.writing() as connection:
        require_role(connection, actor, MAY_LEARN)
        row = trusted_row(connection, tables.score_models, KINDS, version)
        if row is None:
            sealed = workspace.custody.seal(_name(version), canonical_json(document), DataClass.STATISTICS)
            row = {
                "version": version,
                "state": ModelState.TRAINED.value,
                "run": run_id,
                "trained_by": actor,
                "trained_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "document": sealed,
                **dict.fromkeys(("approval", "proposed_by", "adopted_by", "retired_by", "reason")),
            }
            _change(connection, row, Kind.SCORECARD_TRAINED, actor)
    return _model(workspace, row)


def adopt(workspace: Workspace, version: str, approval_id: str, *, today: date, actor: str) -> ScoreModel:
    """Put a scorecard into use under an approval that names it; with accounts, propose it to a second person.

    Raises
    ------
    WorkspaceError
        There is no such scorecard, its state does not allow it, the approval is not in force or does not name it, or
        `actor` may not.
    IntegrityError
        A row was edited outside the system.
    """
    with workspace.writing() as connection:
        require_role(connection, actor, MAY_LEARN)
        row = _row(connection, version)
        _require_named(connection, version, approval_id, today)
        row |= {"approval": approval_id, "proposed_by": actor}
        if accounts_in_use(connection):
            return _model(workspace, _step(connection, row, ModelStep.PROPOSE, actor))
        return _model(workspace, _put_into_use(connection, row, actor))


def confirm(workspace: Workspace, version: str, *, today: date, actor: str) -> ScoreModel:
    """Put a proposed scorecard into use, as the second person.

    Raises
    ------
    WorkspaceError
        There is no such scorecard or it is not proposed, its approval is no longer in force, `actor` proposed or
        trained it, has no active account, or one of another role.
    """
    with workspace.writing() as connection:
        row = _row(connection, version)
        if row["state"] != ModelState.PROPOSED.value:
            raise WorkspaceError("score.not_proposed", version=version, state=row["state"])
        if actor in (row["proposed_by"], row["trained_by"]):
            raise WorkspaceError("score.own_proposal", version=version, actor=actor)
        if active_account(connection, actor) is None:
            raise WorkspaceError("score.not_an_account", version=version, actor=actor)
        require_role(connection, actor, MAY_CONFIRM)
        _require_named(connection, version, str(row["approval"]), today)
        return _model(workspace, _put_into_use(connection, row, actor))


def retire(workspace: Workspace, version: str, *, reason: str, actor: str) -> ScoreModel:
    """Take a scorecard out of use, for good.

    Raises
    ------
    WorkspaceError
        There is no such scorecard, it is retired already, the reason is blank, or `actor` may not.
    """
    if not reason.strip():
        raise WorkspaceError("score.reason_blank")
    with workspace.writing() as connection:
        require_role(connection, actor, roles_with(Action.RETIRE_SCORE))
        row = _row(connection, version) | {"retired_by": actor, "reason": reason.strip()}
        return _model(workspace, _step(connection, row, ModelStep.RETIRE, actor))


def show(workspace: Workspace, version: str) -> ScoreModel:
    """The scorecard of this version.

    Raises
    ------
    WorkspaceError
        There is none.
    IntegrityError
        Its row was edited outside the system.
    """
    with workspace.reading() as connection:
        return _model(workspace, _row(connection, version))


def list_models(workspace: Workspace) -> list[ScoreModel]:
    """Every scorecard in the order in which they were trained. IntegrityError where a row was edited."""
    with workspace.reading() as connection:
        return [_model(workspace, row) for row in trusted_rows(connection, tables.score_models, KINDS)]


def adopted(workspace: Workspace, today: date) -> ScoreModel | None:
    """The scorecard by which lists are made on this day; None where lists are made without labels.

    An adopted one whose approval was revoked or has run out is not in use.
    """
    with workspace.reading() as connection:
        rows = trusted_rows(connection, tables.score_models, KINDS)
        row = next((row for row in rows if row["state"] == ModelState.ADOPTED.value), None)
        if row is None or _objection(connection, str(row["version"]), str(row["approval"]), today) is not None:
            return None
    return _model(workspace, row)


def _require_named(connection: Connection, version: str, approval_id: str, today: date) -> None:
    objection = _objection(connection, version, approval_id, today)
    if objection is not None:
        raise WorkspaceError(objection, version=version, approval=approval_id)


def _objection(connection: Connection, version: str, approval_id: str, today: date) -> str | None:
    """Why an approval does not allow a scorecard's use on this day: the key of a text; None where it does."""
    registered = register.find(connection, approval_id)
    if registered is None:
        return "score.approval_absent"
    approval = registered.approval
    if registered.state is not register.State.IN_FORCE or not approval.valid_from <= today <= approval.valid_until:
        return "score.approval_not_in_force"
    return None if version in approval.scorecards else "score.approval_not_naming"


def _put_into_use(connection: Connection, row: Row, actor: str) -> Row:
    for other in trusted_rows(connection, tables.score_models, KINDS):
        if other["state"] == ModelState.ADOPTED.value:
            other |= {"retired_by": actor, "reason": f"replaced by {row['version']}"}
            _step(connection, other, ModelStep.RETIRE, actor)
    return _step(connection, row | {"adopted_by": actor}, ModelStep.ADOPT, actor)


def _step(connection: Connection, row: Row, step: ModelStep, actor: str) -> Row:
    after = TRANSITIONS[ModelState(str(row["state"])), step]
    if after is None:
        raise WorkspaceError("score.step_not_allowed", version=row["version"], state=row["state"], step=step.value)
    row["state"] = after.value
    _change(connection, row, STEP_KIND[step], actor)
    return row


def _change(connection: Connection, row: Row, kind: Kind, actor: str) -> None:
    body = {"state": row["state"], "run": row["run"], "approval": row["approval"]}
    change(connection, tables.score_models, row, actor=actor, kind=kind, body=body)


def _row(connection: Connection, version: str) -> Row:
    row = trusted_row(connection, tables.score_models, KINDS, version)
    if row is None:
        raise WorkspaceError("score.absent", version=version)
    return row


def _name(version: str) -> str:
    return f"score_model/{version}"


def _model(workspace: Workspace, row: Row) -> ScoreModel:
    opened = workspace.custody.unseal(_name(str(row["version"])), str(row["document"]), DataClass.STATISTICS)
    told = {column: None if value is None else str(value) for column, value in row.items()}
    return ScoreModel(
        **{column: told[column] for column in ("approval", "proposed_by", "adopted_by", "retired_by", "reason")},
        version=str(row["version"]),
        state=ModelState(str(row["state"])),
        run=str(row["run"]),
        trained_by=str(row["trained_by"]),
        trained_at=str(row["trained_at"]),
        document=json.loads(opened),
    )
