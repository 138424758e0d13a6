"""Published runs: which there are, their manifests, and their artefacts, each compared with what the log says of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from governance import artefacts
from governance.custody import KEYS_FOLDER, RunKeys
from governance.digest import canonical_json, sha256
from governance.disposals import disposed_classes, read_disposals
from governance.manifest import MANIFEST_FILE, Manifest, Output
from governance.runlog import Entry, Kind, entries, last_entry
from governance.workspace import Workspace
from vocabulary.errors import IntegrityError, WorkspaceError


@dataclass(frozen=True)
class PublishedRun:
    """A published run, as its log entry tells of it."""

    run_id: str
    seq: int
    at: str
    actor: str
    manifest: Manifest
    manifest_sha256: str


def list_runs(workspace: Workspace) -> list[PublishedRun]:
    """Published runs in the order of their publication."""
    with workspace.reading() as connection:
        return [_published(entry) for entry in entries(connection, kinds=[Kind.RUN_PUBLISHED])]


def last_published(workspace: Workspace) -> PublishedRun | None:
    """The run published last, without reading the entries of the others; None where there is none."""
    with workspace.reading() as connection:
        entry = last_entry(connection, kind=Kind.RUN_PUBLISHED)
    return None if entry is None else _published(entry)


def latest_run(workspace: Workspace) -> str | None:
    """Id of the run published last; None where there is none."""
    published = last_published(workspace)
    return None if published is None else published.run_id


def load_manifest(workspace: Workspace, run_id: str) -> Manifest:
    """The manifest in a run's folder, after it was compared with the log.

    Raises
    ------
    WorkspaceError
        There is no such run.
    IntegrityError
        The manifest is gone, or is not the one that was logged.
    """
    with workspace.reading() as connection:
        found = entries(connection, kinds=[Kind.RUN_PUBLISHED], subject=run_id)
    if not found:
        raise WorkspaceError("workspace.run_absent", run=run_id)
    try:
        stored = (workspace.run_folder(run_id) / MANIFEST_FILE).read_bytes()
    except FileNotFoundError:
        stored = b""
    if sha256(stored) != found[0].content["manifest_sha256"]:
        raise IntegrityError("runlog.manifest_replaced", run=run_id)
    return Manifest.model_validate_json(stored)


def read_artefact(workspace: Workspace, run_id: str, name: str, columns: Iterable[str] | None = None) -> pl.DataFrame:
    """A table of a published run, whole or some columns of it.

    Raises
    ------
    WorkspaceError
        There is no such run or artefact, or its key was destroyed.
    IntegrityError
        The artefact or the manifest is not what was written.
    """
    return pl.concat(read_artefact_parts(workspace, run_id, name, columns))


def read_artefact_parts(
    workspace: Workspace, run_id: str, name: str, columns: Iterable[str] | None = None
) -> Iterator[pl.DataFrame]:
    """As `read_artefact`, a row group at a time."""
    output, keys = _artefact(workspace, run_id, name)
    return artefacts.read_parts(keys, workspace.run_folder(run_id), output, columns)


def read_document(workspace: Workspace, run_id: str, name: str) -> object:
    """A JSON value of a published run. Errors as of `read_artefact`."""
    output, keys = _artefact(workspace, run_id, name)
    return artefacts.read_document(keys, workspace.run_folder(run_id), output)


def held_artefacts(workspace: Workspace, run_id: str) -> frozenset[str]:
    """Names of a published run's artefacts that were not disposed of. Errors as of `load_manifest`."""
    outputs = load_manifest(workspace, run_id).outputs
    with workspace.reading() as connection:
        gone = disposed_classes(read_disposals(connection, run_id), run_id)
    return frozenset(output.name for output in outputs if output.data_class not in gone)


def _artefact(workspace: Workspace, run_id: str, name: str) -> tuple[Output, RunKeys]:
    output = load_manifest(workspace, run_id).output(name)
    if output is None:
        raise WorkspaceError("workspace.artefact_absent", run=run_id, name=name)
    return output, RunKeys(workspace.custody, run_id, workspace.run_folder(run_id) / KEYS_FOLDER)


def _published(entry: Entry) -> PublishedRun:
    content = entry.content
    return PublishedRun(
        run_id=entry.subject,
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        manifest=Manifest.model_validate_json(canonical_json(content["manifest"])),
        manifest_sha256=content["manifest_sha256"],
    )
