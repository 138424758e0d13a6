"""The register of releases: statistics drafted, approved by a second person, published as files, withdrawn.

A release is a document of protected tables, without any true count, which lies sealed in its row; the log entry of
every step carries the digest of the row, in the same transaction. A draft is registered only if none was since the
releases it was held against were read: two people at once cannot ask for halves of what together would tell of a child.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from governance import register, tables
from governance.accounts import accounts_in_use, active_account
from governance.custody import DataClass
from governance.digest import canonical_json, sha256, sha256_file
from governance.flushing import write_through
from governance.outcomes import require_role
from governance.policy import Action, roles_with
from governance.records import Row, change, trusted_row, trusted_rows
from governance.release_state import MAY_DRAFT, TRANSITIONS, ReleaseState, ReleaseStep
from governance.runlog import Kind, entries
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError

MAY_CONFIRM = roles_with(Action.APPROVE_RELEASE)
"""Roles that may be the second person."""


KINDS = (Kind.RELEASE,)


@dataclass(frozen=True)
class Release:
    """A release as it stands. `document` holds its tables as they are or will be published."""

    id: str
    state: ReleaseState
    run: str
    approval: str | None
    drafted_by: str
    drafted_at: str
    approved_by: str | None
    published_at: str | None
    withdrawn_by: str | None
    reason: str | None
    document: dict[str, Any]

    @property
    def is_known(self) -> bool:
        """Whether a later release has to reckon with it: all but those withdrawn before they were published."""
        return self.state is not ReleaseState.WITHDRAWN or self.published_at is not None


def draft(
    workspace: Workspace,
    run_id: str,
    document: Mapping[str, Any],
    *,
    held_against: Sequence[Release],
    approval: str | None,
    today: date,
    actor: str,
) -> Release:
    """Register protected tables as a draft; in a workspace without accounts it is approved at once.

    Parameters
    ----------
    workspace
        An open workspace.
    run_id
        The run that was counted.
    document
        JSON values; no true count.
    held_against
        What `known` gave when the tables were protected.
    approval
        Id of an approval under which they are made, if one is named.
    today
        On which that approval has to be in force.
    actor
        Who asks, as authenticated by the caller.

    Raises
    ------
    WorkspaceError
        `actor` may not, the approval is not in force, or another release was registered in between.
    """
    with workspace.writing() as connection:
        require_role(connection, actor, MAY_DRAFT)
        _require_in_force(connection, approval, today)
        if [one.id for one in _known(workspace, connection)] != [one.id for one in held_against]:
            raise WorkspaceError("release.overtaken")
        row = _drafted(workspace, run_id, document, approval, actor)
        told = {"tables": [table["name"] for table in document["tables"]], "document_sha256": _digest(document)}
        _change(connection, row, actor, told)
        if not accounts_in_use(connection):
            _step(connection, row, ReleaseStep.APPROVE, actor, {"confirmed": "by nobody: there are no accounts"})
        return _release(workspace, row)


def _drafted(workspace: Workspace, run_id: str, document: Mapping[str, Any], approval: str | None, actor: str) -> Row:
    """The row of a new draft, its document sealed."""
    release_id = secrets.token_hex(4)
    return {
        "id": release_id,
        "state": ReleaseState.DRAFT.value,
        "run": run_id,
        "approval": approval,
        "drafted_by": actor,
        "drafted_at": _now(),
        "document": workspace.custody.seal(_name(release_id), canonical_json(document), DataClass.STATISTICS),
        **dict.fromkeys(("approved_by", "published_at", "withdrawn_by", "reason")),
    }


def approve(workspace: Workspace, release_id: str, *, actor: str) -> Release:
    """Approve a draft, as the second person.

    Raises
    ------
    WorkspaceError
        There is no such draft, `actor` asked for it, has no active account, or one of another role.
    """
    with workspace.writing() as connection:
        row = _row(connection, release_id)
        if actor == row["drafted_by"]:
            raise WorkspaceError("release.own_draft", id=release_id, actor=actor)
        if active_account(connection, actor) is None:
            raise WorkspaceError("release.not_an_account", id=release_id, actor=actor)
        require_role(connection, actor, MAY_CONFIRM)
        _step(connection, row | {"approved_by": actor}, ReleaseStep.APPROVE, actor, {})
        return show(workspace, release_id, connection)


def publish(workspace: Workspace, release_id: str, files: Mapping[str, bytes], out: Path, *, actor: str) -> Release:
    """Log the hashes of the files of an approved release, and let them stand in `out`.

    They are on the disk under other names before the entry is committed; if the process dies after it, `finish` lets
    them stand.

    Raises
    ------
    WorkspaceError
        There is no such release, it is not approved, its approval is no longer in force, or `actor` may not.
    """
    out.mkdir(parents=True, exist_ok=True)
    hashes = {name: sha256(content) for name, content in files.items()}
    try:
        for name, content in files.items():
            write_through(_part(out, name), content)
        with workspace.writing() as connection:
            require_role(connection, actor, MAY_DRAFT)
            row = _row(connection, release_id)
            _require_in_force(connection, None if row["approval"] is None else str(row["approval"]), date.today())
            told = {"files": hashes, "folder": str(out.resolve())}
            _step(connection, row | {"published_at": _now()}, ReleaseStep.PUBLISH, actor, told)
    except BaseException:
        for name in files:
            _part(out, name).unlink(missing_ok=True)
        raise
    finish(workspace)
    return show(workspace, release_id)


def finish(workspace: Workspace) -> list[Path]:
    """Let the files of published releases stand that a process which died left under other names; the files."""
    with workspace.reading() as connection:
        published = [entry.content for entry in entries(connection, kinds=KINDS) if "folder" in entry.content]
    made = []
    for told in published:
        for name, digest in told["files"].items():
            folder = Path(told["folder"])
            part = _part(folder, name)
            if part.is_file() and not (folder / name).exists() and sha256_file(part) == digest:
                part.replace(folder / name)
                made.append(folder / name)
    return made


def _part(folder: Path, name: str) -> Path:
    """What a file is called until the log tells of it."""
    return folder / f".{name}.part"


def withdraw(workspace: Workspace, release_id: str, *, reason: str, actor: str) -> Release:
    """Withdraw a release, for good. What was published stays known, and later releases are held against it.

    Raises
    ------
    WorkspaceError
        There is no such release, it is withdrawn already, the reason is blank, or `actor` may not.
    """
    if not reason.strip():
        raise WorkspaceError("release.reason_blank")
    with workspace.writing() as connection:
        require_role(connection, actor, roles_with(Action.WITHDRAW_RELEASE))
        row = _row(connection, release_id) | {"withdrawn_by": actor, "reason": reason.strip()}
        _step(connection, row, ReleaseStep.WITHDRAW, actor, {})
        return show(workspace, release_id, connection)


def show(workspace: Workspace, release_id: str, connection: Connection | None = None) -> Release:
    """The release of this id. WorkspaceError where there is none, IntegrityError where its row was edited."""
    if connection is not None:
        return _release(workspace, _row(connection, release_id))
    with workspace.reading() as reading:
        return _release(workspace, _row(reading, release_id))


def list_releases(workspace: Workspace) -> list[Release]:
    """Every release in the order in which they were drafted. IntegrityError where a row was edited."""
    with workspace.reading() as connection:
        return _all(workspace, connection)


def known(workspace: Workspace) -> list[Release]:
    """The releases that a new one has to be held against."""
    with workspace.reading() as connection:
        return _known(workspace, connection)


def compare(workspace: Workspace, folder: Path) -> dict[str, str]:
    """Of each file in `folder` or of the release it belongs to: same, altered, missing, or unknown to the log.

    Raises
    ------
    WorkspaceError
        The folder is not there, or none of its files has the name of a released one.
    """
    if not folder.is_dir():
        raise WorkspaceError("release.no_folder", folder=folder)
    finish(workspace)
    held = {path.name: sha256_file(path) for path in sorted(folder.iterdir()) if path.is_file()}
    with workspace.reading() as connection:
        published = [entry.content["files"] for entry in entries(connection, kinds=KINDS) if "files" in entry.content]
    named = [files for files in published if files.keys() & held.keys()]
    if not named:
        raise WorkspaceError("release.no_release", folder=folder)
    files = max(named, key=lambda one: sum(held.get(name) == digest for name, digest in one.items()))
    found = {name: "missing" if name not in held else _same(held[name] == files[name]) for name in files}
    return found | {name: "unknown" for name in held if name not in files}


def _same(same: bool) -> str:
    return "same" if same else "altered"


def _require_in_force(connection: Connection, approval: str | None, today: date) -> None:
    if approval is None:
        return
    found = register.find(connection, approval)
    if (
        found is None
        or found.state is not register.State.IN_FORCE
        or not found.approval.valid_from <= today <= found.approval.valid_until
    ):
        raise WorkspaceError("release.approval_not_in_force", approval=approval)


def _step(connection: Connection, row: Row, step: ReleaseStep, actor: str, told: Mapping[str, object]) -> None:
    after = TRANSITIONS[ReleaseState(str(row["state"])), step]
    if after is None:
        raise WorkspaceError("release.step_not_allowed", id=row["id"], state=row["state"], step=step.value)
    row["state"] = after.value
    _change(connection, row, actor, told)


def _change(connection: Connection, row: Row, actor: str, told: Mapping[str, object]) -> None:
    body = {"state": row["state"], "run": row["run"], "approval": row["approval"], **told}
    change(connection, tables.releases, row, actor=actor, kind=Kind.RELEASE, body=body)


def _row(connection: Connection, release_id: str) -> Row:
    row = trusted_row(connection, tables.releases, KINDS, release_id)
    if row is None:
        raise WorkspaceError("release.absent", id=release_id)
    return row


def _all(workspace: Workspace, connection: Connection) -> list[Release]:
    return [_release(workspace, row) for row in trusted_rows(connection, tables.releases, KINDS)]


def _known(workspace: Workspace, connection: Connection) -> list[Release]:
    return [one for one in _all(workspace, connection) if one.is_known]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _name(release_id: str) -> str:
    return f"release/{release_id}"


def _digest(document: Mapping[str, Any]) -> str:
    return sha256(canonical_json(document))


def _release(workspace: Workspace, row: Row) -> Release:
    opened = workspace.custody.unseal(_name(str(row["id"])), str(row["document"]), DataClass.STATISTICS)
    told = {column: None if value is None else str(value) for column, value in row.items()}
    return Release(
        **{name: told[name] for name in ("approval", "approved_by", "published_at", "withdrawn_by", "reason")},
        id=str(row["id"]),
        state=ReleaseState(str(row["state"])),
        run=str(row["run"]),
        drafted_by=str(row["drafted_by"]),
        drafted_at=str(row["drafted_at"]),
        document=json.loads(opened),
    )
