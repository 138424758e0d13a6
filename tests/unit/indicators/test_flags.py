import json

import numpy as np
import polars as pl
import pytest

from indicators.compute import compute_indicators
from indicators.flags import Flags, raise_flags
from indicators.rules import load_rules
from tests.unit.indicators.tables import names, persons, series
from vocabulary.errors import UsageError
from vocabulary.frames import FLAGS, HELD_FLAGS

RULES = load_rules()
CHILDREN = 400


def absences(seed: int = 1, years: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).poisson(5, (CHILDREN, years)).astype(float)


def welfare(state: np.ndarray, item: str = "public_assistance") -> pl.DataFrame:
    return series("welfare", item, state.astype(float))


def flags(told: pl.DataFrame, known: pl.DataFrame | None = None, **options: float) -> Flags:
    known = persons(names(CHILDREN)) if known is None else known
    return raise_flags(compute_indicators(told, known, RULES), told, known, RULES, **options)


def test_ranks_run_from_one_without_gaps_in_every_year():
    found = flags(series("school", "days_absent", absences()), capacity=0.05)
    assert found.shown.schema == FLAGS
    for _, year in found.shown.group_by("year"):
        assert year["rank"].to_list() == list(range(1, 21))
        assert year["score"].is_sorted(descending=True)
        assert year["person_id"].is_unique().all()


@pytest.mark.parametrize(("capacity", "places"), [(0.02, 8), (0.021, 9), (3, 3), (1, 1)])
def test_the_list_is_as_long_as_the_capacity(capacity: float, places: int):
    found = flags(series("school", "days_absent", absences()), capacity=capacity)
    assert set(found.shown.group_by("year").len()["len"]) == {places}


def test_a_child_for_whom_nothing_is_worse_than_expected_is_never_listed():
    told = series("school", "days_absent", absences())
    known = persons(names(CHILDREN))
    worse = compute_indicators(told, known, RULES).filter(pl.col("change_z") > 0).select("person_id", "year")
    shown = flags(told, capacity=1.0).shown
    assert 0 < shown.height < 4 * CHILDREN
    assert (shown["score"] > 0).all()
    assert shown.join(worse, on=["person_id", "year"], how="anti").is_empty()
    for reasons in shown["reasons"]:
        entries = json.loads(reasons)
        assert entries
        assert entries[0]["contribution"] > 0


@pytest.mark.parametrize("capacity", [0, -1, 0.0, 1.5, True])
def test_a_capacity_that_means_nothing_is_refused(capacity: float):
    with pytest.raises(UsageError):
        flags(series("school", "days_absent", absences()), capacity=capacity)


def test_ties_are_decided_by_the_person_id_whatever_the_order_of_rows():
    matrix = np.full((CHILDREN, 3), 5.0)
    matrix[:20, 2] = 30
    told = series("school", "days_absent", matrix)
    first = flags(told, capacity=5).shown.filter(pl.col("year") == 2022)
    again = flags(told.sample(fraction=1, shuffle=True, seed=3), capacity=5).shown.filter(pl.col("year") == 2022)
    assert first["person_id"].to_list() == names(5)
    assert first.equals(again)


def test_a_flag_on_a_doubtful_link_is_held_and_takes_no_place():
    matrix = absences()
    matrix[[3, 7], 3] = 90
    known = persons(names(CHILDREN)).with_columns(
        pl.when(pl.col("person_id") == "p00003").then(0.6).otherwise(1.0).alias("link_confidence")
    )
    found = flags(series("school", "days_absent", matrix), known, capacity=4)
    held = found.held.filter(pl.col("year") == 2023)
    shown = found.shown.filter(pl.col("year") == 2023)
    assert held.select("person_id", "rank", "link_confidence", "why").rows() == [
        ("p00003", None, 0.6, "link_confidence")
    ]
    assert found.held.schema == HELD_FLAGS
    assert "p00003" not in shown["person_id"]
    assert shown["rank"].to_list() == [1, 2, 3, 4]
    assert shown["person_id"][0] == "p00007"


def test_support_counts_as_in_place_only_if_it_was_there_before():
    matrix, assisted = absences(), np.zeros((CHILDREN, 4))
    matrix[[3, 7], 3] = 90
    assisted[3, 1:], assisted[7, 3] = 1, 1
    found = flags(pl.concat([series("school", "days_absent", matrix), welfare(assisted)]))
    last = dict(found.shown.filter(pl.col("year") == 2023).select("person_id", "already_supported").iter_rows())
    assert last["p00003"] is True
    assert last["p00007"] is False


def test_years_of_assistance_are_no_news():
    assisted = np.zeros((CHILDREN, 4))
    assisted[3], assisted[7, 3] = 1, 1
    found = flags(pl.concat([series("school", "days_absent", absences()), welfare(assisted)]), capacity=4)
    last = found.shown.filter(pl.col("year") == 2023)["person_id"].to_list()
    assert "p00007" in last
    assert "p00003" not in last


def kind_of(child: str, found: Flags) -> str:
    return found.shown.filter(pl.col("person_id") == child, pl.col("year") == 2023)["kind"].item()


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        (["days_absent"], "attendance"),
        (["days_late"], "attendance"),
        (["score_math"], "learning"),
        (["score_math", "score_language"], "learning"),
        (["noncog_self_esteem"], "non_cognitive"),
        (["weight_kg"], "health"),
        (["public_assistance"], "livelihood"),
        (["days_absent", "score_math", "noncog_self_esteem"], "multiple"),
    ],
)
def test_kinds_name_what_dominates(changed: list[str], kind: str):
    chance = np.random.default_rng(2)
    told = []
    for item, (source, usual, spread, moved) in MEASURED.items():
        own = usual + spread * chance.normal(size=(CHILDREN, 1))
        matrix = own + spread / 2 * chance.normal(size=(CHILDREN, 4)) if spread else np.full((CHILDREN, 4), usual)
        matrix[1] = usual
        matrix[1, 3] += moved * (item in changed)
        told.append(series(source, item, np.maximum(matrix, 0).round(2)))
    assert kind_of("p00001", flags(pl.concat(told), capacity=20)) == kind


MEASURED = {
    "days_absent": ("school", 6, 2, 60),
    "days_late": ("school", 6, 2, 60),
    "score_math": ("school", 50, 8, -30),
    "score_language": ("school", 50, 8, -30),
    "noncog_self_esteem": ("school", 4, 0.3, -2.2),
    "weight_kg": ("health", 40, 4, -18),
    "public_assistance": ("welfare", 0, 0, 1),
}
"""Source, usual value, spread and change for the worse of items of every domain."""


def test_hardship_without_support_is_an_entitlement_gap():
    exempt, allowance = np.zeros((CHILDREN, 4)), np.full((CHILDREN, 4), 0.0)
    exempt[5, 3] = 1
    told = pl.concat(
        [
            series("school", "days_absent", absences()),
            welfare(exempt, "tax_exempt"),
            welfare(allowance, "school_expense_aid"),
        ]
    )
    assert kind_of("p00005", flags(told)) == "entitlement_gap"


def test_a_child_whose_records_stop_is_listed_as_disappeared():
    absent, checked = absences(), np.ones((CHILDREN, 4))
    absent[6, 3] = np.nan
    told = pl.concat([series("school", "days_absent", absent), series("health", "attended", checked)])
    found = flags(told)
    assert kind_of("p00006", found) == "disappeared"


def test_an_empty_timeline_raises_nothing():
    found = flags(series("school", "days_absent", np.zeros((0, 0))))
    assert found.shown.is_empty()
    assert found.held.is_empty()
    assert found.shown.schema == FLAGS
