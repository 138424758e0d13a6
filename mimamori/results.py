"""What a run made: kept as artefacts, each under the key of its class, and told in the manifest by counts."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from governance.custody import DataClass
from governance.digest import frame_digest, sha256_json
from governance.manifest import Input
from governance.staging import StagedRun
from indicators.flags import Flags
from linkage.delivery import Delivery
from linkage.state import as_tables, model_document
from mimamori.conditions import CORRECTIONS, DECISIONS, OBJECTIONS, RULES, Conditions
from mimamori.known import DELIVERIES, EXTRACT
from mimamori.linking import Linked
from mimamori.quality import quality
from vocabulary.frames import OUTPUTS

STAGES = ("read", "link", "timeline", "indicators", "judgements", "flags")
"""Stages whose results are kept, in the order in which one rests on another."""

EXPORTED = (*OUTPUTS, "held_flags", "events", "judgements")
"""Tables that `mimamori export` writes."""

QUALITY = "quality"
"""The document of what `mimamori.quality` reckons of a run."""


@dataclass(frozen=True)
class Results:
    """The outcome of every stage."""

    delivery: Delivery
    population: dict[str, int]  # rows within and outside the approval's population; empty where it states none
    after_as_of: int  # rows left out because they were not yet known
    linked: Linked
    indicators: pl.DataFrame
    judgements: pl.DataFrame
    flags: Flags


@dataclass(frozen=True)
class Kept:
    """What is kept as one artefact: a table, or a JSON value."""

    stage: str
    name: str
    content: pl.DataFrame | dict[str, Any]
    data_class: DataClass

    @property
    def sha256(self) -> str:
        """Digest of the content, as the manifest names it."""
        return frame_digest(self.content) if isinstance(self.content, pl.DataFrame) else sha256_json(self.content)


def artefacts(results: Results, conditions: Conditions) -> list[Kept]:
    """Everything that a run keeps, each under the key of its class."""
    linked, flags = results.linked, results.flags
    pseudonymous: dict[str, dict[str, pl.DataFrame]] = {
        "link": {"persons": linked.persons, "events": linked.spine.events},
        "timeline": {"timeline": linked.timeline},
        "indicators": {"indicators": results.indicators},
        "judgements": {"judgements": results.judgements},
        "flags": {"flags": flags.shown, "held_flags": flags.held},
    }
    extracts: dict[str, dict[str, pl.DataFrame]] = {  # rows as delivered, and what was compared of them
        "read": {
            "rejects": results.delivery.rejects,
            "records": linked.records,
            DELIVERIES: linked.deliveries,
            CORRECTIONS: conditions.heeded.corrections,
            **{f"{EXTRACT}{source}": extract for source, extract in linked.extracts.items()},
        },
        "link": {**as_tables(linked.linkage), "identities": linked.identities},
    }
    numbers: dict[str, dict[str, pl.DataFrame]] = {  # the sources' own numbers beside person ids
        "read": {DECISIONS: conditions.decisions, OBJECTIONS: conditions.heeded.objected},
        "link": {
            "joinings": linked.linkage.clusters.joinings,
            "traits": linked.traits,
            "spine": linked.known,
            "former": linked.spine.former,
            "links": linked.links,
        },
    }
    documents: dict[str, dict[str, dict[str, Any]]] = {
        "read": {RULES: conditions.rules_document()},
        "link": {"model": model_document(linked.linkage.model)},
        "flags": {QUALITY: _quality(results, calibrated=conditions.scorecard is not None)},
    }
    classes = (
        (extracts, DataClass.EXTRACTS),
        (numbers, DataClass.IDENTITIES),
        (documents, DataClass.STATISTICS),
        (pseudonymous, DataClass.PSEUDONYMOUS),
    )
    return [
        Kept(stage, name, content, data_class)
        for stage in STAGES
        for by_stage, data_class in classes
        for name, content in by_stage.get(stage, {}).items()
    ]


def _quality(results: Results, *, calibrated: bool) -> dict[str, Any]:
    linked, flags = results.linked, results.flags
    return quality(linked.links, linked.persons, flags.shown, flags.held, calibrated=calibrated)


def keep(staged: StagedRun, results: Results, conditions: Conditions) -> None:
    """Write every artefact under the key of its class."""
    for one in artefacts(results, conditions):
        if isinstance(one.content, pl.DataFrame):
            staged.write_frame(one.name, one.content, one.data_class)
        else:
            staged.write_document(one.name, one.content, one.data_class)


def inputs(delivery: Delivery) -> list[Input]:
    """The delivered files, for the manifest."""
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


def counts(results: Results) -> dict[str, dict[str, int]]:
    """What went into and came out of each stage, for the manifest."""
    files, linked, events = results.delivery.files, results.linked, results.linked.spine.events
    told = {
        "delivery": {
            "delivered": sum(file.delivered for file in files),
            "accepted": sum(file.accepted for file in files),
            "set_aside": sum(file.set_aside for file in files),
            "after_as_of": results.after_as_of,
        },
        "rejects": rejects_by_rule(results.delivery.rejects),
        "link": {
            "records": linked.links.height,
            "profiles": linked.linkage.profiles.profiles.height,
            "pairs": linked.linkage.pairs.height,
            "persons": linked.persons.height,
            "merged": events.filter(pl.col("kind") == "merged").height,
            "split": events.filter(pl.col("kind") == "split").height,
            "known_records": linked.known.height,
            "newly_linked": linked.newly_linked,
        },
        "timeline": {"observations": linked.timeline.height},
        "indicators": {"values": results.indicators.height},
        "judgements": {"judgements": results.judgements.height},
        "flags": {"shown": results.flags.shown.height, "held": results.flags.held.height},
    }
    return told | ({"population": results.population} if results.population else {})


def rejects_by_rule(rejects: pl.DataFrame) -> dict[str, int]:
    """How many rows of REJECTS each rule set aside, by `source.rule`."""
    told = rejects.group_by(pl.concat_str("source", "rule", separator=".").alias("rule")).len().sort("rule")
    return dict(told.iter_rows())
