"""A past run made again, and every output compared with what its manifest says; nothing is published.

The same delivered files, approval, rules, decisions of reviewers, seeds, earlier run and code give the same bytes. What
is compared is the digest of each artefact's content, which for a table is that of its exported CSV, and beside it the
bytes of its exported Parquet file.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import polars as pl

from governance import register
from governance.approval_state import State
from governance.artefacts import ROW_GROUP
from governance.digest import sha256
from governance.disposals import read_disposals
from governance.exports import write_table
from governance.gate import Grant, Objection, refuse
from governance.manifest import Manifest
from governance.provenance import code_version, environment, library_versions
from governance.runlog import Kind, entries
from governance.runs import load_manifest, read_artefact_parts
from governance.workspace import Workspace
from mimamori.conditions import approval_of, conditions_of
from mimamori.console import Progressing
from mimamori.delivered_again import delivered_again
from mimamori.pipeline import Parameters, compute
from mimamori.results import EXPORTED, STAGES, Kept, Results, artefacts, counts, inputs
from vocabulary.errors import WorkspaceError
from vocabulary.texts import text

ENVIRONMENT = ("python", "implementation", "machine")
"""What of the environment may reach the results; the number of processors does not."""


@dataclass(frozen=True)
class Changed:
    """Something that is not as it was when the run was made: a part of the code, a library, the interpreter."""

    what: str
    then: str | None
    now: str | None


@dataclass(frozen=True)
class Difference:
    """An output that came out otherwise."""

    stage: str
    output: str
    then: str | None  # SHA-256 of the content, or a count; None where the run had no such output
    now: str | None


@dataclass(frozen=True)
class Replayed:
    """What a replay found. `differences` are in the order of the stages: the first is where to look."""

    run: str
    changed: tuple[Changed, ...]
    compared: tuple[str, ...]  # artefacts and exported files
    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether every output came out as it was."""
        return not self.differences

    @property
    def first_stage(self) -> str | None:
        """The first stage of which something came out otherwise."""
        return self.differences[0].stage if self.differences else None


def changed_since(manifest: Manifest) -> tuple[Changed, ...]:
    """What of code, libraries and interpreter is another than the run was made with."""
    code = code_version()
    pairs: list[tuple[str, str | None, str | None]] = [
        ("code", manifest.code.source_sha256, code.source_sha256),
        *_beside(manifest.libraries, library_versions()),
        *_beside(*({name: kept[name] for name in ENVIRONMENT} for kept in (manifest.environment, environment()))),
    ]
    return tuple(Changed(what, then, now) for what, then, now in pairs if then != now)


def replay(
    workspace: Workspace,
    run_id: str,
    delivery: Path | None,
    *,
    actor: str,
    begin: Progressing,
    tell: Callable[[Changed], None],
) -> Replayed:
    """Make a run again and compare. The log tells that it was begun before anything is read, and what was found.

    Parameters
    ----------
    workspace
        That the run was made in; its keys give the same person ids.
    run_id
        A published run.
    delivery
        Folder with the delivered files; None where they are in the workspace.
    actor
        Who asks.
    begin
        Told each stage.
    tell
        Told, before anything is read, what of code, libraries and interpreter is not as it was.

    Raises
    ------
    RefusalError
        The run's approval was revoked since. The refusal is in the log.
    WorkspaceError
        There is no such run, or something it was made from is not there any more; it says what.
    IntegrityError
        The run, its approval or the earlier run it rests on is not what was written.
    """
    manifest = load_manifest(workspace, run_id)
    grant = _grant(workspace, manifest, actor)
    _hold_parent(workspace, manifest)
    conditions = conditions_of(workspace, manifest)
    with delivered_again(workspace, manifest, delivery) as folder:
        changed = changed_since(manifest)
        for one in changed:
            tell(one)
        _log(workspace, manifest, actor, {"step": "begun", "code_sha256": code_version().source_sha256})
        parameters = _parameters(manifest)
        results = compute(workspace, grant, folder, conditions, parameters, actor=actor, begin=begin)
    begin("replay.comparing")
    replayed = _compared(workspace, manifest, changed, results, artefacts(results, conditions))
    told = {"step": "compared", "same": replayed.same, "differing": [one.output for one in replayed.differences]}
    _log(workspace, manifest, actor, told)
    return replayed


def _compared(
    workspace: Workspace, manifest: Manifest, changed: tuple[Changed, ...], results: Results, found: list[Kept]
) -> Replayed:
    """What came out, beside what the manifest says."""
    differences = [*_differences(manifest, results, found), *_exported(workspace, manifest, found)]
    differences.sort(key=lambda one: STAGES.index(one.stage))
    compared = (*(one.name for one in manifest.outputs), *(f"{name}.parquet" for name in EXPORTED))
    return Replayed(manifest.run, changed, compared, tuple(differences))


def _grant(workspace: Workspace, manifest: Manifest, actor: str) -> Grant:
    """What the run might read, by the version of the approval it was made under.

    That the approval's period is over, or its runs are used up, is no objection: nothing is made that could be used.
    """
    with workspace.reading() as connection:
        current = register.find(connection, manifest.approval)
    if current is not None and current.state is State.REVOKED:
        found = Objection("refusal.revoked", {"reason": current.reason or "-"})
        raise refuse(workspace, manifest.approval, found, actor=actor)
    then = approval_of(workspace, manifest)
    columns = {name: granted for name, granted in then.approval.columns().items() if name in manifest.columns}
    return Grant(then.approval, then.sha256, manifest.started.astimezone().date(), columns, manifest.left_out)


def _hold_parent(workspace: Workspace, manifest: Manifest) -> None:
    """Refuse where data of the run that this one carried on was disposed of since: other results would come out."""
    if manifest.parent is None:
        return
    with workspace.reading() as connection:
        (published,) = entries(connection, kinds=[Kind.RUN_PUBLISHED], subject=manifest.run)
        since = [one for one in read_disposals(connection, manifest.parent) if one.seq > published.seq]
    if since:
        kinds = ", ".join(text(f"retention.kind_{name}") for one in since for name in one.classes)
        told = {"run": manifest.run, "parent": manifest.parent, "kinds": kinds}
        raise WorkspaceError("replay.parent_disposed", **told, day=since[0].day, entry=since[0].seq)


def _parameters(manifest: Manifest) -> Parameters:
    names = ("capacity", "max_set_aside", "min_link_confidence", "retrain", "engine")
    return Parameters(as_of=manifest.as_of, **{name: manifest.parameters[name] for name in names})


def _differences(manifest: Manifest, results: Results, found: list[Kept]) -> Iterator[Difference]:
    """Inputs, counts and artefacts that came out otherwise."""
    for read, now in zip(manifest.inputs, inputs(results.delivery), strict=True):
        if read != now:
            yield Difference("read", read.name, str(read.accepted), str(now.accepted))
    made = {one.name: one for one in found}
    for name in dict.fromkeys([*made, *(one.name for one in manifest.outputs)]):
        output, again = manifest.output(name), made.get(name)
        then = None if output is None else output.content_sha256
        now_sha256 = None if again is None else again.sha256
        if then != now_sha256:
            yield Difference("read" if again is None else again.stage, name, then, now_sha256)
    before, after = _flat(manifest.counts), _flat(counts(results))
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            stage = name.partition(".")[0]
            yield Difference(
                stage if stage in STAGES else "read", name, _said(before.get(name)), _said(after.get(name))
            )


def _said(count: int | None) -> str | None:
    return None if count is None else str(count)


def _exported(workspace: Workspace, manifest: Manifest, found: list[Kept]) -> Iterator[Difference]:
    """Parquet files that an export would write otherwise, of the tables whose content came out as it was."""
    for one in found:
        output = manifest.output(one.name)
        if one.name not in EXPORTED or output is None or not isinstance(one.content, pl.DataFrame):
            continue
        if output.content_sha256 == one.sha256:
            then = _parquet_sha256(read_artefact_parts(workspace, manifest.run, one.name))
            now = _parquet_sha256(iter([*one.content.iter_slices(ROW_GROUP)] or [one.content]))
            if then != now:
                yield Difference(one.stage, f"{one.name}.parquet", then, now)


def _parquet_sha256(parts: Iterator[pl.DataFrame]) -> str:
    file = BytesIO()
    write_table(parts, ".parquet", file)
    return sha256(file.getvalue())


def _beside(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, str | None, str | None]]:
    return ((name, then.get(name), now.get(name)) for name in sorted({*then, *now}))


def _flat(stages: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {f"{stage}.{name}": value for stage, told in stages.items() for name, value in told.items()}


def _log(workspace: Workspace, manifest: Manifest, actor: str, body: Mapping[str, object]) -> None:
    workspace.log(actor=actor, kind=Kind.RUN_REPLAYED, subject=manifest.run, body=body)
