"""What a run made: kept as artefacts, each under the key of its class, and told in the manifest by counts."""

from dataclasses import dataclass

import polars as pl

from governance.custody import DataClass
from governance.manifest import Input
from governance.staging import StagedRun
from indicators.flags import Flags
from linkage.delivery import Delivery
from linkage.state import as_tables, model_document
from mimamori.known import EXTRACT
from mimamori.linking import Linked


@dataclass(frozen=True)
class Results:
    """The outcome of every stage."""

    delivery: Delivery
    after_as_of: int  # rows left out because they were not yet known
    linked: Linked
    indicators: pl.DataFrame
    judgements: pl.DataFrame
    flags: Flags


def keep(staged: StagedRun, results: Results) -> None:
    """Write every artefact under the key of its class."""
    linked, flags = results.linked, results.flags
    pseudonymous = {
        "persons": linked.persons,
        "timeline": linked.timeline,
        "indicators": results.indicators,
        "judgements": results.judgements,
        "flags": flags.shown,
        "held_flags": flags.held,
        "events": linked.spine.events,
    }
    naming = {  # these hold names, or the sources' own numbers beside person ids
        "links": linked.links,
        "rejects": results.delivery.rejects,
        "traits": linked.traits,
        "spine": linked.known,
        "identities": linked.identities,
        "former": linked.spine.former,
        "records": linked.records,
        "joinings": linked.linkage.clusters.joinings,
        **as_tables(linked.linkage),
        **{f"{EXTRACT}{source}": extract for source, extract in linked.extracts.items()},
    }
    for name, frame in pseudonymous.items():
        staged.write_frame(name, frame, DataClass.PSEUDONYMOUS)
    for name, frame in naming.items():
        staged.write_frame(name, frame, DataClass.IDENTITIES)
    staged.write_document("model", model_document(linked.linkage.model), DataClass.STATISTICS)


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
    return {
        "delivery": {
            "delivered": sum(file.delivered for file in files),
            "accepted": sum(file.accepted for file in files),
            "set_aside": sum(file.set_aside for file in files),
            "after_as_of": results.after_as_of,
        },
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
