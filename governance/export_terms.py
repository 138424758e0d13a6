"""What of a run may still be exported: nothing under a revoked approval, and nothing past its retention."""

from collections.abc import Iterable

from governance import register
from governance.approval_state import State
from governance.disposal import today
from governance.disposals import disposed_classes, read_disposals
from governance.gate import Objection, refuse
from governance.items import Terms
from governance.runlog import Kind, entries
from governance.runs import load_manifest
from governance.workspace import Workspace


def within_retention(workspace: Workspace, run_id: str, names: Iterable[str], *, actor: str) -> list[str]:
    """Those of a run's artefacts that are kept still; names of none stay for the caller to refuse.

    Raises
    ------
    RefusalError
        The approval was revoked, or nothing is left. The refusal is in the run log.
    WorkspaceError, IntegrityError
        As of `runs.load_manifest`.
    """
    kept, objection = _kept(workspace, run_id, names)
    if objection is not None:
        raise refuse(workspace, load_manifest(workspace, run_id).approval, objection, actor=actor)
    return kept


def is_kept(workspace: Workspace, run_id: str, name: str) -> bool:
    """Whether an artefact is there and may be shown still, for who goes on without it: nothing is refused or logged.

    Raises
    ------
    WorkspaceError, IntegrityError
        As of `runs.load_manifest`.
    """
    there = load_manifest(workspace, run_id).output(name) is not None
    return there and name in _kept(workspace, run_id, [name])[0]


def _kept(workspace: Workspace, run_id: str, names: Iterable[str]) -> tuple[list[str], Objection | None]:
    """Those that are kept still, and names of none; or why none is."""
    manifest = load_manifest(workspace, run_id)
    with workspace.reading() as connection:
        registered = register.find(connection, manifest.approval)
        gone = disposed_classes(read_disposals(connection, run_id), run_id)
        (published,) = entries(connection, kinds=[Kind.RUN_PUBLISHED], subject=run_id)
        terms = Terms(workspace, connection)
        ends = {one.data_class: terms.term(published, one.data_class).until for one in manifest.outputs}
    if registered is not None and registered.state is State.REVOKED:
        return [], Objection("retention.export_revoked", {"reason": registered.reason or "-"})
    past = gone | {data_class for data_class, until in ends.items() if until < today()}
    asked = {name: manifest.output(name) for name in names}
    over = [name for name, output in asked.items() if output is not None and output.data_class in past]
    if len(over) == len(asked):
        return [], Objection("retention.export_past", {"run": run_id, "until": max(ends.values())})
    return [name for name in asked if name not in over], None
