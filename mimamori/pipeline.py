"""One processing run, from the delivered files to the published artefacts. The only code that knows every stage.

    delivery → accepted rows + rejects → standardised → linked → person ids that stay → timeline
    → indicators → flags → encrypted artefacts, manifest, log entry

Everything after `_link` is pseudonymous; what names a child is kept under the identities' key alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from governance.custody import DataClass
from governance.gate import Grant, admit
from governance.manifest import Input, Manifest
from governance.runs import latest_run, read_artefact
from governance.staging import StagedRun, stage
from governance.workspace import Workspace
from indicators.compute import compute_indicators
from indicators.flags import Flags, raise_flags
from indicators.rules import Rules, load_rules
from linkage.delivery import Delivery, delivered_sources, read_delivery
from linkage.link import Linkage, link
from linkage.persons import identities, person_links, persons, record_traits
from linkage.spine import Spine, assign_person_ids
from linkage.standardise import standardise
from linkage.timeline import build_timeline
from mimamori.console import Progressing
from vocabulary.errors import DeliveryError
from vocabulary.frames import LINKS, RECORDS
from vocabulary.source import Source, load_sources

RECORD = ["source", "local_id", "as_of"]
SPINE_KEY = "spine"
SEEDS = {"linkage": 20260401}


@dataclass(frozen=True)
class Parameters:
    """Settings the results depend on, beside the code and its rules."""

    as_of: date | None
    capacity: float | int
    max_set_aside: float
    min_link_confidence: float


@dataclass(frozen=True)
class Linked:
    """Linkage of a run: what leaves the room of names, and what stays in it."""

    links: pl.DataFrame
    persons: pl.DataFrame
    timeline: pl.DataFrame
    traits: pl.DataFrame
    spine: Spine
    known: pl.DataFrame  # record → person id, of this and earlier runs
    linkage: Linkage
    records: pl.DataFrame  # identity columns of this and earlier runs; names
    identities: pl.DataFrame  # names


@dataclass(frozen=True)
class Completed:
    """A published run and what to tell the operator of it."""

    manifest: Manifest
    delivery: Delivery
    after_as_of: int


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
    rules = load_rules()
    parent = latest_run(workspace)
    with stage(workspace, grant, actor=actor) as staged:
        begin("output.stage_read")
        delivery = _read(delivery_folder, sources, grant, today, parameters)
        extracts, after_as_of = _until(delivery.extracts, parameters.as_of)
        linked = _link(workspace, parent, extracts, _measurements(sources, grant), parameters.as_of, begin)
        begin("output.stage_indicators")
        indicators = compute_indicators(linked.timeline, linked.persons, rules, parameters.as_of)
        begin("output.stage_flags")
        flags = raise_flags(
            indicators,
            linked.timeline,
            linked.persons,
            rules,
            capacity=parameters.capacity,
            min_link_confidence=parameters.min_link_confidence,
        )
        begin("output.stage_publish")
        _keep(staged, delivery, linked, indicators, flags)
        manifest = staged.publish(
            inputs=_inputs(delivery),
            parameters=_parameters(parameters, rules, sources, grant),
            counts=_counts(delivery, after_as_of, linked, indicators, flags),
            seeds=SEEDS,
            as_of=parameters.as_of,
            parent=parent,
        )
    return Completed(manifest, delivery, after_as_of)


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
        name: [item for item in sources[name].measurements if columns == "*" or item in columns]
        for name, columns in grant.columns.items()
    }


def _link(
    workspace: Workspace,
    parent: str | None,
    extracts: Mapping[str, pl.DataFrame],
    measurements: Mapping[str, list[str]],
    as_of: date | None,
    begin: Progressing,
) -> Linked:
    """Link the delivered records among themselves and to the children earlier runs knew."""
    begin("output.stage_standardise")
    records = pl.concat([frame.select(RECORDS.names()).cast(RECORDS) for frame in extracts.values()])
    known = _earlier(workspace, parent, "spine", pl.Schema({name: LINKS[name] for name in [*RECORD, "person_id"]}))
    before = _earlier(workspace, parent, "records", RECORDS).join(records, on=RECORD, how="anti")
    usable = pl.col("source").is_in(list(extracts)) & (pl.col("as_of") <= (as_of or date.max))
    everything = pl.concat([records, before.filter(usable)]).sort(RECORD)
    keys = standardise(everything)
    begin("output.stage_link")
    linkage = link(keys, seed=SEEDS["linkage"])
    clustered = linkage.profiles.members.join(linkage.clusters.assignment, on="profile").select(*RECORD, "cluster")
    spine = assign_person_ids(clustered, known, key=workspace.custody.secret(SPINE_KEY))
    delivered = spine.links.join(records, on=RECORD, how="semi")
    linked_now = spine.links.select(*RECORD, "person_id")
    links = person_links(delivered, linkage.profiles.members, linkage.clusters)
    begin("output.stage_timeline")
    return Linked(
        links=links,
        persons=persons(records, delivered, linkage.clusters),
        timeline=build_timeline(extracts, measurements, links),
        traits=record_traits(keys.join(records, on=RECORD, how="semi")),
        spine=spine,
        known=pl.concat([linked_now, known.join(linked_now, on=RECORD, how="anti")]).sort(RECORD),
        linkage=linkage,
        records=everything,
        identities=identities(records, links),
    )


def _earlier(workspace: Workspace, parent: str | None, name: str, schema: pl.Schema) -> pl.DataFrame:
    """An artefact of the run before; empty where there was none."""
    return pl.DataFrame(schema=schema) if parent is None else read_artefact(workspace, parent, name)


def _keep(staged: StagedRun, delivery: Delivery, linked: Linked, indicators: pl.DataFrame, flags: Flags) -> None:
    """Write every artefact under the key of its class."""
    pseudonymous = {
        "persons": linked.persons,
        "timeline": linked.timeline,
        "indicators": indicators,
        "flags": flags.shown,
        "held_flags": flags.held,
        "spine_events": linked.spine.events,
    }
    naming = {  # these hold names, or the sources' own numbers beside person ids
        "links": linked.links,
        "rejects": delivery.rejects,
        "traits": linked.traits,
        "spine": linked.known,
        "identities": linked.identities,
        "records": linked.records,
    }
    for name, frame in pseudonymous.items():
        staged.write_frame(name, frame, DataClass.PSEUDONYMOUS)
    for name, frame in naming.items():
        staged.write_frame(name, frame, DataClass.IDENTITIES)
    staged.write_document("model", linked.linkage.model.as_json(), DataClass.STATISTICS)


def _inputs(delivery: Delivery) -> list[Input]:
    return [
        Input(
            name=file.name,
            source=file.source,
            sha256=file.sha256,
            delivered=file.delivered,
            accepted=file.accepted,
            set_aside=file.set_aside,
        )
        for file in delivery.files
    ]


def _parameters(parameters: Parameters, rules: Rules, sources: Mapping[str, Source], grant: Grant) -> dict[str, Any]:
    return {
        "capacity": parameters.capacity,
        "max_set_aside": parameters.max_set_aside,
        "min_link_confidence": parameters.min_link_confidence,
        "indicator_rules": rules.version,
        "sources": {name: sources[name].model_dump(mode="json") for name in grant.columns},
    }


def _counts(
    delivery: Delivery, after_as_of: int, linked: Linked, indicators: pl.DataFrame, flags: Flags
) -> dict[str, dict[str, int]]:
    events = linked.spine.events
    return {
        "delivery": {
            "delivered": sum(file.delivered for file in delivery.files),
            "accepted": sum(file.accepted for file in delivery.files),
            "set_aside": sum(file.set_aside for file in delivery.files),
            "after_as_of": after_as_of,
        },
        "link": {
            "records": linked.links.height,
            "profiles": linked.linkage.profiles.profiles.height,
            "pairs": linked.linkage.pairs.height,
            "persons": linked.persons.height,
            "merged": events.filter(pl.col("kind") == "merged").height,
            "split": events.filter(pl.col("kind") == "split").height,
        },
        "timeline": {"observations": linked.timeline.height},
        "indicators": {"values": indicators.height},
        "flags": {"shown": flags.shown.height, "held": flags.held.height},
    }
