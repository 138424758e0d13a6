"""Evidence: who is one child and who is two, under what is expected before any data; and its arithmetic."""

import math
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.evidence import IMPLAUSIBLE_AGE, INDIVIDUAL, log2_sum, probability, weigh, weight, weights
from linkage.model import TIMES, WAYS, Model, expected_model
from tests.unit.linkage.people import at, compared

MODEL = expected_model(1e-4)
CROWD = [  # a welfare office's other children, so that no name or address is frequent
    {
        "source": "welfare",
        "local_id": f"W{n}",
        "as_of": at(2001),
        "given": f"名{n}",
        "given_kana": None,
        "family": f"家{n}",
        "family_kana": None,
        "town": f"町{n}",
    }
    for n in range(50)
]
HEALTH = {"source": "health", "local_id": "H1"}
NEW_HOUSEHOLD = {
    "family": "鈴木",
    "family_kana": "スズキ",
    "town": "新町",
    "block": "9-9",
    "postal": "5638888",
    "phone": "09088887777",
}
TWIN = {"local_id": "S2", "given": "桃子", "given_kana": "モモコ"}


def pair(left, right):
    """The two records, compared amid the crowd."""
    return compared(left, right, *CROWD).filter((pl.col("left") == 0) & (pl.col("right") == 1))


def evidence(left, right):
    return weigh(pair(left, right), MODEL)["evidence"].item()


def test_the_same_values_in_two_sources_are_one_child():
    assert evidence(HEALTH, {}) > 10


def test_a_child_held_under_two_numbers_at_once_is_one_child():
    assert evidence({}, {"local_id": "S2"}) > 10


def test_strangers_are_two_children():
    assert evidence(HEALTH | NEW_HOUSEHOLD | {"given": "翼", "given_kana": "ツバサ", "birth_date": at(2009)}, {}) < -20


@pytest.mark.parametrize("kana", ["モモコ", "ハナエ"], ids=["another name", "a name alike"])
def test_twins_are_two_children(kana):
    twin = TWIN | {"given_kana": kana, "given": "桃子"}
    row = weigh(pair({}, twin), MODEL).row(0, named=True)
    # Named alike they could be one child with a slip, but then one source would not hold both at once.
    assert row["evidence"] + MODEL.held_at_once_weight < 0


def test_brothers_and_sisters_are_two_children():
    assert evidence({}, TWIN | {"birth_date": date(2010, 1, 2)}) < -5


def test_twins_of_different_sex_are_surer_two_children():
    assert evidence({}, TWIN | {"sex": "M"}) < evidence({}, TWIN)


def test_after_a_divorce_a_child_is_one_child():
    moved = {"guardian": "鈴木幸子", "guardian_kana": "スズキサチコ"}
    assert evidence(HEALTH, NEW_HOUSEHOLD | moved | {"as_of": at(2023)}) > 0


def test_another_parent_named_with_another_telephone_is_the_same_household():
    father = {"guardian": "佐藤一郎", "guardian_kana": "サトウイチロウ", "phone": "09088887777"}
    weighed = weights(pair(HEALTH, father), MODEL).row(0, named=True)
    assert weighed["other_parent"] > weighed["stayed"]
    assert weighed["other_parent"] > weighed["changed"]
    assert evidence(HEALTH, father) > 10


def test_strangers_of_one_name_and_birthday_held_at_once_in_two_households_are_two_children():
    stranger = NEW_HOUSEHOLD | {"family": "佐藤", "family_kana": "サトウ", "guardian": "佐藤健", "guardian_kana": None}
    at_once = weigh(pair({}, stranger | {"local_id": "S2"}), MODEL)["evidence"].item()
    assert at_once + MODEL.held_at_once_weight < 0
    assert evidence(HEALTH, stranger) > at_once  # at different offices it may be one child who moved


def test_of_a_name_that_many_bear_such_a_pair_speaks_against_joining_by_itself():
    stranger = NEW_HOUSEHOLD | {"family": "佐藤", "family_kana": "サトウ", "guardian": "佐藤健", "guardian_kana": None}
    namesakes = [person | {"family": "佐藤", "given": "花子"} for person in CROWD]
    frame = compared({}, stranger | {"local_id": "S2"}, *namesakes)
    row = weigh(frame.filter((pl.col("left") == 0) & (pl.col("right") == 1)), MODEL).row(0, named=True)
    assert row["against"] == row["evidence"] < 0


def test_rows_of_one_number_need_less_but_not_nothing():
    slip = {"as_of": at(2021), "birth_date": date(2012, 6, 17)}
    assert evidence({}, slip) > evidence(HEALTH, slip)
    other = NEW_HOUSEHOLD | {
        "given": "翼",
        "given_kana": "ツバサ",
        "birth_date": date(2001, 2, 3),
        "guardian": "鈴木健",
    }
    assert evidence({}, other | {"as_of": at(2024), "guardian_kana": "スズキケン"}) < 0


def test_what_contradicts_speaks_against_joining_whatever_the_household_says():
    row = weigh(pair(HEALTH, {"birth_date": date(2009, 11, 30), "given": "桃子", "given_kana": "モモコ"}), MODEL)
    assert row["against"].item() < -5
    assert weigh(pair(HEALTH, {}), MODEL)["against"].item() == 0


def test_a_birth_date_that_makes_an_age_implausible_weighs_against_one_child():
    slip = pair(HEALTH, {"birth_date": date(2010, 6, 7)})
    plausible, implausible = (slip.with_columns(implausible_age=pl.lit(value)) for value in (False, True))
    before, after = (weights(frame, MODEL).row(0, named=True) for frame in (plausible, implausible))
    for weighed in ("individual", "against_strangers", "against_siblings"):
        assert after[weighed] == pytest.approx(before[weighed] - IMPLAUSIBLE_AGE)
    assert weigh(implausible, MODEL)["evidence"].item() < weigh(plausible, MODEL)["evidence"].item()


def test_an_implausible_age_says_nothing_of_two_born_on_one_day():
    # Both were born then, so the slip is in neither birth date.
    alike = pair(HEALTH, {})
    evidences = [
        weigh(alike.with_columns(implausible_age=pl.lit(value)), MODEL)["evidence"].item() for value in (False, True)
    ]
    assert evidences[0] == evidences[1]


def by_time(way: str, comparison: str, shares: list[list[float]]) -> Model:
    """The expected model with other shares of one comparison in each class of time."""
    household = [one | {comparison: at_time} for one, at_time in zip(MODEL.household[way], shares, strict=True)]
    return replace(MODEL, household=MODEL.household | {way: household})


@pytest.mark.parametrize("years", range(TIMES))
def test_each_class_of_time_weighs_by_its_own_shares(years):
    expected = MODEL.household["stayed"][0]["telephone"]
    shares = [[share, expected[1], 1 - share - expected[1]] for share in (0.95, 0.8, 0.6, 0.3)]
    frame = pair(HEALTH, {}).with_columns(years=pl.lit(years, pl.Int8))
    changed = weights(frame, by_time("stayed", "telephone", shares)).row(0, named=True)["stayed"]
    plain = weights(frame, MODEL).row(0, named=True)["stayed"]
    assert changed - plain == pytest.approx(math.log2(shares[years][0] / expected[0]))


@pytest.mark.parametrize("years", range(TIMES))
def test_each_class_of_time_has_its_own_share_of_the_ways(years):
    ways = {"stayed": [0.8, 0.7, 0.5, 0.3], "other_parent": [0.18, 0.25, 0.3, 0.3], "changed": [0.02, 0.05, 0.2, 0.4]}
    frame = pair(HEALTH, {}).with_columns(years=pl.lit(years, pl.Int8))
    weighed = weights(frame, replace(MODEL, ways=ways)).row(0, named=True)
    plain = weights(frame, MODEL).row(0, named=True)
    for way, share in WAYS.items():
        assert weighed[way] - plain[way] == pytest.approx(math.log2(ways[way][years] / share))


def test_a_household_cannot_have_changed_between_two_rows_of_one_source_and_date():
    moved = pair({}, NEW_HOUSEHOLD | {"local_id": "S2"})
    assert moved["held_at_once"].item()
    assert weights(moved, MODEL)["changed"].item() == -math.inf


def test_nothing_to_compare_weighs_nothing():
    columns = {f"gamma_{c.name}": [-1] for c in INDIVIDUAL} | {"rarity_given_name": [0.0]}
    frame = pl.DataFrame(columns, schema_overrides={name: pl.Int8 for name in columns if name.startswith("gamma")})
    assert frame.select(weight(INDIVIDUAL, MODEL.m, MODEL.u)).item() == 0


def test_a_weight_is_log2_of_m_over_u_and_by_frequency_log2_of_m_over_the_frequency():
    given_name = [c for c in INDIVIDUAL if c.name == "given_name"]
    strongest = len(given_name[0].levels) - 1
    columns = {"gamma_given_name": [strongest, strongest, 0], "rarity_given_name": [3.0, 10.0, 0.0]}
    frame = pl.DataFrame(columns, schema_overrides={"gamma_given_name": pl.Int8})
    m, u = MODEL.m["given_name"], MODEL.u["given_name"]
    by_frequency = frame.select(weight(given_name, MODEL.m, MODEL.u)).to_series().to_list()
    assert by_frequency == pytest.approx([math.log2(m[0]) + 3, math.log2(m[0]) + 10, math.log2(m[-1] / u[-1])])
    plain = frame.select(weight(given_name, MODEL.m, MODEL.u, by_frequency=False)).to_series().to_list()
    assert plain == pytest.approx([math.log2(m[0] / u[0])] * 2 + [math.log2(m[-1] / u[-1])])


@given(st.floats(-900, 900), st.floats(-900, 900))
def test_sums_of_powers_of_two_and_probabilities_do_not_overflow(a, b):
    total = pl.select(log2_sum(pl.lit(a), pl.lit(b))).item()
    assert max(a, b) <= total <= max(a, b) + 1
    assert total == pl.select(log2_sum(pl.lit(b), pl.lit(a))).item()
    assert 0 <= pl.select(probability(pl.lit(a))).item() <= 1


def test_a_probability_is_odds_in_bits():
    assert pl.select(probability(pl.lit(0.0))).item() == 0.5
    assert pl.select(probability(pl.lit(2.0))).item() == 0.8
    assert pl.select(log2_sum(pl.lit(3.0), pl.lit(3.0))).item() == 4
    assert pl.select(log2_sum(pl.lit(3.0), pl.lit(-math.inf))).item() == 3
