"""Frames on their way to Spark and back: several packed into one, in types that Spark knows."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import polars as pl
import pyarrow as pa

Frames = dict[str, pl.DataFrame]

PART = "part"
"""Column that numbers the parts beside packed frames."""

_SIGNED: dict[pl.DataType, pl.DataType] = {
    pl.UInt8(): pl.Int16(),
    pl.UInt16(): pl.Int32(),
    pl.UInt32(): pl.Int64(),
    pl.UInt64(): pl.Int64(),
}
"""Spark has no unsigned numbers. Those of 64 bits, which are hashes, keep their bits and lose their order."""


def pack(frames: Frames, by: Sequence[str] = ()) -> pl.DataFrame:
    """Frames one below the other: a structure named after the frame a row is of, and beside it its columns `by`."""
    rows = [frame.select(*by, pl.struct(pl.all()).alias(name)) for name, frame in frames.items()]
    return pl.concat(rows, how="diagonal")


def unpack(packed: pl.DataFrame, schemas: Mapping[str, pl.Schema]) -> Frames:
    """The frames that were packed, `by` left out, in the types of `schemas`."""
    return {
        name: _cast(packed.filter(pl.col(name).is_not_null()).select(name).unnest(name), schema)
        for name, schema in schemas.items()
    }


def to_arrow(frame: pl.DataFrame) -> pa.Table:
    """An Arrow table of types that Spark takes."""
    signed = {name: _signed(dtype) for name, dtype in frame.schema.items()}
    table = _cast(frame, signed).to_arrow(compat_level=pl.CompatLevel.oldest())
    return table.cast(pa.schema([column.with_type(_small(column.type)) for column in table.schema]))


def over_parts(
    function: Callable[[Frames], Frames], taken: Mapping[str, pl.Schema]
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """`function` as Spark calls it (`mapInArrow`): with the packed batches of one part, for batches of its result."""

    def of_part(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pyspark import TaskContext

        held = list(batches)
        if held:
            given = function(unpack(pl.DataFrame(pa.Table.from_batches(held)), taken))
            context = TaskContext.get()
            yield from to_arrow(with_part(pack(given), context.partitionId() if context else 0)).to_batches()

    return of_part


def with_part(packed: pl.DataFrame, part: int) -> pl.DataFrame:
    """Packed frames with the number of the part they were given of."""
    return packed.with_columns(pl.lit(part, pl.Int32).alias(PART))


def schemas_of(frames: Frames) -> dict[str, pl.Schema]:
    """The schema of each frame."""
    return {name: frame.schema for name, frame in frames.items()}


def without_rows(frames: Frames) -> Frames:
    """The frames, their rows left out."""
    return {name: frame.clear() for name, frame in frames.items()}


def _small(dtype: pa.DataType) -> pa.DataType:
    """The type with offsets of 32 bits: Spark takes no longer lists."""
    if pa.types.is_large_string(dtype):
        return pa.string()
    if pa.types.is_large_list(dtype):
        return pa.list_(_small(dtype.value_type))
    if pa.types.is_struct(dtype):
        return pa.struct([field.with_type(_small(field.type)) for field in dtype])
    return dtype


def _cast(frame: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(dtype, wrap_numerical=True) for name, dtype in schema.items())


def _signed(dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, pl.List):
        return pl.List(_signed(dtype.inner))  # type: ignore[arg-type]  # an instance, as in every schema of a frame
    if isinstance(dtype, pl.Struct):
        return pl.Struct({field.name: _signed(field.dtype) for field in dtype.fields})  # type: ignore[arg-type]
    return _SIGNED.get(dtype, dtype)
