"""Every number that the reasons of a whole city's flags say, against the departments' raw rows."""

import json
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from indicators.compute import compute_indicators
from indicators.flags import raise_flags
from indicators.rules import load_rules
from indicators.sentences import said
from synthetic.city import City, build_city
from tests.recovery.flag_scenes import true_timeline
from tests.recovery.raw_rows import grades, raw_values, rows_of
from vocabulary.texts import LANGUAGES

pytestmark = pytest.mark.slow

RULES = load_rules()
FEWEST_ALIKE = 20
Told = tuple[str, int, dict[str, Any]]


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(2000, 3, range(2012, 2026), "typical", 1)


@pytest.fixture(scope="module")
def flags(city: City) -> pl.DataFrame:
    timeline, persons = true_timeline(city)
    # Links that are not sure are said; so one child in ten has one.
    doubtful = pl.when(pl.col("person_id").hash(1) % 10 == 0).then(0.953).otherwise(1.0)
    persons = persons.with_columns(doubtful.alias("link_confidence"))
    return raise_flags(compute_indicators(timeline, persons, RULES), timeline, persons, RULES).shown


@pytest.fixture(scope="module")
def placed(city: City) -> dict[str, pl.DataFrame]:
    """Each indicator's raw values with the child's grade and sex and the value known before."""
    known = grades(city).join(true_timeline(city)[1].select("person_id", "sex"), on="person_id")
    return {
        name: values.join(known, on="person_id")
        .sort("person_id", "year")
        .with_columns(
            grade=pl.col("year") - pl.col("born") - 6,
            before=pl.col("value").shift(1).over("person_id"),
            before_year=pl.col("year").shift(1).over("person_id"),
        )
        for name, values in raw_values(city).items()
    }


@pytest.fixture(scope="module")
def rows(city: City) -> dict[str, pl.DataFrame]:
    return {source: rows_of(city, source) for source in city.sources}


def told(flags: pl.DataFrame, kind: str) -> Iterator[Told]:
    """Entries of one kind, with the child and the year; there are some."""
    found = [
        (flag["person_id"], flag["year"], entry)
        for flag in flags.iter_rows(named=True)
        for entry in json.loads(flag["reasons"])
        if entry["kind"] == kind
    ]
    assert found, kind
    yield from found


def test_contributions_add_up(flags: pl.DataFrame):
    assert flags.height > 200
    for flag in flags.iter_rows(named=True):
        together = sum(entry["contribution"] for entry in json.loads(flag["reasons"]))
        assert together == pytest.approx(flag["score"], abs=1e-6)


def test_values_norms_and_counts_are_those_of_the_rows(flags: pl.DataFrame, placed: dict[str, pl.DataFrame]):
    of_name: dict[str, list[Told]] = {}
    for told_of in told(flags, "change"):
        of_name.setdefault(told_of[2]["indicator"], []).append(told_of)
    of_name.pop("records_stopped", None)
    assert len(of_name) > 15
    for name, found in of_name.items():
        for child, year, entry in found:
            [raw] = placed[name].filter(person_id=child, year=year).rows(named=True)
            assert entry["to"] == pytest.approx(raw["value"], abs=1e-5)
            assert entry["from"] == (None if raw["before"] is None else pytest.approx(raw["before"], abs=1e-5))
            assert entry["years"] == [raw["before_year"], year]
            check_against_grade(entry, raw, placed[name].filter(year=year, grade=raw["grade"]))
            check_sentences(entry, raw)


def check_against_grade(entry: dict[str, Any], raw: dict[str, Any], grade: pl.DataFrame) -> None:
    """The median of the grade, or the children counted."""
    rule = RULES.indicators[entry["indicator"]]
    if rule.model == "growth":
        cell = grade.filter(sex=raw["sex"]) if rule.by_sex else grade
        assert entry["norm"] == pytest.approx(cell["value"].median(), abs=1e-5)
        assert entry["counted"] is None
        return
    alike = grade.filter(
        pl.col("before").eq_missing(raw["before"]), pl.col("before_year").eq_missing(raw["before_year"])
    )
    enough = raw["before"] is not None and alike.height >= FEWEST_ALIKE
    counted = alike if enough else grade
    reached = pl.col("value") == raw["value"] if rule.words else pl.col("value") >= raw["value"]
    assert entry["counted"] == {"alike": enough, "of": counted.height, "reached": counted.filter(reached).height}


def test_first_again_and_stays_are_told_apart_as_the_rows_do(flags: pl.DataFrame, placed: dict[str, pl.DataFrame]):
    words = {"first": "初めて", "again": "以前の年度にも", "stays": "から続いてい"}
    met = dict.fromkeys(words, 0)
    for child, year, entry in told(flags, "change"):
        rule = RULES.indicators[entry["indicator"]]
        if rule.on != "value" or entry["indicator"] == "records_stopped":
            continue
        *before, now = (
            placed[entry["indicator"]].filter(pl.col("person_id") == child, pl.col("year") <= year)["value"] * rule.sign
        ) >= rule.levels[0].begins * rule.sign
        expected = None if not now else "first" if not any(before) else "stays" if before[-1] else "again"
        assert entry["entry"] == expected
        said_of = [name for name, word in words.items() if word in entry["ja"]]
        assert said_of == ([expected] if expected and before else [])
        met |= {name: met[name] + 1 for name in said_of}
    assert min(met.values()) > 5


def test_children_with_the_same_history_are_about_as_many_as_is_said(
    flags: pl.DataFrame, placed: dict[str, pl.DataFrame]
):
    """Of the 300 child-years whose last two values are nearest, how many stand better, beside the model's percentile.

    Height and weight are left out: children of other grades are not alike in them.
    """
    found = []
    histories = {name: with_two_before(values) for name, values in placed.items()}
    for child, year, entry in told(flags, "change"):
        rule = RULES.indicators[entry["indicator"]]
        if rule.model != "growth" or rule.on != "value":
            continue
        history = histories[entry["indicator"]]
        for now, last, second in history.filter(person_id=child, year=year).select("value", "before", "second").rows():
            apart = (pl.col("before") - last).abs() + (pl.col("second") - second).abs()
            nearest = history.sort(apart, "person_id", "year").head(300)["value"] * rule.sign
            better = (nearest < now * rule.sign).mean() + (nearest == now * rule.sign).mean() / 2
            found.append((entry["percentile"], 100 * better))
    compared = pl.DataFrame(found, schema=["said", "counted"], orient="row")
    assert compared.height > 200
    for of_range in (compared, compared.filter(pl.col("said") < 97), compared.filter(pl.col("said") >= 97)):
        assert of_range["counted"].mean() == pytest.approx(of_range["said"].mean(), abs=4)


def with_two_before(values: pl.DataFrame) -> pl.DataFrame:
    """Child-years with the values of the year before and of the one known before that."""
    second = pl.col("before").shift(1).over("person_id").alias("second")
    consecutive = pl.col("before_year") == pl.col("year") - 1
    return values.with_columns(second).filter(consecutive).drop_nulls("second")


def check_sentences(entry: dict[str, Any], raw: dict[str, Any]) -> None:
    """The words say the rows' values, and the years they are of."""
    rule = RULES.indicators[entry["indicator"]]
    for language in LANGUAGES:
        assert said(raw["value"], rule, language) in entry[language]
        if raw["before"] is not None:
            assert said(raw["before"], rule, language) in entry[language]
            if raw["before_year"] < raw["year"] - 1:
                assert str(raw["before_year"]) in entry[language]


def test_a_stop_is_one(flags: pl.DataFrame, rows: dict[str, pl.DataFrame]):
    stopped = [one for one in told(flags, "change") if one[2]["indicator"] == "records_stopped" and one[2]["to"] > 0]
    for child, year, entry in stopped:
        here = [source for source in rows if rows[source].filter(person_id=child, year=year).height]
        assert here == [] if entry["to"] == 1 else here and "school" not in here


def test_what_is_said_to_be_missing_is_not_in_the_rows(
    flags: pl.DataFrame, rows: dict[str, pl.DataFrame], placed: dict[str, pl.DataFrame]
):
    for child, year, entry in told(flags, "missing_source"):
        of_child = rows[entry["source"]].filter(pl.col("person_id") == child, pl.col("year") <= year)
        assert year not in of_child["year"]
        latest = of_child["date"].max()
        assert entry["last"] == (latest and latest.isoformat())
        assert entry["delivered"] == (year in rows[entry["source"]]["year"])
    for child, year, entry in told(flags, "not_known"):
        for name in entry["indicators"]:
            assert placed[name].filter(person_id=child, year=year).is_empty()


def test_last_updates_are_the_latest_rows(flags: pl.DataFrame, rows: dict[str, pl.DataFrame]):
    for child, year, entry in told(flags, "last_update"):
        for update in entry["sources"]:
            until = rows[update["source"]].filter(pl.col("year") <= year)
            assert update["whole"] == until["date"].max().isoformat()
            assert update["last"] == until.filter(person_id=child)["date"].max().isoformat()
            assert update["last"] in entry["en"]


def test_doubtful_links_are_said_and_no_other(flags: pl.DataFrame):
    unsure = set(flags.filter(pl.col("link_confidence") < 0.99)["person_id"])
    assert {child for child, _, _ in told(flags, "link_confidence")} == unsure
    assert all("95" in entry["ja"] for _, _, entry in told(flags, "link_confidence"))
