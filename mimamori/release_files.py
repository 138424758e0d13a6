"""A release as open data: a CSV of each table, and one metadata file after DCAT that says how to read them."""

import json
from typing import Any

from governance.digest import csv_header, csv_rows, sha256
from governance.disclosure import ALL, EXTREME_SHARE, ROUNDING, THRESHOLD
from governance.releases import Release
from mimamori.release_cases import SMALL_SCHOOL
from mimamori.releasing import PERCENTILE, released_cells
from vocabulary.texts import LANGUAGES, text

BOM = b"\xef\xbb\xbf"
"""Byte order mark, without which some spreadsheets misread UTF-8."""

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
METADATA = "metadata.json"


def as_files(release: Release, *, bom: bool = False) -> dict[str, bytes]:
    """Names and bytes of the files of a release: one CSV a table, one header row, and the metadata."""
    files = {}
    for table in release.document["tables"]:
        cells = released_cells(table).drop("small")
        files[f"{table['name']}.csv"] = (BOM if bom else b"") + csv_header(cells.schema) + b"".join(csv_rows(cells))
    metadata = _metadata(release, {name: sha256(content) for name, content in files.items()})
    files[METADATA] = json.dumps(metadata, ensure_ascii=False, indent=1).encode() + b"\n"
    return files


def _metadata(release: Release, hashes: dict[str, str]) -> dict[str, Any]:
    """The dataset in the terms of DCAT 3, on which DCAT-AP and the Japanese recommended data sets rest."""
    document = release.document
    years = document["years"]
    return {
        "@context": {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"},
        "@type": "dcat:Dataset",
        "dct:identifier": release.id,
        "dct:title": _said("dataset_title"),
        "dct:description": _said("dataset_description"),
        "dct:license": LICENCE,
        "dct:issued": release.drafted_at,
        "dct:temporal": {"startDate": f"{min(years)}-04-01", "endDate": f"{max(years) + 1}-03-31"},
        "protection": _said(
            "protection", threshold=THRESHOLD, rounding=ROUNDING, percent=round(100 * EXTREME_SHARE), small=SMALL_SCHOOL
        ),
        "schoolsAgreed": document["schools_agreed"],
        "dcat:distribution": [_distribution(table, hashes) for table in document["tables"]],
    }


def _distribution(table: dict[str, Any], hashes: dict[str, str]) -> dict[str, Any]:
    name = f"{table['name']}.csv"
    return {
        "@type": "dcat:Distribution",
        "dct:title": table["title"],
        "dcat:downloadURL": name,
        "dcat:mediaType": "text/csv",
        "encoding": "UTF-8",
        "sha256": hashes[name],
        "columns": {column: _column(column, table) for column in table["columns"] if column != "small"},
    }


def _column(column: str, table: dict[str, Any]) -> dict[str, str]:
    percentile = PERCENTILE.fullmatch(column)
    if percentile:
        return _said("column_percentile", percent=percentile[1], name=table["mean"], threshold=THRESHOLD)
    kind, _, name = column.partition(":")
    return _said(f"column_{kind}", name=name or str(table["mean"] or ""), all=ALL)


def _said(key: str, **values: object) -> dict[str, str]:
    return {language: text(f"release.{key}", language=language, **values) for language in LANGUAGES}
