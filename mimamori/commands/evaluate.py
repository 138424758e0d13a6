"""`mimamori evaluate`: linkage and flag quality of a run against a truth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mimamori.accounts import acting
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, progress, report
from vocabulary.texts import current_language, text

if TYPE_CHECKING:
    from evaluation.evaluate import Evaluation
    from governance.workspace import Workspace


def evaluate(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help=text("cli.run_id"))],
    truth: Annotated[Path, typer.Option("--truth", metavar="DIR", help=text("cli.evaluate_truth"))],
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help=text("cli.evaluate_out"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    evaluation, files = make_evaluation(
        opened, run_id, truth, out or opened.path / "reports", actor=acting(opened, account)
    )
    report(
        evaluation.model_dump(mode="json") | {"files": files},
        [*headline(evaluation), text("output.evaluated", **files)],
        as_json=as_json,
    )


def make_evaluation(
    workspace: "Workspace", run_id: str, truth: Path, out: Path, *, actor: str
) -> tuple["Evaluation", dict[str, Any]]:
    """Evaluate a run, write JSON and HTML into `out`, and log it; the figures and where they stand."""
    from evaluation.evaluate import evaluate as measure
    from evaluation.report import render_report
    from evaluation.truth import load_truth
    from governance.digest import sha256_file
    from governance.runlog import Kind
    from governance.runs import load_manifest, read_artefact

    known = load_truth(truth)
    names = ("links", "persons", "indicators", "flags", "traits", "timeline")
    frames: dict[str, Any] = {name: read_artefact(workspace, run_id, name) for name in names}
    with progress() as begin:
        begin("output.stage_evaluate")
        capacity = load_manifest(workspace, run_id).parameters["capacity"]
        evaluation = measure(truth=known, capacities=_capacities(capacity), **frames)
        begin("output.stage_report")
        page = render_report(evaluation, language=current_language(), run=run_id)
    out.mkdir(parents=True, exist_ok=True)
    files = {"json": str(out / f"{run_id}.json"), "html": str(out / f"{run_id}.html")}
    for file, content in ((files["json"], evaluation.to_json() + "\n"), (files["html"], page)):
        Path(file).touch(mode=0o600)  # figures name person ids
        Path(file).write_text(content, encoding="utf-8")
    digests = {Path(file).name: sha256_file(Path(file)) for file in files.values()}
    workspace.log(actor=actor, kind=Kind.EVALUATION, subject=run_id, body={"files": digests})
    return evaluation, files


def _capacities(capacity: float | int) -> tuple[float, ...]:
    """List sizes to judge: half of what the run listed, and all of it; beyond it there are no flags to judge."""
    from evaluation.flags import CAPACITIES

    return (capacity / 2, capacity) if isinstance(capacity, float) else CAPACITIES


def headline(evaluation: "Evaluation") -> list[str]:
    """The figures a reader asks for first, a line each."""
    from evaluation.report import fairness_sentence

    linkage = evaluation.linkage
    score = linkage.linked.pairwise
    lines = [
        text(
            "output.linkage_quality",
            precision=_written(score.precision, ".4%"),
            recall=_written(score.recall, ".4%"),
            f1=_written(score.f1, ".5f"),
            mixed=int(linkage.mixed.hits),
            persons=linkage.mixed.of,
        ),
        fairness_sentence(linkage.fairness, current_language()),
    ]
    if evaluation.flags is None:
        return [*lines, text("evaluation.no_history")]
    for at in evaluation.flags.capacities:
        shown: dict[str, Any] = {rule.rule: _written(rule.precision.value, ".0%") for rule in at.rules}
        lines.append(text("output.flag_quality", capacity=f"{at.capacity:.0%}", **shown))
    return lines


def _written(value: float | None, form: str) -> str:
    """A figure, or a dash where there was nothing to count."""
    return "-" if value is None else format(value, form)
