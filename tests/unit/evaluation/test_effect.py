"""The figures of an effect: who is compared with whom, what is counted, and what is never told."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy.stats import t as student

from evaluation.effect import measure_effect
from evaluation.effect_cohort import gather
from evaluation.effect_estimates import difference, e_values, holm
from evaluation.effect_figures import Count, Estimate, coded_share
from evaluation.effect_matching import match, whitened
from tests.unit.evaluation.supported_city import FIRST, supported_city
from vocabulary.errors import EvaluationError
from vocabulary.frames import INDICATORS, PERSONS, TIMELINE

OUTCOMES = ("score_math", "absence")


@pytest.fixture(scope="module")
def city():
    return supported_city(1, children=1500, effect=3.0, leaving=0.03)


@pytest.fixture(scope="module")
def cohort(city):
    return gather(city.indicators, city.persons, city.timeline, city.supported, OUTCOMES)


@pytest.fixture(scope="module")
def matching(cohort):
    return match(cohort, OUTCOMES)


@pytest.fixture(scope="module")
def effect(city):
    return measure_effect(city.indicators, city.persons, city.timeline, city.supported, OUTCOMES)


@pytest.mark.parametrize(
    ("hits", "of", "share"),
    [(0, 40, 0.0), (9, 400, 0.0), (10, 400, 0.03), (30, 40, 0.75), (31, 40, 1.0), (40, 40, 1.0), (391, 400, 1.0)],
)
def test_a_share_gives_no_count_below_ten(hits, of, share):
    assert coded_share(hits, of) == share


def test_every_share_told_is_of_ten_or_more_on_both_sides(effect, cohort, matching):
    supported = int(cohort.supported.sum())
    without = supported - len(matching.treated)
    assert effect.without_partner == (0.0 if without < 10 else round(without / supported, 2))
    for each in effect.outcomes:
        for share in (each.followed.supported, each.followed.comparison):
            assert share is None or share in (0.0, 1.0) or 0.02 <= share <= 0.99


def test_an_outcome_known_on_doubtful_links_alone_is_a_clear_line(city):
    sure = city.indicators.filter(pl.col("indicator") == "score_math")["person_id"].unique().sort().head(500)
    persons = city.persons.with_columns(
        link_confidence=pl.when(pl.col("person_id").is_in(sure.implode())).then(1.0).otherwise(0.5)
    )
    indicators = city.indicators.filter((pl.col("indicator") != "absence") | ~pl.col("person_id").is_in(sure.implode()))
    with pytest.raises(EvaluationError, match="absence"):
        gather(indicators, persons, city.timeline, city.supported, ["absence"], min_link_confidence=0.9)


def test_partners_agree_in_year_grades_and_sex_and_had_no_support_by_then(cohort, matching, city):
    began = dict(city.supported.iter_rows())
    for treated, partners in zip(matching.treated, matching.partner, strict=True):
        own = cohort.rows.row(int(treated), named=True)
        assert began[own["person_id"]] == own["year"]
        for partner in partners[partners >= 0]:
            other = cohort.rows.row(int(partner), named=True)
            assert other["stratum"] == own["stratum"]
            assert began.get(other["person_id"], 9999) > own["year"]


def test_a_child_is_a_partner_once_in_a_year(matching):
    partners = matching.partner[matching.partner >= 0]
    assert len(set(partners)) == len(partners)


def test_candidates_are_not_chosen_by_what_happened_later(cohort, city):
    began = dict(city.supported.iter_rows())
    later = cohort.rows.filter(~pl.col("supported") & pl.col("began").is_not_null())
    assert later.height > 0
    assert all(began[person] == year for person, year in later.select("person_id", "began").iter_rows())


def test_matching_makes_the_groups_alike(effect):
    before = max(abs(row.before) for row in effect.balance)
    assert before > 0.5
    assert effect.worst_balance < 0.15


def test_the_whitened_distance_is_that_of_mahalanobis():
    columns = np.random.default_rng(0).normal(size=(50, 3)) @ np.array([[2, 1, 0], [0, 1, 0.5], [0, 0, 1]])
    between = columns[0] - columns[1]
    expected = between @ np.linalg.inv(np.cov(columns, rowvar=False)) @ between
    found = whitened(columns)
    assert ((found[0] - found[1]) ** 2).sum() == pytest.approx(expected)


def twins(gains):
    """As many supported children as `gains`, each beside one with the same past; the supported gain so much."""
    people = [(f"{group}{at}", gain if group == "s" else 0.0) for at, gain in enumerate(gains) for group in "sc"]
    persons = pl.DataFrame({"person_id": [person for person, _ in people], "sex": ["F"] * len(people)})
    rows = [
        {"person_id": person, "year": year, "indicator": "score", "value": 50 + gain * (year > 2020)}
        for person, gain in people
        for year in range(2017, 2023)
    ]
    indicators = pl.concat([INDICATORS.to_frame(), pl.DataFrame(rows)], how="diagonal_relaxed").cast(INDICATORS)
    supported = pl.DataFrame(
        {"person_id": [f"s{at}" for at in range(len(gains))], "year": [2020] * len(gains)},
        schema_overrides={"year": pl.Int32()},
    )
    everybody = pl.concat([PERSONS.to_frame(), persons], how="diagonal_relaxed")
    return indicators, everybody, supported


def test_where_all_else_is_equal_the_difference_is_that_of_the_means_with_a_t_interval():
    gains = np.random.default_rng(3).normal(2.0, 1.5, 40)
    indicators, persons, supported = twins(gains)
    found = measure_effect(indicators, persons, TIMELINE.to_frame(), supported, ["score"], per_child=1)
    estimate = found.outcomes[0].estimate
    assert estimate.value == pytest.approx(gains.mean(), abs=1e-3)
    # the robust error of one coefficient: pairs whose partner's change is exactly 0
    half = student.ppf(0.975, 39) * gains.std(ddof=0) / np.sqrt(40) * np.sqrt(40 / 39 * 79 / 78)
    assert (estimate.high - estimate.low) / 2 == pytest.approx(half, rel=1e-3)
    assert found.outcomes[0].before_after == pytest.approx(gains.mean(), abs=1e-3)
    assert found.placebo[0].estimate.value == 0


def test_a_difference_is_not_estimated_from_fewer_than_thirty_sets(cohort, matching):
    small = type(matching)(matching.treated[:29], matching.partner[:29], matching.logit, matching.auc)
    assert difference(cohort, small, 0, 1) is None
    more = type(matching)(matching.treated[:40], matching.partner[:40], matching.logit, matching.auc)
    assert difference(cohort, more, 0, 1) is not None


def test_too_few_children_are_refused(city):
    with pytest.raises(EvaluationError) as refused:
        measure_effect(city.indicators, city.persons, city.timeline, city.supported.head(29), OUTCOMES)
    assert refused.value.key == "effect.too_few"


def test_where_everybody_was_supported_there_is_nobody_to_compare_with():
    indicators, persons, _ = twins(np.ones(40))
    everybody = persons.select("person_id", pl.lit(2020).cast(pl.Int32).alias("year"))
    with pytest.raises(EvaluationError) as refused:
        measure_effect(indicators, persons, TIMELINE.to_frame(), everybody, ["score"])
    assert refused.value.key == "effect.too_few_alike"


def test_without_birth_dates_partners_agree_in_the_grade_that_was_recorded():
    indicators, persons, supported = twins(np.ones(40))
    grades = persons.with_row_index("at").select(
        "person_id",
        pl.lit(date(2019, 5, 1)).alias("date"),
        pl.lit("school").alias("source"),
        pl.lit("grade").alias("item"),
        pl.when(pl.col("at") // 2 < 20).then(pl.lit("2")).otherwise(pl.lit("8")).alias("value"),
    )
    cohort = gather(indicators, persons, grades.cast(TIMELINE), supported, ["score"])
    strata = cohort.rows.group_by("stratum").len().sort("stratum").rows()
    assert strata == [("2020/junior high/F", 40), ("2020/lower elementary/F", 40)]


def test_an_outcome_without_values_is_refused(city):
    with pytest.raises(EvaluationError) as refused:
        measure_effect(city.indicators, city.persons, city.timeline, city.supported, ["height"])
    assert refused.value.key == "effect.outcome_without_values"


def test_children_the_run_does_not_know_or_saw_too_late_are_counted(city):
    unknown = {"person_id": [f"x{at}" for at in range(20)], "year": [2018] * 20}
    strangers = pl.DataFrame(unknown, schema=city.supported.schema)
    too_early = city.supported.head(15).with_columns(pl.lit(FIRST).cast(pl.Int32).alias("year"))
    named = pl.concat([strangers, too_early, city.supported.slice(15)])
    found = measure_effect(city.indicators, city.persons, city.timeline, named, OUTCOMES)
    assert found.flow.not_in_run.shown == 20
    assert found.flow.no_record_before.shown in (15, 20)  # a year that was not delivered loses a few more


def test_children_on_doubtful_links_are_in_neither_group(city):
    doubtful = pl.col("person_id").hash() % 3 == 0
    persons = city.persons.with_columns(pl.when(doubtful).then(0.5).otherwise(1.0).alias("link_confidence"))
    cohort = gather(city.indicators, persons, city.timeline, city.supported, OUTCOMES, min_link_confidence=0.9)
    weak = persons.filter(pl.col("link_confidence") < 0.9)
    assert cohort.rows.join(weak, on="person_id", how="semi").is_empty()
    assert cohort.missing["doubtful_link"] == city.supported.join(weak, on="person_id", how="semi").height


def test_no_person_is_named_and_small_counts_are_hidden(effect, city):
    said = effect.to_json()
    assert not any(person in said for person in city.persons["person_id"])
    assert [Count.of(number).shown for number in (0, 1, 9, 10, 12, 13, 1203)] == [None, None, None, 10, 10, 15, 1205]


def test_every_band_of_the_chance_of_support_holds_a_cell(effect, cohort):
    assert len(effect.bands) <= int(cohort.supported.sum()) // 10


def test_p_values_by_holm():
    assert holm([0.01, None, 0.04, 0.03]) == [0.03, None, 0.06, 0.06]
    assert holm([None]) == [None]


def test_the_e_value_of_the_published_example():
    # VanderWeele & Ding 2017: a risk ratio of 3.9 (interval from 1.8) has E-values 7.26 and 3.0
    ratio, low = np.log(3.9) / 0.91, np.log(1.8) / 0.91
    estimate = Estimate(value=ratio, low=low, high=2 * ratio, p=0.0, sets=Count(shown=100))
    assert e_values(estimate, 1.0) == (7.26, 3.0)
    assert e_values(estimate.model_copy(update={"low": -low}), 1.0) == (7.26, 1.0)


def test_shares_followed_are_of_years_that_were_delivered(effect):
    shares = [share for each in effect.outcomes for share in (each.followed.supported, each.followed.comparison)]
    assert all(share is not None and 0.9 < share <= 1 for share in shares)
