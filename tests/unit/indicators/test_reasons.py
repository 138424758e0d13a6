import json
from datetime import date

import numpy as np
import polars as pl
import pytest

from indicators.compute import compute_indicators
from indicators.flags import raise_flags
from indicators.reasons import said, sentence
from indicators.rules import load_rules
from tests.unit.indicators.tables import names, persons, series
from vocabulary.source import Source, Titled

RULES = load_rules()
CHILDREN = 300
FACT = {
    "value": 34.0,
    "before": 6.0,
    "before_year": 2024,
    "year": 2025,
    "usual_low": 3.0,
    "usual_high": 9.2,
    "norm": 5.0,
    "share": 0.004,
}


def reasons(told: pl.DataFrame, child: str, year: int = 2023) -> tuple[float, list[dict[str, object]]]:
    known = persons(names(CHILDREN), born=date(2012, 6, 1))
    found = raise_flags(compute_indicators(told, known, RULES), told, known, RULES).shown
    row = found.filter(pl.col("person_id") == child, pl.col("year") == year).row(0, named=True)
    return row["score"], json.loads(row["reasons"])


def school(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    return chance.poisson(5, (CHILDREN, 4)).astype(float), np.round(50 + 6 * chance.normal(size=(CHILDREN, 4)), 1)


def test_a_sentence_has_before_after_usual_range_and_norm():
    assert sentence(FACT, RULES.indicators["absence"], "ja") == (
        "欠席が年6日(前年度)から年34日に増えました。この子のいつもの範囲は年3日〜年9日です。同学年の中央値は年5日です。"
    )
    assert sentence(FACT, RULES.indicators["absence"], "en") == (
        "Absence rose from 6 day(s) a year (the year before) to 34 day(s) a year."
        " This child's usual range is 3 day(s) a year to 9 day(s) a year."
        " The median of the same grade is 5 day(s) a year."
    )


@pytest.mark.parametrize(
    ("fact", "indicator", "expected"),
    [
        ({"before_year": 2021}, "absence", "欠席が年6日(2021年度)から年34日に増えました。"),
        ({"before": None}, "absence", "欠席は年34日です。これより前の記録はありません。"),
        ({"value": 31.5, "before": 52.0}, "score_math", "算数・数学の偏差値が52.0(前年度)から31.5に下がりました。"),
        ({"value": 123.04, "before": 122.0}, "height", "身長は123.0cmです(前年度は122.0cm)。"),
        (
            {"value": 2.0, "before": 0.0},
            "child_rearing_allowance",
            "児童扶養手当が「支給なし」(前年度)から「全部支給」に変わりました。"
            "記録のある同学年の子どもでは、ここに当てはまるのは100人に1人未満です。",
        ),
        ({"value": 3.0, "before": 0.0, "share": 0.12}, "untreated_caries", "100人に12人ほどがここに当てはまります。"),
    ],
)
def test_sentences_in_japanese(fact: dict[str, object], indicator: str, expected: str):
    assert expected in sentence(FACT | fact, RULES.indicators[indicator], "ja")


@pytest.mark.parametrize("name", sorted(RULES.indicators))
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_indicator_can_be_said(name: str, language: str):
    rule = RULES.indicators[name]
    for value in (0.0, 1.0):
        assert said(value, rule, language)
        assert "{" not in sentence(FACT | {"value": value}, rule, language)


def test_contributions_add_up_to_the_score_and_the_largest_comes_first():
    absent, math = school()
    absent[9, 3], math[9, 3] = 80, 25
    told = pl.concat([series("school", "days_absent", absent), series("school", "score_math", math)])
    score, entries = reasons(told, "p00009")
    assert sum(entry["contribution"] for entry in entries) == pytest.approx(score, abs=1e-4)
    named = [entry["indicator"] for entry in entries]
    assert set(named[:2]) == {"absence", "score_math"}
    assert entries[0]["contribution"] >= entries[1]["contribution"]


def test_an_entry_tells_what_is_in_the_rows():
    absent, math = school()
    absent[9] = [4, 5, 6, 80]
    told = pl.concat([series("school", "days_absent", absent), series("school", "score_math", math)])
    entry = next(entry for entry in reasons(told, "p00009")[1] if entry["indicator"] == "absence")
    assert (entry["from"], entry["to"], entry["years"]) == (6, 80, [2022, 2023])
    assert entry["norm"] == np.median(absent[:, 3])
    assert entry["share_of_grade"] == pytest.approx(1 / CHILDREN, abs=1e-6)
    assert (entry["previous_level"], entry["level"]) == (0, 3)
    low, high = entry["usual"]
    assert 0 <= low < 5 < high < 20


def test_a_source_without_a_record_is_said():
    absent, math = school()
    checked = np.zeros((CHILDREN, 4))
    checked[9, 3] = 12
    absent[9, 3], math[9, 3] = np.nan, np.nan
    told = pl.concat(
        [
            series("school", "days_absent", absent),
            series("school", "score_math", math),
            series("health", "untreated_caries", checked),
        ]
    )
    said_of = [entry["ja"] for entry in reasons(told, "p00009")[1] if entry["indicator"] == "missing_source"]
    assert said_of == ["2023年度の学校の記録がありません。"]


def test_a_source_that_delivered_nothing_is_told_apart():
    absent, _ = school()
    absent[:, 3] = np.nan
    checked = np.zeros((CHILDREN, 4))
    checked[9, 3] = 12
    told = pl.concat([series("school", "days_absent", absent), series("health", "untreated_caries", checked)])
    said_of = [entry["en"] for entry in reasons(told, "p00009")[1] if entry["indicator"] == "missing_source"]
    assert said_of == ["School: the data of fiscal 2023 have not been delivered."]


@pytest.mark.parametrize(("described", "said_as"), [(True, "保育"), (False, "nursery")])
def test_a_source_of_the_city_s_own_goes_by_its_title(described: bool, said_as: str):
    absent, _ = school()
    absent[9, 3] = 80
    cared = np.ones((CHILDREN, 4))
    cared[9, 3] = np.nan
    told = pl.concat([series("school", "days_absent", absent), series("nursery", "hours", cared)])
    known = persons(names(CHILDREN), born=date(2012, 6, 1))
    own = {"nursery": Source(name="nursery", title=Titled(ja="保育", en="Nursery"))} if described else {}
    found = raise_flags(compute_indicators(told, known, RULES), told, known, RULES, sources=own).shown
    entries = json.loads(found.filter(pl.col("person_id") == "p00009", pl.col("year") == 2023)["reasons"].item())
    assert [entry["ja"] for entry in entries if entry["indicator"] == "missing_source"] == [
        f"2023年度の{said_as}の記録がありません。"
    ]
