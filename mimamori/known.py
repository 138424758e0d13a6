"""What earlier runs left for the next one, read from the artefacts of the last of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from governance.runs import held_artefacts, read_artefact, read_document
from governance.workspace import Workspace
from linkage.link import Known
from linkage.model import Model
from linkage.state import TABLES, engine, from_tables, read_model
from vocabulary.frames import RECORD, RECORDS, SPINE

EXTRACT = "extract_"
"""Artefacts that hold the measurements of a source, by record."""


@dataclass(frozen=True)
class Earlier:
    """Earlier runs, as of the last one; `run_id` is None where there is none."""

    workspace: Workspace
    run_id: str | None

    @cached_property
    def records(self) -> pl.DataFrame:
        """RECORDS of every record ever accepted, as delivered last."""
        return self._table("records", RECORDS)

    @cached_property
    def spine(self) -> pl.DataFrame:
        """SPINE of every record ever linked."""
        return self._table("spine", SPINE)

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
        known = from_tables({name: self._table(name) for name in TABLES})
        held = usable.select(*RECORD, may_use="shared_number")
        found = known.keys.join(held, on=RECORD, how="left").filter(pl.col("may_use").is_null())
        gone = known.keys.join(usable, on=RECORD, how="anti").height
        return None if gone or found["shared_number"].drop_nulls().len() else known

    def with_records(self, delivered: pl.DataFrame) -> pl.DataFrame:
        """RECORDS of earlier runs and of this one; a record delivered again is as it was delivered last."""
        return pl.concat([delivered, self.records.join(delivered, on=RECORD, how="anti")]).sort(RECORD)

    def with_extracts(self, extracts: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """By source, the measurements of earlier runs and of this one, by record."""
        now = {source: frame.drop(*set(RECORDS) - set(RECORD), "file", "line") for source, frame in extracts.items()}
        return now | {source: _together(before, now.get(source)) for source, before in self._extracts().items()}

    def _extracts(self) -> dict[str, pl.DataFrame]:
        names = sorted(name for name in self._held if name.startswith(EXTRACT))
        return {name.removeprefix(EXTRACT): self._table(name) for name in names}

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
