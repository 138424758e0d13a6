import json
from datetime import date
from typing import get_args

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indicators.compute import compute_indicators
from indicators.flags import raise_flags
from indicators.presence import presence
from indicators.reasons import EVERY, FORMS, about, ask_entry, reasons_of
from indicators.rules import Kind, load_rules
from indicators.score import Parts, score_changes
from tests.unit.indicators.tables import names, persons, series
from vocabulary.source import Source, Titled, load_sources

RULES = load_rules()
CHILDREN = 300
Entries = list[dict[str, object]]


def reasons(told: pl.DataFrame, child: str, year: int = 2023, confidence: float = 1.0) -> tuple[float, Entries]:
    known = persons(names(CHILDREN), born=date(2012, 6, 1), confidence=confidence)
    found = raise_flags(compute_indicators(told, known, RULES), told, known, RULES).shown
    row = found.filter(pl.col("person_id") == child, pl.col("year") == year).row(0, named=True)
    return row["score"], json.loads(row["reasons"])


def school(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    return chance.poisson(5, (CHILDREN, 4)).astype(float), np.round(50 + 6 * chance.normal(size=(CHILDREN, 4)), 1)


def kinds(entries: Entries) -> list[object]:
    return [entry["kind"] for entry in entries]


def of_kind(entries: Entries, kind: str) -> Entries:
    return [entry for entry in entries if entry["kind"] == kind]


@pytest.fixture(scope="module")
def city() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """A few children's timeline, persons and indicators."""
    absent, math = school()
    arrears = np.random.default_rng(2).poisson(0.3, (CHILDREN, 4)).astype(float)
    told = pl.concat(
        [
            series("school", "days_absent", absent),
            series("school", "score_math", math),
            series("school", "lunch_fee_arrears_months", arrears),
        ]
    )
    known = persons(names(CHILDREN), born=date(2012, 6, 1))
    return told, known, compute_indicators(told, known, RULES)


@given(
    shares=arrays(float, (4, 4), elements=st.floats(0, 1)),
    scores=arrays(float, 4, elements=st.floats(1e-9, 1)),
)
def test_contributions_add_up_to_the_score_whatever_it_is_made_of(
    city: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame], shares: np.ndarray, scores: np.ndarray
):
    told, known, found = city
    of = ("absence", "lunch_fee_arrears", "records_stopped", "score_math")
    shares[:, 0] += 1e-3  # a listed flag has some cause
    contributions = scores[:, None] * shares / shares.sum(axis=1, keepdims=True)
    listed = pl.DataFrame(
        {"person_id": names(4), "year": pl.Series([2021, 2022, 2023, 2023], dtype=pl.Int32), "score": scores}
    )
    parts = Parts(of, np.sqrt(contributions), contributions)
    written = reasons_of(listed, parts, found, presence(told), known, RULES, load_sources())
    for score, entries in zip(scores, map(json.loads, written), strict=True):
        assert sum(entry["contribution"] for entry in entries) == pytest.approx(score, abs=1e-6)


class Card:
    """A scorecard: points for surprises above 1, some taken off below 0."""

    def terms(self, names: tuple[str, ...], surprises: np.ndarray) -> np.ndarray:
        assert len(names) == surprises.shape[1]
        return np.nan_to_num(np.maximum(surprises - 1, 0) + np.minimum(surprises, 0) / 4)

    def probability(self, statistic: np.ndarray) -> np.ndarray:
        return np.asarray(1 / (1 + np.exp(3 - statistic)))


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), unknown=st.floats(0, 0.6), card=st.sampled_from([None, Card()]))
def test_contributions_add_up_to_the_score_with_a_scorecard_and_without(
    city: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame], seed: int, unknown: float, card: Card | None
):
    told, known, found = city
    chance = np.random.default_rng(seed)
    z = chance.normal(size=found.height)
    z[chance.random(found.height) < 0.05] += 3
    surprised = found.with_columns(pl.Series("change_z", np.where(chance.random(found.height) < unknown, np.nan, z)))
    scores = score_changes(surprised.with_columns(pl.col("change_z").fill_nan(None)), RULES, card)
    listed = scores.table.with_row_index("row").filter(pl.col("score") > 0).head(40)
    assert listed.height
    written = reasons_of(listed, scores.parts(listed["row"]), found, presence(told), known, RULES, load_sources())
    for score, entries in zip(listed["score"], map(json.loads, written), strict=True):
        assert sum(entry["contribution"] for entry in entries) == pytest.approx(score, abs=1e-6)
        assert all(entry["contribution"] >= 0 for entry in entries)


def test_contributions_add_up_to_the_score_and_the_largest_comes_first():
    absent, math = school()
    absent[9, 3], math[9, 3] = 80, 25
    told = pl.concat([series("school", "days_absent", absent), series("school", "score_math", math)])
    score, entries = reasons(told, "p00009")
    assert sum(entry["contribution"] for entry in entries) == pytest.approx(score, abs=1e-6)
    changes = of_kind(entries, "change")
    assert {entry["indicator"] for entry in changes} == {"absence", "score_math"}
    assert changes[0]["contribution"] >= changes[1]["contribution"]


def test_every_entry_has_the_keys_of_its_kind_and_kinds_come_in_order():
    absent, math = school()
    absent[9, 3], math[9, 1:] = 80, np.nan
    told = pl.concat([series("school", "days_absent", absent), series("school", "score_math", math)])
    _, entries = reasons(told, "p00009", confidence=0.95)
    assert kinds(entries) == ["change", "ask", "not_known", "link_confidence", "last_update"]
    for entry in entries:
        assert set(entry) == {*EVERY, *FORMS[str(entry["kind"])]}
        assert str(entry["ja"]).endswith("。")
        assert str(entry["en"]).endswith(".")
    assert [kind for kind in FORMS if kind in kinds(entries)] == kinds(entries)


def test_an_entry_tells_what_is_in_the_rows():
    absent, math = school()
    absent[9] = [4, 5, 6, 80]
    told = pl.concat([series("school", "days_absent", absent), series("school", "score_math", math)])
    entry = next(entry for entry in reasons(told, "p00009")[1] if entry.get("indicator") == "absence")
    assert (entry["from"], entry["to"], entry["years"]) == (6, 80, [2022, 2023])
    assert entry["norm"] == np.median(absent[:, 3])
    assert (entry["previous_level"], entry["level"]) == (0, 3)
    assert entry["counted"] is None
    low, high = entry["usual"]
    assert 0 <= low < 5 < high < 20


def test_a_step_is_counted_among_the_children_with_the_same_value_before():
    arrears = np.zeros((CHILDREN, 4))
    arrears[:40, 2] = 2  # 40 children owed 2 months the year before; two of them now owe 6 or more
    arrears[[9, 10], 3] = 6, 7
    entry = reasons(series("school", "lunch_fee_arrears_months", arrears), "p00009")[1][0]
    assert entry["counted"] == {"alike": True, "of": 40, "reached": 2}
    arrears[12:40, 2] = 0  # few with the same value: the grade is counted
    entry = reasons(series("school", "lunch_fee_arrears_months", arrears), "p00009")[1][0]
    assert entry["counted"] == {"alike": False, "of": CHILDREN, "reached": 2}


def test_a_child_of_unknown_grade_or_sex_is_held_against_nobody():
    absent, _ = school()
    absent[[9, 10], 3] = 80
    height = np.full((CHILDREN, 4), 120.0) + np.arange(4) * 5
    height[[9, 10], 3] = 110
    arrears = np.zeros((CHILDREN, 4))
    arrears[[9, 10], 3] = 6
    told = pl.concat(
        [
            series("school", "days_absent", absent),
            series("school", "lunch_fee_arrears_months", arrears),
            series("health", "height_cm", height),
        ]
    )
    ninth = pl.col("person_id") == "p00009"
    known = persons(names(CHILDREN), born=date(2012, 6, 1)).with_columns(
        pl.when(~ninth).then("birth_date"), pl.when(pl.col("person_id") >= "p00100").then("sex")
    )
    flags = raise_flags(compute_indicators(told, known, RULES), told, known, RULES).shown.filter(pl.col("year") == 2023)
    found = {row["person_id"]: json.loads(row["reasons"]) for row in flags.iter_rows(named=True)}
    changes = {child: {entry["indicator"]: entry for entry in of_kind(found[child], "change")} for child in found}
    assert {entry["norm"] for entry in changes["p00009"].values()} == {None}
    assert changes["p00009"]["lunch_fee_arrears"]["counted"] is None
    assert changes["p00010"]["absence"]["norm"] == np.median(absent[np.arange(CHILDREN) != 9, 3])
    assert changes["p00010"]["height"]["norm"] is None


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({"absence": 0.4, "score_math": 0.3}, "attendance"),
        ({"absence": 0.4, "score_math": 0.3, "score_language": 0.2}, "learning"),
        ({"lunch_fee_arrears": 0.4, "absence": 0.3}, "livelihood"),
        ({"lunch_fee_arrears": 0.4, "unsupported_hardship": 0.1}, "entitlement_gap"),
        ({"records_stopped": 0.4, "absence": 0.1}, "disappeared"),
        ({"absence": 0.4, "unsupported_hardship": 0.1}, "attendance"),
    ],
)
def test_what_is_asked_about_weighs_most(weights: dict[str, float], expected: str):
    facts = [{"indicator": name, "contribution": weight} for name, weight in weights.items()]
    assert about(facts, RULES) == expected


@pytest.mark.parametrize("kind", [kind for kind in get_args(Kind) if kind != "multiple"])
def test_there_is_a_question_for_every_kind(kind: str):
    assert ask_entry(kind)["about"] == kind


def test_one_question_goes_with_a_flag():
    absent, math = school()
    absent[9, 3] = 80
    told = pl.concat([series("school", "days_absent", absent), series("school", "score_math", math)])
    assert [entry["about"] for entry in of_kind(reasons(told, "p00009")[1], "ask")] == ["attendance"]


def test_a_source_of_the_city_s_own_goes_by_its_title_or_its_name():
    absent, _ = school()
    absent[9, 3] = 80
    cared = np.ones((CHILDREN, 4))
    cared[9, 3] = np.nan
    told = pl.concat([series("school", "days_absent", absent), series("nursery", "hours", cared)])
    known = persons(names(CHILDREN), born=date(2012, 6, 1))
    found = compute_indicators(told, known, RULES)
    for own, title in (
        ({"nursery": Source(name="nursery", title=Titled(ja="保育", en="Nursery"))}, "保育"),
        ({}, "nursery"),
    ):
        flags = raise_flags(found, told, known, RULES, sources=own).shown
        entries = json.loads(flags.filter(pl.col("person_id") == "p00009", pl.col("year") == 2023)["reasons"].item())
        assert [entry["ja"] for entry in of_kind(entries, "missing_source")] == [
            f"2023年度の{title}の記録がありません(最後の記録は2022年4月1日)。"
        ]


def test_no_flag_no_reason():
    known = persons(names(2))
    told = series("school", "days_absent", np.full((2, 2), 5.0))
    listed = pl.DataFrame(schema={"person_id": pl.String(), "year": pl.Int32(), "score": pl.Float64()})
    parts = Parts(("absence",), np.empty((0, 1)), np.empty((0, 1)))
    found = compute_indicators(told, known, RULES)
    assert reasons_of(listed, parts, found, presence(told), known, RULES, {}).to_list() == []
