"""What earlier runs left for the next one, read from the artefacts of the last of them.

Records and measurements age: those whose retention as extracts has ended since they were delivered last are not
carried on. Their person ids are, with the sources' numbers, so that a child is found again by them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from governance.runs import held_artefacts, read_artefact, read_document
from governance.workspace import Workspace
from linkage.linked import Known
from linkage.model import Model
from linkage.state import TABLES, engine, from_tables, read_model
from vocabulary.frames import PERSONS, RECORD, RECORDS, SPINE, TIMELINE

EXTRACT = "extract_"
"""Artefacts that hold the measurements of a source, by record."""

DELIVERIES = "deliveries"
"""The artefact that says until when each record is carried on."""

KEPT_UNTIL = pl.Schema({name: RECORDS[name] for name in RECORD} | {"kept_until": pl.Date()})
"""A record and its last day; null where the run that read it did not tell."""


@dataclass(frozen=True)
class Earlier:
    """Earlier runs, as of the last one; `run_id` is None where there is none."""

    workspace: Workspace
    run_id: str | None
    day: date | None = None  # of the run that continues them; None: nothing ages

    @cached_property
    def records(self) -> pl.DataFrame:
        """RECORDS that are kept still, as delivered last."""
        return self._carried_on(self._table("records", RECORDS))

    @cached_property
    def spine(self) -> pl.DataFrame:
        """SPINE of every record ever linked."""
        return self._table("spine", SPINE)

    def spine_for(self, records: pl.DataFrame) -> pl.DataFrame:
        """SPINE, and for new ones among `records` the person whose aged records had their number, where it was one."""
        number = ["source", "local_id"]
        gone = self.spine.join(self.records, on=RECORD, how="anti").join(self.records, on=number, how="anti")
        owners = gone.group_by(number).agg(pl.col("person_id").unique()).filter(pl.col("person_id").list.len() == 1)
        new = records.select(RECORD).join(self.spine, on=RECORD, how="anti")
        found = new.join(owners.explode("person_id"), on=number).select(SPINE.names())
        return pl.concat([self.spine, found.sort(RECORD)])

    def with_deliveries(self, delivered: pl.DataFrame, kept_until: date) -> pl.DataFrame:
        """KEPT_UNTIL of all records: as given for those delivered now, and where earlier runs did not tell."""
        now = pl.lit(kept_until, pl.Date).alias("kept_until")
        before = self.records.select(RECORD).join(self._deliveries, on=RECORD, how="left")
        rest = before.join(delivered, on=RECORD, how="anti").with_columns(pl.col("kept_until").fill_null(now))
        return pl.concat([delivered.select(*RECORD, now), rest.select(KEPT_UNTIL.names())]).sort(RECORD)

    @cached_property
    def _deliveries(self) -> pl.DataFrame:
        return self._table(DELIVERIES, KEPT_UNTIL)

    @cached_property
    def _aged(self) -> pl.DataFrame:
        """Records whose last day is before the day of the run that continues."""
        return self._deliveries.filter(pl.col("kept_until") < pl.lit(self.day, pl.Date))

    @cached_property
    def timeline(self) -> pl.DataFrame:
        """TIMELINE of the last run."""
        return self._table("timeline", TIMELINE)

    @cached_property
    def persons(self) -> pl.DataFrame:
        """PERSONS of the last run."""
        return self._table("persons", PERSONS)

    @cached_property
    def former(self) -> pl.DataFrame:
        """SPINE of ids that were merged into others."""
        return self._table("former", SPINE)

    @cached_property
    def model(self) -> Model | None:
        """The linkage model in use; None where there is none, or none that today's comparisons can use."""
        return read_model(self._document("model"))

    def linkage(self, usable: pl.DataFrame) -> Known | None:
        """The linkage of the last run, to link with; None where it cannot be.

        It can where all its records, and the shared numbers it used, are among `usable` and the engine at hand made it.
        """
        document = self._document("model")
        if not isinstance(document, dict) or document.get("engine") != engine() or not self._held.issuperset(TABLES):
            return None
        tables = {name: self._table(name) for name in TABLES}
        known = from_tables(tables)
        held = usable.select(*RECORD, pl.lit(True).alias("is_held"), pl.col("shared_number").alias("may_use"))
        found = known.keys.select(*RECORD, "shared_number").join(held, on=RECORD, how="left")
        withdrawn = pl.col("shared_number").is_not_null() & pl.col("may_use").is_null()
        return None if found.filter(pl.col("is_held").is_null() | withdrawn).height else known

    def with_records(self, delivered: pl.DataFrame) -> pl.DataFrame:
        """RECORDS of earlier runs and of this one; a record delivered again is as it was delivered last."""
        return pl.concat([delivered, self.records.join(delivered, on=RECORD, how="anti")]).sort(RECORD)

    def with_extracts(self, extracts: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """By source, the measurements of earlier runs and of this one, by record."""
        now = {source: frame.drop(*set(RECORDS) - set(RECORD), "file", "line") for source, frame in extracts.items()}
        return now | {source: _together(before, now.get(source)) for source, before in self._extracts().items()}

    def _extracts(self) -> dict[str, pl.DataFrame]:
        names = sorted(name for name in self._held if name.startswith(EXTRACT))
        return {name.removeprefix(EXTRACT): self._carried_on(self._table(name)) for name in names}

    def _carried_on(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of records that are kept still."""
        return rows if self._aged.is_empty() else rows.join(self._aged, on=RECORD, how="anti", maintain_order="left")

    @cached_property
    def _held(self) -> frozenset[str]:
        """Names of the artefacts that were not disposed of."""
        return frozenset() if self.run_id is None else held_artefacts(self.workspace, self.run_id)

    def _table(self, name: str, schema: pl.Schema | None = None) -> pl.DataFrame:
        """An artefact; empty where it was never made or is disposed of. Columns that `schema` got since are null."""
        frames = [] if schema is None else [pl.DataFrame(schema=schema)]
        if self.run_id is not None and name in self._held:
            frames.append(read_artefact(self.workspace, self.run_id, name))
        return pl.concat(frames, how="diagonal_relaxed")

    def _document(self, name: str) -> object:
        return read_document(self.workspace, self.run_id, name) if self.run_id and name in self._held else None


def _together(before: pl.DataFrame, now: pl.DataFrame | None) -> pl.DataFrame:
    """Rows of both, of a record delivered again those of now; a column whose type changed becomes text."""
    if now is None:
        return before
    changed = [name for name in before.columns if name in now.columns and before.schema[name] != now.schema[name]]
    as_text = pl.col(changed).cast(pl.String)
    rest = before.join(now, on=RECORD, how="anti")
    return pl.concat([rest.with_columns(as_text), now.with_columns(as_text)], how="diagonal")
