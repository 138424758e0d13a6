"""What a linkage leaves for the next: flat tables from which a later delivery is linked with what is known.

The tables hold names and the sources' own numbers; they are to be kept under the key of identities only.
"""

import hashlib
import importlib.metadata
from typing import Any

import polars as pl

from linkage.clusters import Clusters
from linkage.comparisons import COMPARISONS
from linkage.linked import Known, Linkage
from linkage.model import Model
from linkage.profiles import SET_ATTRIBUTES, Profiles
from vocabulary.errors import IntegrityError
from vocabulary.frames import STANDARDISED

VERSION = 4
"""Raised when profiles, levels or keys come to mean something else, so that what was kept before is linked anew."""

TABLES = ("keys", "members", "profiles", "pairs", "cluster_assignment", "cluster_confidence", "cluster_joinings")
"""Names of the tables."""

BETWEEN_VALUES = "\x1f"
"""Unit separator: parts the values of a set in a flat table."""


MODEL_OF = ("linkage", "comparisons")
"""Parts of `engine` on which the meaning of a model rests."""


def engine() -> dict[str, Any]:
    """What the tables and the model depend on beside the records."""
    comparisons = hashlib.sha256(repr(COMPARISONS).encode()).hexdigest()[:12]
    versions = {name: importlib.metadata.version(name) for name in ("polars", "duckdb", "splink")}
    return {"linkage": VERSION, "comparisons": comparisons} | versions


def as_tables(linkage: Linkage) -> dict[str, pl.DataFrame]:
    """The `TABLES` of a linkage. Sets are texts, their values parted by `BETWEEN_VALUES`; an empty set is null."""
    sets = pl.col(*SET_ATTRIBUTES)
    return {
        "keys": linkage.keys.with_columns(_joined(pl.col("words"))),
        "members": linkage.profiles.members,
        "profiles": linkage.profiles.profiles.with_columns(_joined(sets)),
        "pairs": linkage.pairs,
        "cluster_assignment": linkage.by_evidence.assignment,
        "cluster_confidence": linkage.by_evidence.confidence,
        "cluster_joinings": linkage.by_evidence.joinings,
    }


def from_tables(tables: dict[str, pl.DataFrame]) -> Known:
    """What `as_tables` gave, to link with."""
    parted = pl.col(*SET_ATTRIBUTES).str.split(BETWEEN_VALUES).fill_null([])
    return Known(
        keys=tables["keys"].with_columns(pl.col("words").str.split(BETWEEN_VALUES)).cast(STANDARDISED),
        profiles=Profiles(tables["profiles"].with_columns(parted), tables["members"]),
        pairs=tables["pairs"],
        by_evidence=Clusters(*(tables[f"cluster_{part}"] for part in ("assignment", "confidence", "joinings"))),
    )


def model_document(model: Model) -> dict[str, Any]:
    """The model as it is kept: its version, what it was made with, its parameters."""
    return {"version": model.version, "engine": engine(), "parameters": model.as_json()}


def read_model(document: object) -> Model | None:
    """The model of a document; None where it was made by an engine whose levels mean something else.

    Raises
    ------
    IntegrityError
        The parameters are not those of the version it states.
    """
    if not isinstance(document, dict):
        return None
    made_by = document.get("engine", {})
    if any(made_by.get(part) != engine()[part] for part in MODEL_OF):
        return None
    model = Model(**document["parameters"])
    if model.version != document["version"]:
        raise IntegrityError("linkage.model_altered", version=document["version"])
    return model


def _joined(values: pl.Expr) -> pl.Expr:
    return pl.when(values.list.len() > 0).then(values.list.join(BETWEEN_VALUES))
