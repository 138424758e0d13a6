"""One processing run, from the delivered files to the published artefacts. The only code that knows every stage.

    delivery → accepted rows + rejects → standardised → linked → person ids that stay → timeline
    → indicators → flags → encrypted artefacts, manifest, log entry

Everything after `link_delivery` is pseudonymous; what names a child is kept under the identities' key alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from governance.digest import frame_digest
from governance.gate import Grant, admit
from governance.manifest import Manifest
from governance.staging import stage
from governance.workspace import Workspace
from indicators.compute import compute_indicators
from indicators.flags import Flags, raise_flags
from indicators.judgements import judge
from indicators.scorecard import Scorecard
from linkage.delivery import Delivery, delivered_sources, read_delivery
from linkage.engine import EngineName
from mimamori.city_rules import CityRules, load_city_rules
from mimamori.console import Progressing
from mimamori.known import Earlier
from mimamori.learning import adopted_scorecard
from mimamori.linking import Linked, link_delivery
from mimamori.results import Results, counts, inputs, keep
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
    grant = admit(workspace, approval_id, today=today, delivered=delivered, actor=actor)
    rules, scorecard = load_city_rules(workspace), adopted_scorecard(workspace, today)
    with stage(workspace, grant, actor=actor) as staged:
        begin("output.stage_read")
        delivery = _read(delivery_folder, sources, grant, today, parameters)
        _hold_rows(delivery)
        extracts, after_as_of = _until(delivery.extracts, parameters.as_of)
        linked = link_delivery(
            workspace,
            Earlier(workspace, staged.parent),
            extracts,
            _measurements(sources, grant),
            numbered=[name for name, columns in grant.approval.columns().items() if "shared_number" in columns],
            as_of=parameters.as_of,
            retrain=parameters.retrain,
            seed=SEEDS["linkage"],
            begin=begin,
            engine=parameters.engine,
        )
        warning = _warn(linked, rules, scorecard, sources, parameters, begin)
        begin("output.stage_publish")
        results = Results(delivery, after_as_of, linked, *warning)
        keep(staged, results)
        manifest = staged.publish(
            inputs=inputs(delivery),
            parameters=_parameters(parameters, rules, scorecard, sources, grant) | _linkage_parameters(linked),
            counts=counts(results),
            seeds=SEEDS,
            as_of=parameters.as_of,
        )
    absent = tuple(name for name in grant.approval.sources if name not in grant.columns)
    return Completed(manifest, delivery, after_as_of, absent)


def _warn(
    linked: Linked,
    rules: CityRules,
    scorecard: Scorecard | None,
    sources: Mapping[str, Source],
    parameters: Parameters,
    begin: Progressing,
) -> tuple[pl.DataFrame, pl.DataFrame, Flags]:
    """Indicators, judgements and flags of every child known."""
    begin("output.stage_indicators")
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
        sources=sources,
        scorecard=scorecard,
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


def _linkage_parameters(linked: Linked) -> dict[str, Any]:
    """The model and the decisions of reviewers that linkage kept to."""
    return {
        "linkage_model": {"version": linked.linkage.model.version, "trained": linked.trained},
        "decisions": {"count": linked.decisions.height, "sha256": frame_digest(linked.decisions)},
    }


def _parameters(
    parameters: Parameters,
    rules: CityRules,
    scorecard: Scorecard | None,
    sources: Mapping[str, Source],
    grant: Grant,
) -> dict[str, Any]:
    return {
        "capacity": parameters.capacity,
        "max_set_aside": parameters.max_set_aside,
        "min_link_confidence": parameters.min_link_confidence,
        "retrain": parameters.retrain,
        "engine": parameters.engine,
        "indicator_rules": rules.indicators.version,
        "judgement_rules": rules.judgements.version,
        "scorecard": None if scorecard is None else scorecard.version,
        "sources": {name: sources[name].model_dump(mode="json") for name in grant.columns},
    }
