"""Proof that what a workspace holds is what was written: the log, the registers, and every published run.

`verify` recomputes everything and gives one finding for each thing that is not as it was written. Whoever holds the
workspace with its keys can write all of it anew, checkpoints included; that is found only against a checkpoint which
lies outside, with the council.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Connection, Table, select

from governance import (
    access_tokens,
    accounts,
    alerts,
    cases,
    data_owners,
    grants,
    jobs,
    outcomes,
    register,
    releases,
    requests,
    reviews,
    score_models,
    second_factors,
    store,
    tables,
)
from governance.custody import KEYS_FOLDER, DataClass, RunKeys
from governance.digest import canonical_json, sha256_file
from governance.disposals import Disposal, disposals, disposed_classes
from governance.kept import kept_findings
from governance.manifest import MANIFEST_FILE, Manifest
from governance.note import VerifierKey
from governance.proof import Finding, finding, log_findings, read_log
from governance.records import erased, row_digest
from governance.runlog import Entry, Kind
from governance.workspace import Workspace
from vocabulary.errors import MimamoriError, WorkspaceError

REGISTERS: tuple[tuple[Table, tuple[Kind, ...]], ...] = (
    (tables.approvals, register.KINDS),
    (tables.data_owners, data_owners.KINDS),
    (tables.accounts, accounts.KINDS),
    (tables.grants, grants.KINDS),
    (tables.alerts, alerts.KINDS),
    (tables.second_factors, second_factors.KINDS),
    (tables.access_tokens, access_tokens.KINDS),
    (tables.reviews, reviews.KINDS),
    (tables.outcomes, outcomes.KINDS),
    (tables.case_steps, cases.KINDS),
    (tables.subject_requests, requests.KINDS),
    (tables.jobs, jobs.KINDS),
    (tables.releases, releases.KINDS),
    (tables.score_models, score_models.KINDS),
)
"""Tables whose rows are bound by their digests to the entries of these kinds."""


@dataclass(frozen=True)
class Verification:
    """What was checked, and what of it is not as it was written: nothing where `findings` is empty."""

    findings: tuple[Finding, ...]
    entries: int  # of the log
    runs: int  # whose folders were checked


def verify(
    workspace: Workspace,
    run_id: str | None = None,
    *,
    kept: Mapping[str, str] | None = None,
    witnesses: Sequence[VerifierKey] = (),
    begin: Callable[[str, int, int], None] = lambda part, done, of: None,
) -> Verification:
    """Check the log, the checkpoints and the registers, and every published run, or one.

    Parameters
    ----------
    workspace
        An open workspace. Nothing in it is changed.
    run_id
        The one run whose folder is checked; None for all.
    kept
        Checkpoints that were kept outside, by file, which the log must fit too.
    witnesses
        Public keys of those who must have cosigned these.
    begin
        Told of each part that is begun: `log`, `registers` or `runs`, and how many of how many of it are done.

    Raises
    ------
    WorkspaceError
        The log knows no such run.
    """
    findings: list[Finding] = []
    with store.writing(workspace.engine) as connection:  # so that no run is half published meanwhile
        held = sorted(path.name for path in (workspace.path / "runs").iterdir())
        findings += [finding("runlog.database_damaged", problem=found) for found in store.damages(connection)]
        begin("log", 0, 1)
        log = read_log(connection)
        findings += log_findings(workspace, connection, log)
        findings += kept_findings(log, kept or {}, witnesses)
        begin("registers", 0, 1)
        for table, kinds in REGISTERS:
            findings += _row_findings(connection, table, kinds, log.sound)
    published = _published(log.sound, run_id)
    disposed = disposals(log.sound)
    for done, entry in enumerate(published.values()):
        begin("runs", done, len(published))
        findings += _run_findings(workspace, entry, [one for one in disposed if one.subject == entry.subject])
    if run_id is None:
        findings += _unlogged_run_findings(held, log.sound)
    return Verification(tuple(dict.fromkeys(findings)), entries=len(log.entries), runs=len(published))


def _row_findings(connection: Connection, table: Table, kinds: Iterable[Kind], sound: list[Entry]) -> Iterator[Finding]:
    names = {kind.value for kind in kinds}
    logged = {entry.subject: entry.content.get("row_sha256") for entry in sound if entry.kind in names}
    key = table.primary_key.columns[0].name
    held = {str(row[key]): row_digest(dict(row)) for row in connection.execute(select(table)).mappings()}
    gone = erased(sound, table) - held.keys()
    for subject in sorted((logged.keys() | held.keys()) - gone):
        if logged.get(subject) != held.get(subject):
            yield finding("runlog.row_edited", table=table.name, row=subject)


def _published(sound: list[Entry], run_id: str | None) -> dict[str, Entry]:
    """Entries of the published runs that should be there, or of the one asked for."""
    published = {entry.subject: entry for entry in sound if entry.kind == Kind.RUN_PUBLISHED}
    if run_id is None:
        return published
    if run_id not in published:
        raise WorkspaceError("workspace.run_absent", run=run_id)
    return {run_id: published[run_id]}


def _unlogged_run_findings(held: Iterable[str], sound: list[Entry]) -> Iterator[Finding]:
    published = {entry.subject for entry in sound if entry.kind == Kind.RUN_PUBLISHED}
    for name in held:
        if name not in published:
            yield finding("runlog.run_without_entry", run=name)


def _run_findings(workspace: Workspace, entry: Entry, disposed: list[Disposal]) -> Iterator[Finding]:
    run_id = entry.subject
    folder = workspace.run_folder(run_id)
    if not folder.is_dir():
        yield finding("runlog.run_missing", run=run_id)
        return
    try:
        manifest = Manifest.model_validate_json(canonical_json(entry.content["manifest"]))
        expected = {output.file: output.sha256 for output in manifest.outputs}
        expected[MANIFEST_FILE] = entry.content["manifest_sha256"]
    except (KeyError, ValidationError):
        yield finding("runlog.entry_edited", seq=entry.seq)
        return
    yield from _disposal_findings(run_id, folder, disposed)
    gone = {name for one in disposed for name in one.files}
    yield from _file_findings(run_id, folder, {name: sha for name, sha in expected.items() if name not in gone}, gone)
    keys = RunKeys(workspace.custody, run_id, folder / KEYS_FOLDER)
    for data_class in {output.data_class: None for output in manifest.outputs}:
        if data_class in disposed_classes(disposed, run_id):
            continue
        try:
            keys.check(data_class)
        except MimamoriError as error:
            yield finding(error.key, **error.values)


def _disposal_findings(run_id: str, folder: Path, disposed: list[Disposal]) -> Iterator[Finding]:
    """Disposals that were not completed, and what stands there again after one was."""
    for one in disposed:
        if not one.completed:
            yield finding("retention.unfinished", run=run_id, seq=one.seq)
            continue
        for name in sorted(one.files):
            if (folder / name).exists():
                yield finding("retention.still_there", run=run_id, file=name)


def _file_findings(run_id: str, folder: Path, expected: dict[str, str], gone: set[str]) -> Iterator[Finding]:
    wrapped = {f"{KEYS_FOLDER}/{data_class}.json" for data_class in DataClass}  # checked by unwrapping them
    held = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    for name in sorted(expected.keys() - held):
        yield finding("runlog.file_missing", run=run_id, file=name)
    for name in sorted(held - expected.keys() - wrapped - gone):
        yield finding("runlog.file_added", run=run_id, file=name)
    for name in sorted(held & expected.keys()):
        if sha256_file(folder / name) != expected[name]:
            yield finding("runlog.file_replaced", run=run_id, file=name)
