"""What a worker should know beside the changes: which records are missing, partial or old, and how sure the link is.

Each note is an entry of a flag's reasons that adds nothing to its score.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from math import floor
from typing import Any

import polars as pl

from indicators.missing import missing_sources, unknown_indicators
from indicators.rules import Rules
from indicators.staleness import last_updates, partial_years
from indicators.values import CHILD_YEAR
from vocabulary.source import Source, Titled
from vocabulary.texts import LANGUAGES, Language, text

Entry = dict[str, Any]
ChildYear = tuple[str, int]

SURE = 0.99
"""Link confidence below which it is said."""
DIGITS = 6
"""Decimals of a value."""


def notes(
    listed: pl.DataFrame,
    told: pl.DataFrame,
    indicators: pl.DataFrame,
    seen: pl.DataFrame,
    persons: pl.DataFrame,
    rules: Rules,
    sources: Mapping[str, Source],
) -> dict[ChildYear, list[Entry]]:
    """Notes of each flag, in the order in which they are to be read.

    Parameters
    ----------
    listed : DataFrame
        Flags, with `person_id` and `year`.
    told : DataFrame
        `person_id, year, indicator`: indicators whose change the reasons tell.
    seen : DataFrame
        As `indicators.presence.presence` gives it.
    indicators, persons, rules, sources
        As in `indicators.flags.raise_flags`.
    """
    children = listed.select(CHILD_YEAR)
    titles = {name: source.title for name, source in sources.items()}
    missing = missing_sources(children, seen, persons, sources)
    unknown = unknown_indicators(children, seen, indicators, persons, rules)
    key = [*CHILD_YEAR, "source"]
    updates = last_updates(children, seen).join(missing, on=key, how="anti", maintain_order="left")
    found: dict[ChildYear, list[Entry]] = {}
    for entries in (
        _each(missing, lambda row: missing_entry(row, titles)),
        _each(_listed(unknown), lambda row: not_known_entry(row, rules)),
        _each(partial_years(_sources_of(told, rules), seen), lambda row: partial_entry(row, titles)),
        _each(_unsure(children, persons), link_entry),
        _each(_listed(updates), lambda row: last_update_entry(row, titles)),
    ):
        for child_year, entry in entries:
            found.setdefault(child_year, []).append(entry)
    return found


def _each(rows: pl.DataFrame, write: Callable[[Entry], Entry]) -> Iterator[tuple[ChildYear, Entry]]:
    for row in rows.iter_rows(named=True):
        yield (row["person_id"], row["year"]), write(row)


def _listed(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a child and year, the other columns as lists."""
    return rows.group_by(CHILD_YEAR, maintain_order=True).agg(pl.all())


def _sources_of(told: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The sources that the told indicators read, `person_id, year, source`, and whether one of them is a `rate`."""
    reads = [
        (name, item.split(".")[0], rule.form == "rate")
        for name, rule in rules.indicators.items()
        for item in rule.items
    ]
    schema = {"indicator": pl.String(), "source": pl.String(), "rate": pl.Boolean()}
    source_of = pl.DataFrame(reads, schema=schema, orient="row").unique()
    read = told.select(*CHILD_YEAR, "indicator").join(source_of, on="indicator")
    return read.group_by(*CHILD_YEAR, "source").agg(pl.col("rate").any())


def _unsure(children: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    return children.join(persons.select("person_id", "link_confidence"), on="person_id").filter(
        pl.col("link_confidence") < SURE
    )


def missing_entry(row: Mapping[str, Any], titles: Mapping[str, Titled]) -> Entry:
    """A source without a record of the child's year: `source, year, delivered, last`."""
    key = "reason.missing" if row["delivered"] else "reason.not_delivered"
    if row["last"] is None:
        key += "_never"

    def words(language: Language) -> str:
        return text(
            key, language=language, year=row["year"], source=_title(row, titles, language), last=day(row, language)
        )

    last = row["last"] and row["last"].isoformat()
    return _entry("missing_source", words, source=row["source"], delivered=row["delivered"], last=last)


def not_known_entry(row: Mapping[str, Any], rules: Rules) -> Entry:
    """Indicators (`indicator`, a list) without a value in the year."""
    names: list[str] = row["indicator"]

    def words(language: Language) -> str:
        separator = text("reason.separator", language=language)
        titles = separator.join(getattr(rules.indicators[name].title, language) for name in names)
        return text("reason.not_known", language=language, year=row["year"], titles=titles)

    return _entry("not_known", words, indicators=names)


def partial_entry(row: Mapping[str, Any], titles: Mapping[str, Titled]) -> Entry:
    """A source that holds fewer records of the year than usual: `source, year, records, first, last, usual, rate`."""

    def words(language: Language) -> str:
        partial = text(
            "reason.partial_one" if row["records"] == 1 else "reason.partial",
            language=language,
            year=row["year"],
            source=_title(row, titles, language),
            first=day(row, language, "first"),
            last=day(row, language),
            count=row["records"],
            usual=row["usual"],
        )
        return partial + (text("reason.partial_rate", language=language) if row["rate"] else "")

    dates = {end: row[end].isoformat() for end in ("first", "last")}
    return _entry("partial_year", words, source=row["source"], records=row["records"], usual=row["usual"], **dates)


def link_entry(row: Mapping[str, Any]) -> Entry:
    """How sure it is that the records belong together: `link_confidence`."""
    percent = floor(round(100 * row["link_confidence"], DIGITS))
    return _entry(
        "link_confidence",
        lambda language: text("reason.link", language=language, percent=percent),
        link_confidence=round(row["link_confidence"], DIGITS),
    )


def last_update_entry(row: Mapping[str, Any], titles: Mapping[str, Titled]) -> Entry:
    """The latest records (`source, last, whole`, lists) of the child and of its sources as a whole."""
    updates = [
        {"source": source, "last": last, "whole": whole}
        for source, last, whole in zip(row["source"], row["last"], row["whole"], strict=True)
    ]

    def words(language: Language) -> str:
        said = [
            text(
                "reason.last_of" if one["last"] == one["whole"] else "reason.last_of_apart",
                language=language,
                source=_title(one, titles, language),
                last=day(one, language),
                whole=day(one, language, "whole"),
            )
            for one in updates
        ]
        joined = text("reason.separator", language=language).join(said)
        return text("reason.last_update", language=language, sources=joined)

    dates = [one | {name: one[name].isoformat() for name in ("last", "whole")} for one in updates]
    return _entry("last_update", words, sources=dates)


def _entry(kind: str, words: Callable[[Language], str], **values: Any) -> Entry:
    return {"kind": kind, **values, "contribution": 0.0} | {language: words(language) for language in LANGUAGES}


def _title(row: Mapping[str, Any], titles: Mapping[str, Titled], language: Language) -> str:
    name: str = row["source"]
    return str(getattr(titles[name], language)) if name in titles else name


def day(row: Mapping[str, Any], language: Language, column: str = "last") -> str:
    """A date of the row as people write it; nothing where it is null."""
    at: date | None = row[column]
    return text("reason.day", language=language, year=at.year, month=at.month, day=at.day) if at else ""
