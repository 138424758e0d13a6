"""One processing run, from the delivered files to the published artefacts. The only code that knows every stage.

    delivery → accepted rows + rejects → standardised → linked → person ids that stay → timeline
    → indicators → flags → encrypted artefacts, manifest, log entry

Everything after `link_delivery` is pseudonymous; what names a child is kept under the identities' key alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from governance.case_ids import follow_run
from governance.custody import DataClass
from governance.digest import frame_digest
from governance.gate import Grant, admit, hold_rules
from governance.manifest import Manifest
from governance.requests import honoured
from governance.retention import term
from governance.reviews import decisions
from governance.staging import stage
from governance.workspace import Workspace
from indicators.compute import compute_indicators
from indicators.flags import Flags, raise_flags
from indicators.judgements import judge
from linkage.delivery import Delivery, delivered_sources, read_delivery
from linkage.engine import EngineName
from mimamori.city_rules import load_city_rules
from mimamori.conditions import Conditions
from mimamori.console import Progressing
from mimamori.history import with_history
from mimamori.known import Earlier
from mimamori.learning import adopted_scorecard
from mimamori.linking import Linked, link_delivery
from mimamori.results import Results, counts, inputs, keep
from mimamori.screening import screened
from vocabulary.errors import DeliveryError
from vocabulary.source import Source, load_sources

SEEDS = {"linkage": 20260401}


@dataclass(frozen=True)
class Parameters:
    """Settings the results depend on, beside the code and its rules."""

    as_of: date | None
    capacity: float | int
    max_set_aside: float
    min_link_confidence: float
    retrain: bool = False
    engine: EngineName = "duckdb"  # where linkage runs; either gives the same


@dataclass(frozen=True)
class Completed:
    """A published run and what to tell the operator of it."""

    manifest: Manifest
    delivery: Delivery
    after_as_of: int
    absent: tuple[str, ...]  # approved sources that were not delivered


def run(
    workspace: Workspace,
    *,
    approval_id: str,
    delivery_folder: Path,
    parameters: Parameters,
    actor: str,
    begin: Progressing,
) -> Completed:
    """Make and publish one run, or leave nothing.

    Raises
    ------
    RefusalError
        No approval in force covers it; nothing was read.
    DeliveryError
        The delivery cannot be taken.
    """
    sources = load_sources(workspace.sources_folder)
    today = datetime.now(UTC).astimezone().date()
    delivered = _delivered(delivery_folder, sources)
    grant = admit(workspace, approval_id, today=today, delivered=delivered, actor=actor, sources=sources)
    rules, scorecard = load_city_rules(workspace), adopted_scorecard(workspace, today)
    applied = {"indicators": rules.indicators.version, "judgements": rules.judgements.version}
    hold_rules(workspace, grant, applied, actor=actor)
    with stage(workspace, grant, actor=actor) as staged:
        begin("output.stage_begin", run=staged.run_id)
        follow_run(workspace, staged.parent, actor=actor)  # which a process killed after publishing left undone
        kept_to = decisions(workspace), honoured(workspace)
        conditions = Conditions(today, sources, rules, scorecard, *kept_to, SEEDS, staged.parent)
        results = compute(workspace, grant, delivery_folder, conditions, parameters, actor=actor, begin=begin)
        begin("output.stage_publish")
        keep(staged, results, conditions)
        manifest = staged.publish(
            inputs=inputs(results.delivery),
            parameters=_parameters(parameters, conditions, grant) | _linkage_parameters(results.linked, conditions),
            counts=counts(results),
            seeds=SEEDS,
            as_of=parameters.as_of,
        )
    follow_run(workspace, staged.run_id, actor=actor)
    absent = tuple(name for name in grant.approval.sources if name not in grant.columns)
    return Completed(manifest, results.delivery, results.after_as_of, absent)


def compute(
    workspace: Workspace,
    grant: Grant,
    folder: Path,
    conditions: Conditions,
    parameters: Parameters,
    *,
    actor: str,
    begin: Progressing,
) -> Results:
    """The results of every stage, from the files in `folder`; nothing is written. Errors as of `run`.

    The same files, grant, conditions, parameters and code give the same bytes, on any number of threads.
    """
    begin("output.stage_read")
    delivery = _read(folder, conditions.sources, grant, conditions.day, parameters)
    delivery, population = screened(workspace, delivery, grant, conditions.sources, actor=actor)
    _hold_rows(delivery)
    extracts, after_as_of = _until(delivery.extracts, parameters.as_of)
    earlier, measurements = (
        Earlier(workspace, conditions.parent, conditions.day),
        _measurements(conditions.sources, grant),
    )
    linked = link_delivery(
        workspace,
        earlier,
        extracts,
        measurements,
        numbered=[name for name, columns in grant.approval.columns().items() if "shared_number" in columns],
        decided=conditions.decisions,
        heeded=conditions.heeded,
        as_of=parameters.as_of,
        retrain=parameters.retrain,
        seed=conditions.seeds["linkage"],
        kept_until=term(DataClass.EXTRACTS, conditions.day, grant.approval).until,
        begin=begin,
        engine=parameters.engine,
    )
    since = conditions.day - timedelta(days=grant.approval.retention_days)
    told = with_history(linked, earlier, measurements, conditions.heeded, since=since, as_of=parameters.as_of)
    return Results(delivery, population, after_as_of, told, *_warn(told, conditions, parameters, begin))


def _warn(
    linked: Linked, conditions: Conditions, parameters: Parameters, begin: Progressing
) -> tuple[pl.DataFrame, pl.DataFrame, Flags]:
    """Indicators, judgements and flags of every child known."""
    begin("output.stage_indicators")
    rules = conditions.rules
    indicators = compute_indicators(linked.timeline, linked.persons, rules.indicators, parameters.as_of)
    judgements = judge(indicators, linked.persons, rules.indicators, rules.judgements)
    begin("output.stage_flags")
    flags = raise_flags(
        indicators,
        linked.timeline,
        linked.persons,
        rules.indicators,
        capacity=parameters.capacity,
        min_link_confidence=parameters.min_link_confidence,
        sources=conditions.sources,
        scorecard=conditions.scorecard,
    )
    return indicators, judgements, flags


def _delivered(folder: Path, sources: Mapping[str, Source]) -> list[str]:
    """Sources that have a file in the delivery; no file is opened."""
    if not folder.is_dir():
        raise DeliveryError("run.no_folder", folder=folder)
    found = delivered_sources(folder, sources)
    if not found:
        held = sorted(path.name for path in folder.iterdir())
        expected = ", ".join(f"{name}.csv" for name in sources)
        raise DeliveryError("run.no_source_file", folder=folder, held=", ".join(held) or "-", expected=expected)
    return found


def _read(folder: Path, sources: Mapping[str, Source], grant: Grant, today: date, parameters: Parameters) -> Delivery:
    granted = {name: source for name, source in sources.items() if name in grant.columns}
    return read_delivery(
        folder, sources=granted, columns=grant.columns, today=today, max_set_aside=parameters.max_set_aside
    )


def _hold_rows(delivery: Delivery) -> None:
    """Refuse a delivery without a single accepted row: a run of it would show an empty city."""
    if not any(frame.height for frame in delivery.extracts.values()):
        files = ", ".join(file.name for file in delivery.files)
        raise DeliveryError("run.no_rows", files=files, set_aside=delivery.rejects.height)


def _until(extracts: Mapping[str, pl.DataFrame], as_of: date | None) -> tuple[dict[str, pl.DataFrame], int]:
    """Rows known on `as_of`, and how many others were left out."""
    if as_of is None:
        return dict(extracts), 0
    kept = {source: frame.filter(pl.col("as_of") <= as_of) for source, frame in extracts.items()}
    left_out = sum(frame.height for frame in extracts.values()) - sum(frame.height for frame in kept.values())
    if not any(frame.height for frame in kept.values()):
        raise DeliveryError("run.nothing_by_then", as_of=as_of, rows=left_out)
    return kept, left_out


def _measurements(sources: Mapping[str, Source], grant: Grant) -> dict[str, list[str]]:
    """Measured columns each approved source may contribute."""
    return {
        name: [item for item in sources[name].measurements if "*" in columns or item in columns]
        for name, columns in grant.approval.columns().items()
        if name in sources
    }


def _linkage_parameters(linked: Linked, conditions: Conditions) -> dict[str, Any]:
    """The model, the decisions of reviewers and the accepted requests that linkage kept to."""
    decided, heeded = conditions.decisions, conditions.heeded
    return {
        "linkage_model": {"version": linked.linkage.model.version, "trained": linked.trained},
        "decisions": {"count": decided.height, "sha256": frame_digest(decided)},
        "requests": {"corrected": heeded.corrections.height, "objected_numbers": heeded.objected.height},
    }


def _parameters(parameters: Parameters, conditions: Conditions, grant: Grant) -> dict[str, Any]:
    scorecard = conditions.scorecard
    return {
        "day": conditions.day.isoformat(),
        "capacity": parameters.capacity,
        "max_set_aside": parameters.max_set_aside,
        "min_link_confidence": parameters.min_link_confidence,
        "retrain": parameters.retrain,
        "engine": parameters.engine,
        "indicator_rules": conditions.rules.indicators.version,
        "judgement_rules": conditions.rules.judgements.version,
        "scorecard": None if scorecard is None else scorecard.version,
        "sources": {name: conditions.sources[name].model_dump(mode="json") for name in grant.columns},
    }
