"""Writes small deliveries for the tests, of people who do not exist."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from linkage.delivery import Delivery, read_delivery
from vocabulary.source import load_sources

TODAY = date(2026, 11, 21)
SOURCES = load_sources()
ALL = dict.fromkeys(SOURCES, "*")
HEADER = "local_id,as_of,family_name,given_name,birth_date,sex,address,days_required,days_absent,grade,score_math"
GOOD = "{n},2025-04-01,佐藤,花子,2015-06-07,F,半町1-2-3,200,3,4,51.5"


def good_rows(count: int) -> list[str]:
    """Rows that break no rule."""
    return [GOOD.format(n=n) for n in range(1000, 1000 + count)]


def csv_bytes(*rows: str, header: str = HEADER) -> bytes:
    """A UTF-8 file of `header` and `rows`."""
    return "\n".join([header, *rows, ""]).encode()


def read(folder: Path, files: Mapping[str, bytes], **changed: object) -> Delivery:
    """Write `files` into `folder` and read it as a delivery."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    settings = {"sources": SOURCES, "columns": ALL, "today": TODAY, "max_set_aside": 1.0} | changed
    return read_delivery(folder, **settings)


def rejected(delivery: Delivery) -> list[tuple[object, ...]]:
    """Line, column, value and rule of each reject."""
    return delivery.rejects.select("line", "column", "value", "rule").rows()


def extract(delivery: Delivery, source: str = "school") -> pl.DataFrame:
    """The accepted rows without where they stood."""
    return delivery.extracts[source].drop("file", "line")
