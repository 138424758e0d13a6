"""What followed for the children who received a support: the run's tables, the list of children, the report.

The list of children is read here and nowhere kept. Only statistics are written, and what was done is in the run log
before the files stand, with the digest of the list, so that a council can see how often it was asked and of whom.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from evaluation.effect import measure_effect
from evaluation.effect_figures import Effect, Measure
from evaluation.effect_report import Occasion, render_effect
from governance import register
from governance.approval import ALL, Approval
from governance.digest import sha256, sha256_file
from governance.gate import Objection, objection, refuse
from governance.manifest import Manifest
from governance.runlog import Kind
from governance.runs import load_manifest, read_artefact
from governance.workspace import Workspace
from indicators.rules import Rules
from mimamori.city_rules import load_city_rules
from vocabulary.errors import EvaluationError, UsageError, WorkspaceError
from vocabulary.fiscal import fiscal_year
from vocabulary.texts import current_language

SUPPORTED = {"person_id": pl.String(), "year": pl.Int32()}
FIRST_YEAR, LAST_YEAR = 1950, 2200
USED_UP = "refusal.used_up"
"""An approval whose runs are used up still covers looking at those that were made."""


@dataclass(frozen=True)
class Estimated:
    """The figures, what their indicators are called, and the files written."""

    effect: Effect
    measures: Mapping[str, Measure]
    files: dict[str, Any]


def make_effect(
    workspace: Workspace,
    run_id: str,
    supported_file: Path,
    *,
    outcomes: Sequence[str],
    approval_id: str | None,
    out: Path,
    today: date,
    actor: str,
) -> Estimated:
    """Estimate the effect, write JSON and HTML into `out`, and log it.

    Parameters
    ----------
    workspace
        An open workspace.
    run_id
        A published run.
    supported_file
        CSV or TOML of the children who received the support (`read_supported`).
    outcomes
        Indicators to follow; those of `default_outcomes` where there are none.
    approval_id
        Approval under which it is done; the run's where None.
    out
        Folder; made where it is absent.
    today
        The day on which it is done.
    actor
        Who asks.

    Raises
    ------
    RefusalError
        The approval is not in force today, or does not cover what the run read. The refusal is in the run log.
    UsageError
        An outcome is no indicator of the rules.
    EvaluationError
        The file cannot be taken, or too few children can be compared.
    """
    manifest = load_manifest(workspace, run_id)
    approval = permitted(workspace, manifest, approval_id or manifest.approval, today=today, actor=actor)
    supported = read_supported(supported_file)
    rules = load_city_rules(workspace).indicators
    effect, chosen = _estimate(workspace, manifest, supported, outcomes, rules)
    measures = measures_of(rules)
    supported_sha256 = sha256_file(supported_file)
    contents = _contents(effect, measures, manifest, approval, stem=f"{run_id}-effect-{supported_sha256[:8]}")
    body = {
        "files": {name: sha256(content.encode()) for name, content in contents.items()},
        "effect": {"approval": approval.id, "supported": supported_sha256, "outcomes": list(chosen)},
    }
    workspace.log(actor=actor, kind=Kind.EVALUATION, subject=run_id, body=body)
    return Estimated(effect, measures, _write(out, contents))


def _estimate(
    workspace: Workspace, manifest: Manifest, supported: pl.DataFrame, outcomes: Sequence[str], rules: Rules
) -> tuple[Effect, tuple[str, ...]]:
    """The effect as the run's tables show it, and the outcomes that were followed."""
    names = ("indicators", "persons", "timeline")
    indicators, persons, timeline = (read_artefact(workspace, manifest.run, name) for name in names)
    if manifest.parameters.get("indicator_rules") != rules.version:
        raise WorkspaceError("effect.other_rules", run=manifest.run)
    chosen = chosen_outcomes(outcomes, rules, indicators)
    confidence = workspace.settings.min_link_confidence
    return measure_effect(indicators, persons, timeline, supported, chosen, min_link_confidence=confidence), chosen


def _contents(
    effect: Effect, measures: Mapping[str, Measure], manifest: Manifest, approval: Approval, *, stem: str
) -> dict[str, str]:
    """The figures as JSON and the report as HTML, by file name."""
    occasion = Occasion(manifest.run, approval.id, approval.purpose)
    about = {"run": manifest.run, "approval": approval.id, "rules": manifest.parameters["indicator_rules"]}
    figures = json.dumps(about | effect.model_dump(mode="json"), ensure_ascii=False, indent=1)
    page = render_effect(effect, measures, occasion, language=current_language())
    return {f"{stem}.json": figures + "\n", f"{stem}.html": page}


def _write(out: Path, contents: Mapping[str, str]) -> dict[str, Any]:
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in contents.items():
        (out / name).touch(mode=0o600)
        (out / name).write_text(content, encoding="utf-8")
    return {Path(name).suffix[1:]: str(out / name) for name in contents}


def permitted(workspace: Workspace, manifest: Manifest, approval_id: str, *, today: date, actor: str) -> Approval:
    """The approval under which the run's data may be looked at today, for another purpose than its list.

    Raises
    ------
    RefusalError
        It is not in force, or does not cover every source and column that the run read.
    """
    with workspace.reading() as connection:
        registered = register.find(connection, approval_id)
        found = objection(connection, approval_id, registered, today)
    if registered is None or (found is not None and found.key != USED_UP):
        raise refuse(workspace, approval_id, found or Objection("refusal.unknown", {}), actor=actor)
    beyond = _beyond(registered.approval, manifest)
    if beyond:
        found = Objection("effect.not_covered", {"run": manifest.run, "columns": ", ".join(beyond)})
        raise refuse(workspace, approval_id, found, actor=actor)
    return registered.approval


def _beyond(approval: Approval, manifest: Manifest) -> list[str]:
    """What the run read and the approval does not name."""
    beyond: list[str] = []
    for source, read in manifest.columns.items():
        granted = approval.columns().get(source, frozenset())
        if ALL in granted:
            continue
        beyond += [f"{source}.{column}" for column in ([ALL] if read == ALL else read) if column not in granted]
    return sorted(beyond)


def read_supported(path: Path) -> pl.DataFrame:
    """Read who received a support and when it began, `person_id, year`.

    CSV (UTF-8) with the columns `person_id` and `year` (fiscal year) or `began` (ISO date), or TOML with a table
    `[[supported]]` of the same keys for each child. Other columns are not read.

    Raises
    ------
    EvaluationError
        The file cannot be read, lacks a column, holds a year or day that is none, or no child.
    """
    rows = _rows(path)
    if not rows:
        raise EvaluationError("effect.file_empty", file=path.name)
    found = [(_person(path, at, row), _year(path, at, row)) for at, row in enumerate(rows, 1)]
    return pl.DataFrame(found, schema=SUPPORTED, orient="row")


def _rows(path: Path) -> Sequence[Mapping[str, Any]]:
    try:
        if path.suffix == ".toml":
            rows = tomllib.loads(path.read_text(encoding="utf-8")).get("supported", [])
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise EvaluationError("effect.file_columns", file=path.name, columns="person_id, year")
            return rows
        frame = pl.read_csv(path, infer_schema=False)
    except pl.exceptions.NoDataError:
        return []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, pl.exceptions.PolarsError) as error:
        problem = type(error).__name__  # its message may quote the file
        raise EvaluationError("effect.file_unreadable", file=path.name, problem=problem) from None
    if "person_id" not in frame.columns or not {"year", "began"} & set(frame.columns):
        raise EvaluationError("effect.file_columns", file=path.name, columns="person_id, year")
    return frame.to_dicts()


def _person(path: Path, at: int, row: Mapping[str, Any]) -> str:
    person = row.get("person_id")
    if not isinstance(person, str) or not person.strip():
        raise EvaluationError("effect.file_row", file=path.name, row=at, column="person_id")
    return person.strip()


def _year(path: Path, at: int, row: Mapping[str, Any]) -> int:
    column = "year" if row.get("year") is not None else "began"
    value = row.get(column)
    try:
        if column == "year":
            year = int(str(value))
        else:
            year = fiscal_year(value if isinstance(value, date) else date.fromisoformat(str(value)))
    except ValueError:
        year = 0
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise EvaluationError("effect.file_row", file=path.name, row=at, column=column)
    return year


def chosen_outcomes(named: Sequence[str], rules: Rules, indicators: pl.DataFrame) -> tuple[str, ...]:
    """The outcomes asked for; where none are, every quantity of the run that is not judged against a growth norm."""
    held = set(indicators["indicator"].unique())
    for name in named:
        if name not in rules.indicators:
            raise UsageError("effect.outcome_unknown", outcome=name, known=", ".join(sorted(held)))
    if named:
        return tuple(dict.fromkeys(named))
    found = tuple(
        name
        for name, rule in rules.indicators.items()
        if rule.model == "growth" and rule.on == "value" and name in held
    )
    if not found:
        raise EvaluationError("effect.no_outcome")
    return found


def measures_of(rules: Rules) -> dict[str, Measure]:
    """What a report has to know of each indicator."""
    return {
        name: Measure(name=name, worse=rule.worse, title=rule.title, amount=rule.amount, decimals=rule.decimals)
        for name, rule in rules.indicators.items()
    }
