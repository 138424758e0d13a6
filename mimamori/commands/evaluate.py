"""`mimamori evaluate`: linkage and flag quality of a run against a truth."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from governance.actions import Action
from mimamori.accounts import acting
from mimamori.console import (
    DEFAULT_WORKSPACE,
    AccountOption,
    JsonOption,
    Progressing,
    WorkspaceOption,
    note,
    progress,
    report,
)
from vocabulary.texts import current_language, text

if TYPE_CHECKING:
    from evaluation.evaluate import Evaluation
    from evaluation.harm import Assumptions
    from evaluation.recomputed import Recomputed
    from governance.workspace import Workspace

LONGER_LISTS = (0.005, 0.01, 0.02, 0.05, 0.10)
"""List sizes judged where lists longer than the run's can be raised."""


def evaluate(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help=text("cli.run_id"))],
    truth: Annotated[Path, typer.Option("--truth", metavar="DIR", help=text("cli.evaluate_truth"))],
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help=text("cli.evaluate_out"))] = None,
    sensitivity: Annotated[bool, typer.Option("--sensitivity", help=text("cli.evaluate_sensitivity"))] = False,
    cost_case: Annotated[float, typer.Option("--cost-case", min=0.0, help=text("cli.evaluate_cost_case"))] = 3.0,
    cost_false: Annotated[float, typer.Option("--cost-false", min=0.0, help=text("cli.evaluate_cost_false"))] = 2.0,
    cost_missed: Annotated[float, typer.Option("--cost-missed", min=0.0, help=text("cli.evaluate_cost_missed"))] = 40.0,
    public: Annotated[bool, typer.Option("--public", help=text("paper.help_public"))] = False,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from evaluation.harm import Assumptions
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    evaluation, files = make_evaluation(
        opened,
        run_id,
        truth,
        out or opened.path / "reports",
        actor=acting(opened, account, Action.EVALUATE_RUN),
        sensitivity=sensitivity,
        assumptions=Assumptions(case=cost_case, wrong=cost_false, missed=cost_missed),
        public=public,
    )
    report(
        evaluation.model_dump(mode="json") | {"files": files},
        [
            *headline(evaluation),
            text("output.evaluated", **files),
            *(text("paper.written", file=file) for form, file in files.items() if form.startswith("public")),
        ],
        as_json=as_json,
    )


def make_evaluation(
    workspace: "Workspace",
    run_id: str,
    truth: Path,
    out: Path,
    *,
    actor: str,
    sensitivity: bool = False,
    assumptions: "Assumptions | None" = None,
    public: bool = False,
) -> tuple["Evaluation", dict[str, Any]]:
    """Evaluate a run, write JSON and HTML into `out`, and log it; the figures and where they stand.

    With `public` two more files are written, of the figures alone that may leave.
    """
    from evaluation.evaluate import evaluate as measure
    from evaluation.report import render_report
    from evaluation.truth import load_truth
    from governance.runs import load_manifest, read_artefact

    known = load_truth(truth)
    names = ("links", "persons", "indicators", "flags", "traits", "timeline")
    frames: dict[str, Any] = {name: read_artefact(workspace, run_id, name) for name in names}
    held = read_artefact(workspace, run_id, "held_flags")
    with progress() as begin:
        begin("output.stage_recompute")
        anew = _recomputed(workspace, run_id, frames, known, sensitivity=sensitivity, begin=begin)
        begin("output.stage_evaluate")
        capacity = load_manifest(workspace, run_id).parameters["capacity"]
        evaluation = measure(
            truth=known, held=held, recomputed=anew, assumptions=assumptions, **_capacities(capacity, anew), **frames
        )
        begin("output.stage_report")
        page = render_report(evaluation, language=current_language(), run=run_id)
    if anew is None:
        note(text("output.not_recomputed"))
    contents = {"json": evaluation.to_json() + "\n", "html": page}
    contents |= _for_the_public(evaluation, run_id) if public else {}
    return evaluation, _write(workspace, run_id, out, contents, actor=actor)


def _for_the_public(evaluation: "Evaluation", run_id: str) -> dict[str, str]:
    """The files of the figures that may leave."""
    from evaluation.public import public_evaluation
    from mimamori.papers.paper import rendered
    from mimamori.papers.quality import quality_paper

    told = public_evaluation(evaluation)
    page = rendered(quality_paper(told, current_language(), run=run_id))
    return {"public.json": told.model_dump_json(indent=2) + "\n", "public.html": page}


def _recomputed(
    workspace: "Workspace",
    run_id: str,
    frames: dict[str, Any],
    truth: dict[str, Any],
    *,
    sensitivity: bool,
    begin: Progressing,
) -> "Recomputed | None":
    """What is computed anew from the run; None where its flags cannot be raised again alike."""
    from mimamori.evaluating import opened_again, recompute, without_all, without_each

    again = opened_again(workspace, run_id, frames)
    if again is None:
        return None
    anew = recompute(again, workspace, run_id, truth)
    if not sensitivity:
        return anew
    return replace(anew, without=without_each(again, begin), without_all=partial(without_all, again))


def _write(workspace: "Workspace", run_id: str, out: Path, contents: dict[str, str], *, actor: str) -> dict[str, Any]:
    """Write each content as RUN.<form> that only its owner may read, and log their digests; the files by form."""
    from governance.digest import sha256_file
    from governance.runlog import Kind

    out.mkdir(parents=True, exist_ok=True)
    files = {form: out / f"{run_id}.{form}" for form in contents}
    for form, file in files.items():
        file.touch(mode=0o600)  # figures name person ids
        file.write_text(contents[form], encoding="utf-8")
    digests = {file.name: sha256_file(file) for file in files.values()}
    workspace.log(actor=actor, kind=Kind.EVALUATION, subject=run_id, body={"files": digests})
    return {form: str(file) for form, file in files.items()}


def _capacities(capacity: float | int, anew: "Recomputed | None") -> dict[str, Any]:
    """List sizes to judge, and the run's own where it is a share; without longer lists only as far as it listed."""
    from evaluation.flags import CAPACITIES

    if not isinstance(capacity, float):
        return {"capacities": CAPACITIES if anew is None else LONGER_LISTS}
    longer = (capacity / 2, capacity) if anew is None else sorted({*LONGER_LISTS, capacity})
    return {"capacities": longer, "main_capacity": capacity}


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
        lines.append(text("output.flag_quality", capacity=f"{at.capacity:.1%}", **shown))
    return lines


def _written(value: float | None, form: str) -> str:
    """A figure, or a dash where there was nothing to count."""
    return "-" if value is None else format(value, form)
