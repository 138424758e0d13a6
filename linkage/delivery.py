"""A delivery: the files of each source, read, and their rows accepted or set aside. All input of linkage happens here.

    folder → files of the approved sources → bytes → text → rows → accepted rows + rejects

A file is read whole or refused. Only approved sources are opened and only approved columns parsed. Whatever happens to
a row, accepted + set aside = delivered; that is checked, not assumed.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from linkage.acceptance import Acceptance, accept
from linkage.rules import Rule
from linkage.table import SUFFIXES, Table, read_table
from vocabulary.errors import DeliveryError, IntegrityError
from vocabulary.frames import REJECTS
from vocabulary.source import BY_NAME_ONLY, IDENTITY_COLUMNS, Source
from vocabulary.texts import text


@dataclass(frozen=True)
class Notice:
    """What was kept but should be looked at, or left out without harm: the key of a text and its values."""

    key: str
    values: Mapping[str, Any]

    def __str__(self) -> str:
        return text(self.key, **self.values)


@dataclass(frozen=True)
class DeliveredFile:
    """A file as it was read: name within the delivery, SHA-256 of its bytes, and what became of its rows."""

    source: str
    name: str
    sha256: str
    delivered: int
    accepted: int
    set_aside: int


@dataclass(frozen=True)
class Delivery:
    """What a delivery gave.

    Attributes
    ----------
    extracts
        Accepted rows of each delivered source: `vocabulary.frames.KEY` and `IDENTITY`, the approved measurements (flag
        and integer Int32, number Float64, the others String; codes sorted and joined by `;`), `file` and `line`.
    rejects
        Schema `vocabulary.frames.REJECTS`, one row a set-aside row.
    notices
        What was kept but should be looked at.
    files
        The files read.
    """

    extracts: dict[str, pl.DataFrame]
    rejects: pl.DataFrame
    notices: tuple[Notice, ...]
    files: tuple[DeliveredFile, ...]


@dataclass(frozen=True)
class _ReadFile:
    name: str
    table: Table

    @property
    def delivered(self) -> int:
        return self.table.rows.height + self.table.ragged.height


def delivered_sources(folder: Path, sources: Collection[str]) -> list[str]:
    """Names of `sources` that have a file in the delivery; none is opened."""
    return [name for name in sources if _files(folder, name)]


def read_delivery(
    folder: Path,
    *,
    sources: Mapping[str, Source],
    columns: Mapping[str, str | Collection[str]],
    today: date,
    max_set_aside: float = 0.2,
) -> Delivery:
    """Read what is approved of a delivery.

    Parameters
    ----------
    folder
        The delivery.
    sources
        Specifications by name.
    columns
        Approved sources, and of each the approved measured columns ("*" for all). Identity columns are approved with
        their source, but for those of `BY_NAME_ONLY`, which are read where they are listed.
    today
        The day of the processing; no row may be dated after it.
    max_set_aside
        Share of a source's rows above which it counts as damaged.

    Raises
    ------
    DeliveryError
        No file of an approved source; a file that is empty, undecodable, not Parquet or without the required headers;
        or too large a share set aside. Nothing is kept.
    IntegrityError
        Rows were lost: accepted + set aside is not delivered.
    """
    approved = [name for name in columns if name in sources]
    delivered = delivered_sources(folder, approved)
    if not delivered:
        raise DeliveryError(
            "delivery.no_files", folder=folder.name, expected=", ".join(f"{name}.csv" for name in approved)
        )
    extracts, rejects, files = {}, [pl.DataFrame(schema=REJECTS)], []
    notices = [Notice("delivery.source_absent", {"source": name}) for name in approved if name not in delivered]
    notices += _left_unread(folder, delivered)
    for name in delivered:
        identity = [item for item in IDENTITY_COLUMNS if item not in BY_NAME_ONLY or item in columns[name]]
        measured = [item for item in sources[name].measurements if "*" in columns[name] or item in columns[name]]
        read = [_read(path, folder, sources[name], [*identity, *measured]) for path in _files(folder, name)]
        rows = pl.concat([file.table.rows for file in read], how="diagonal")
        acceptance = accept(rows, sources[name], measured, today)
        set_aside = pl.concat([_ragged(name, read), acceptance.rejects]).sort("file", "line")
        extracts[name] = acceptance.accepted
        rejects.append(set_aside)
        files += _counted(name, read, acceptance.accepted, set_aside)
        notices += _notices(read, acceptance)
        _hold_share(name, set_aside, set_aside.height + acceptance.accepted.height, max_set_aside)
    return Delivery(extracts, pl.concat(rejects), tuple(notices), tuple(files))


def _files(folder: Path, source: str) -> list[Path]:
    """The files of a source: `<source>.csv` and the like, or such files in a folder `<source>`."""
    alone = [path for path in _data_files(folder) if path.stem.lower() == source]
    return alone + _data_files(folder / source)


def _data_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    shown = (path for path in folder.iterdir() if path.is_file() and not path.name.startswith((".", "~")))
    return sorted(path for path in shown if path.suffix.lower() in SUFFIXES)


def _left_unread(folder: Path, delivered: Collection[str]) -> list[Notice]:
    """A notice of the files that belong to no approved source."""
    read = {path.relative_to(folder).parts[0] for name in delivered for path in _files(folder, name)}
    unread = sorted(path.name for path in folder.iterdir() if path.name not in read and not path.name.startswith("."))
    return [Notice("delivery.files_unread", {"files": ", ".join(unread)})] if unread else []


def _read(path: Path, folder: Path, source: Source, columns: Collection[str]) -> _ReadFile:
    name = path.relative_to(folder).as_posix()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DeliveryError("delivery.unreadable", file=name, problem=error.strerror) from error
    return _ReadFile(name, read_table(name, data, source, columns))


def _ragged(source: str, read: Iterable[_ReadFile]) -> pl.DataFrame:
    """Rejects of the rows that have not as many fields as the header; the value is their number of fields."""
    parts = [
        file.table.ragged.select(
            pl.lit(source).alias("source"),
            pl.lit(file.name).alias("file"),
            "line",
            pl.lit(None, pl.String).alias("column"),
            pl.col("fields").cast(pl.String).alias("value"),
            pl.lit(str(Rule.RAGGED_ROW)).alias("rule"),
        )
        for file in read
    ]
    return pl.concat(parts).cast(REJECTS)


def _counted(
    source: str, read: Iterable[_ReadFile], accepted: pl.DataFrame, set_aside: pl.DataFrame
) -> list[DeliveredFile]:
    """The files with their counts, which must add up."""
    kept = dict(accepted.group_by("file").len().iter_rows())
    left = dict(set_aside.group_by("file").len().iter_rows())
    files = [
        DeliveredFile(
            source,
            file.name,
            file.table.sha256,
            file.delivered,
            kept.get(file.name, 0),
            left.get(file.name, 0),
        )
        for file in read
    ]
    for file in files:
        if file.accepted + file.set_aside != file.delivered:
            raise IntegrityError(
                "delivery.rows_lost",
                file=file.name,
                delivered=file.delivered,
                accepted=file.accepted,
                set_aside=file.set_aside,
            )
    return files


def _hold_share(source: str, set_aside: pl.DataFrame, delivered: int, most: float) -> None:
    """Stop a source that is mostly set aside."""
    if set_aside.height <= most * delivered:
        return
    usual = set_aside.group_by("rule", "column").agg(pl.len().alias("rows"), pl.col("file", "line").first())
    first = usual.sort("rows", "rule", "column", descending=[True, False, False]).row(0, named=True)
    raise DeliveryError(
        "delivery.mostly_set_aside",
        source=source,
        set_aside=set_aside.height,
        delivered=delivered,
        share=f"{set_aside.height / delivered:.0%}",
        most=f"{most:.0%}",
        **{name: first[name] for name in ("rule", "rows", "file", "line")},
        column=first["column"] or "-",
    )


def _notices(read: Iterable[_ReadFile], acceptance: Acceptance) -> list[Notice]:
    """What of a source's files should be looked at."""
    found = []
    for file in read:
        if file.table.unknown_headers:
            values = {"file": file.name, "headers": ", ".join(file.table.unknown_headers)}
            found.append(Notice("delivery.headers_unknown", values))
        if file.delivered == 0:
            found.append(Notice("delivery.no_rows", {"file": file.name}))
    for key, concerned in (
        ("delivery.lost_characters", acceptance.lost_characters),
        ("delivery.birth_date_blanked", acceptance.birth_dates_blanked),
        ("delivery.my_number_blanked", acceptance.my_numbers_blanked),
        ("delivery.unreadable_blanked", acceptance.unreadable_blanked),
    ):
        found += [Notice(key, row) for row in concerned.iter_rows(named=True)]
    return found
