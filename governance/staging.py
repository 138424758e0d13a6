"""A run being made: staged out of sight, then published whole, by one rename with its log entry, or not at all.

Publishing, under the writer lock and in one transaction: the files are flushed to the disk, the entry is appended, the
folder is renamed from `staging/` into `runs/`, and the transaction is committed. A run is there when its entry is
there. Killed before the commit, the database has no entry, and the folder, wherever it stands, is a leftover that
`governance.recovery` removes and logs as failed; after it, the run is whole.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import polars as pl

from governance import artefacts, gate
from governance.approval import Columns
from governance.custody import KEYS_FOLDER, DataClass, RunKeys
from governance.digest import sha256_file
from governance.flushing import flush, flush_all
from governance.gate import Grant
from governance.lock import ProcessLock
from governance.manifest import MANIFEST_FILE, Input, Manifest, Output
from governance.provenance import code_version, environment, library_versions
from governance.recovery import recover, remove_folders, run_lock
from governance.runlog import Kind, append, entries, last_entry
from governance.workspace import Workspace
from vocabulary.errors import MimamoriError, WorkspaceError


@dataclass
class StagedRun:
    """A run being made. Use it in a `with` block: left without `publish`, it is removed and logged as failed."""

    workspace: Workspace
    run_id: str
    grant: Grant
    actor: str
    started: datetime
    folder: Path
    keys: RunKeys
    parent: str | None  # the run published last when this one began: its person ids are kept
    lock: ProcessLock  # held while the run is made
    outputs: list[Output] = field(default_factory=list)
    published: bool = False

    def write_frame(self, name: str, frame: pl.DataFrame | pl.LazyFrame, data_class: DataClass) -> Output:
        """Keep a table as an artefact of the run (see `artefacts.write_frame`)."""
        self.outputs.append(artefacts.write_frame(self.keys, self.folder, name, frame, data_class))
        return self.outputs[-1]

    def write_document(self, name: str, value: object, data_class: DataClass) -> Output:
        """Keep a JSON value as an artefact of the run."""
        self.outputs.append(artefacts.write_document(self.keys, self.folder, name, value, data_class))
        return self.outputs[-1]

    def publish(
        self,
        *,
        inputs: Iterable[Input],
        parameters: Mapping[str, Any],
        counts: Mapping[str, Mapping[str, int]],
        seeds: Mapping[str, int],
        as_of: date | None = None,
    ) -> Manifest:
        """Write the manifest and publish the run.

        Parameters
        ----------
        inputs
            The delivered files, with their digests and row counts.
        parameters
            Every setting the results depend on; JSON values.
        counts
            What went into and came out of each stage, by stage.
        seeds
            Of every random generator, by its use.
        as_of
            Reference date the run was asked for.

        Raises
        ------
        RefusalError
            Meanwhile the approval was revoked or amended, or other runs used up what it allows.
        WorkspaceError
            Meanwhile another run was published, whose person ids this one does not know.
        """
        manifest = Manifest(
            run=self.run_id,
            approval=self.grant.approval.id,
            approval_sha256=self.grant.approval_sha256,
            actor=self.actor,
            started=self.started,
            finished=datetime.now(UTC),
            as_of=as_of,
            columns={source: _listed(columns) for source, columns in self.grant.columns.items()},
            left_out=self.grant.left_out,
            inputs=tuple(inputs),
            parameters=parameters,
            seeds=seeds,
            counts=counts,
            code=code_version(),
            libraries=library_versions(),
            environment=environment(),
            parent=self.parent,
            outputs=tuple(self.outputs),
        )
        (self.folder / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
        flush_all(self.folder)
        self._publish(manifest)
        return manifest

    def _publish(self, manifest: Manifest) -> None:
        body = {
            "manifest_sha256": sha256_file(self.folder / MANIFEST_FILE),
            "manifest": manifest.model_dump(mode="json"),
        }
        approval_id = self.grant.approval.id
        with self.workspace.writing() as connection:
            found = gate.objection_to_publishing(connection, self.grant)
            latest = last_entry(connection, kind=Kind.RUN_PUBLISHED)
            if found is None and latest is not None and latest.subject != self.parent:
                raise WorkspaceError("workspace.run_overtaken", run=latest.subject)
            if found is None:
                append(connection, actor=self.actor, kind=Kind.RUN_PUBLISHED, subject=self.run_id, body=body)
                self.folder.rename(self.workspace.run_folder(self.run_id))
                flush(self.workspace.path / "runs")
        if found is not None:
            raise gate.refuse(self.workspace, approval_id, found, actor=self.actor)
        self.published = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not self.published:
                self._fail(error.key if isinstance(error, MimamoriError) else kind.__name__ if kind else "left")
        finally:
            self.lock.release()

    def _fail(self, reason: str) -> None:
        with self.workspace.writing() as connection:
            if entries(connection, kinds=[Kind.RUN_PUBLISHED], subject=self.run_id):
                return  # interrupted after the commit
            remove_folders(self.workspace, self.run_id)
            body = {"approval": self.grant.approval.id, "reason": reason}
            append(connection, actor=self.actor, kind=Kind.RUN_FAILED, subject=self.run_id, body=body)


def stage(workspace: Workspace, grant: Grant, *, actor: str) -> StagedRun:
    """Begin a run under a grant: a folder out of sight, its keys, and the entry that it was begun.

    Leftovers of killed runs are removed first.
    """
    recover(workspace)
    started = datetime.now(UTC)
    run_id = f"{started:%Y%m%dT%H%M%S}{started.microsecond // 1000:03d}Z-{secrets.token_hex(3)}"
    folder = workspace.path / "staging" / run_id
    body = {
        "approval": grant.approval.id,
        "columns": {source: _listed(columns) for source, columns in grant.columns.items()},
        "left_out": grant.left_out,
    }
    with workspace.writing() as connection:
        lock = run_lock(workspace, run_id)
        lock.take()
        folder.mkdir(mode=0o700)
        keys = workspace.custody.new_run_keys(run_id, folder / KEYS_FOLDER)
        append(connection, actor=actor, kind=Kind.RUN_STARTED, subject=run_id, body=body)
        latest = last_entry(connection, kind=Kind.RUN_PUBLISHED)
    return StagedRun(workspace, run_id, grant, actor, started, folder, keys, latest.subject if latest else None, lock)


def _listed(columns: Columns) -> tuple[str, ...] | Literal["*"]:
    return "*" if columns == "*" else tuple(sorted(columns))
