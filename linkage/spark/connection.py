"""Spark behind the calls of a DuckDB connection that linkage makes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from linkage.spark.dialect import table_made, to_spark
from linkage.spark.parts import PART, Frames, over_parts, pack, schemas_of, to_arrow, unpack, with_part, without_rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True)
class SparkRelation:
    """The result of a query."""

    rows: "DataFrame"

    def pl(self) -> pl.DataFrame:
        """Collect it on the driver. Spark has no unsigned numbers, so all are signed."""
        return pl.DataFrame(self.rows.toArrow())


@dataclass(frozen=True)
class SparkConnection:
    """Tables in a Spark session (`linkage.spark.session`), asked in DuckDB's SQL."""

    session: "SparkSession"
    _kept: dict[str, "DataFrame"] = field(default_factory=dict)

    def register(self, name: str, frame: pl.DataFrame) -> None:
        """Make a frame the table `name`."""
        self._frame(frame).createOrReplaceTempView(name)

    def unregister(self, name: str) -> None:
        """Forget the table `name`."""
        self.session.catalog.dropTempView(name)

    def execute(self, statement: str) -> None:
        """Run `CREATE [OR REPLACE] [TEMP] TABLE name AS query`. The table is computed when it is first asked for."""
        name, query = table_made(statement)
        if name in self._kept:
            self._kept.pop(name).unpersist()
        self._kept[name] = self.session.sql(query).persist()
        self._kept[name].createOrReplaceTempView(name)

    def sql(self, query: str) -> SparkRelation:
        """Run a query."""
        return SparkRelation(self.session.sql(to_spark(query)))

    def in_parts(self, function: Callable[[Frames], Frames], frames: Frames, *, by: Sequence[str]) -> list[Frames]:
        """As `linkage.engine.in_parts`."""
        from pyspark.sql.pandas.types import from_arrow_schema

        given = function(without_rows(frames))
        schema = from_arrow_schema(to_arrow(with_part(pack(given), 0)).schema)
        packed = self._frame(pack(frames, by)).repartition(*by)
        done = packed.mapInArrow(over_parts(function, schemas_of(frames)), schema)
        return [unpack(part, schemas_of(given)) for part in SparkRelation(done).pl().partition_by(PART)]

    def _frame(self, frame: pl.DataFrame) -> "DataFrame":
        from pyspark.sql.pandas.types import from_arrow_schema

        table = to_arrow(frame)
        # pyspark takes no Arrow table without rows
        return self.session.createDataFrame(table if table.num_rows else [], from_arrow_schema(table.schema))
