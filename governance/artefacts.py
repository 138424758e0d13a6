"""A run's tables and documents on disk: encrypted as they are written, never in plaintext.

Tables are Parquet under Parquet's own encryption (AES-256-GCM on every page and on the footer), not Parquet bytes
encrypted as one piece: so a table of any length is written and read a row group at a time, a reader takes only
the columns it needs, and each page is authenticated together with its place in its file and its run. The stored bytes
differ from run to run, because keys and nonces are random; therefore an artefact has two digests, one of the stored
bytes, which proves the file, and one of its content, by which a replay is compared.
"""

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256 as new_sha256
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as parquet

from governance.custody import DataClass, RunKeys
from governance.digest import canonical_json, csv_header, csv_rows, sha256, sha256_file
from governance.manifest import Output
from vocabulary.errors import IntegrityError

ROW_GROUP = 250_000
"""Rows encrypted, and held a second time, at once."""


def write_frame(
    keys: RunKeys, folder: Path, name: str, frame: pl.DataFrame | pl.LazyFrame, data_class: DataClass
) -> Output:
    """Write a table as `<name>.parquet`.

    Parameters
    ----------
    keys
        Of the run.
    folder
        Of the run.
    name
        Of the artefact.
    frame
        The table; a lazy one is run in batches and never held whole.
    data_class
        Whose key encrypts it.
    """
    schema = frame.collect_schema()
    path = folder / f"{name}.parquet"
    digest = new_sha256(csv_header(schema))
    rows = 0
    arrow_schema = _arrow(pl.DataFrame(schema=schema)).schema
    with parquet.ParquetWriter(
        path,
        arrow_schema,
        compression="zstd",
        use_dictionary=[column for column, kind in schema.items() if not kind.is_float()],  # floats seldom repeat
        write_statistics=False,  # nobody reads them
        encryption_properties=keys.parquet_encryption(data_class, name),
    ) as writer:
        for part in _parts(frame):
            writer.write_table(_arrow(part).cast(arrow_schema), row_group_size=ROW_GROUP)
            for piece in csv_rows(part):
                digest.update(piece)
            rows += part.height
    return Output(
        name=name,
        file=path.name,
        data_class=data_class,
        rows=rows,
        sha256=sha256_file(path),
        content_sha256=digest.hexdigest(),
    )


def read_parts(
    keys: RunKeys, folder: Path, output: Output, columns: Iterable[str] | None = None
) -> Iterator[pl.DataFrame]:
    """A table's rows in their order, a row group at a time.

    Raises
    ------
    IntegrityError
        The file is gone, or is not what was written under this name in this run.
    """
    wanted = None if columns is None else list(columns)
    try:
        file = parquet.ParquetFile(
            folder / output.file, decryption_properties=keys.parquet_decryption(output.data_class, output.name)
        )
        if not file.num_row_groups:
            yield _polars(file.read(columns=wanted), wanted)
        for group in range(file.num_row_groups):
            yield _polars(file.read_row_group(group, columns=wanted), wanted)
    except (OSError, ValueError):  # pyarrow's errors of decryption and of format are of these
        raise IntegrityError("custody.not_authentic", run=keys.run_id, name=output.name) from None


def read_frame(keys: RunKeys, folder: Path, output: Output, columns: Iterable[str] | None = None) -> pl.DataFrame:
    """A whole table, or some columns of it. Errors as of `read_parts`."""
    return pl.concat(read_parts(keys, folder, output, columns))


def write_document(keys: RunKeys, folder: Path, name: str, value: object, data_class: DataClass) -> Output:
    """Write a JSON value as `<name>.json.enc`."""
    content = canonical_json(value)
    path = folder / f"{name}.json.enc"
    path.write_bytes(keys.encrypt(data_class, name, content))
    return Output(
        name=name,
        file=path.name,
        data_class=data_class,
        rows=None,
        sha256=sha256_file(path),
        content_sha256=sha256(content),
    )


def read_document(keys: RunKeys, folder: Path, output: Output) -> object:
    """The JSON value of a document. Errors as of `read_parts`."""
    try:
        stored = (folder / output.file).read_bytes()
    except FileNotFoundError:
        raise IntegrityError("custody.not_authentic", run=keys.run_id, name=output.name) from None
    return json.loads(keys.decrypt(output.data_class, output.name, stored))


def _parts(frame: pl.DataFrame | pl.LazyFrame) -> Iterator[pl.DataFrame]:
    if isinstance(frame, pl.DataFrame):
        yield from frame.iter_slices(ROW_GROUP)
    else:
        yield from frame.collect_batches(chunk_size=ROW_GROUP, maintain_order=True)


def _arrow(frame: pl.DataFrame) -> Any:
    return frame.to_arrow(compat_level=pl.CompatLevel.newest())  # texts as polars holds them, not copied


def _polars(table: object, wanted: list[str] | None) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("a Parquet file holds a table")
    return frame if wanted is None else frame.select(wanted)  # pyarrow passes over columns it does not find
