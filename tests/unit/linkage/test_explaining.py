"""Explanations: their parts add up to the evidence, whatever the pair; every level has words; the model as a table."""

import math
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from linkage.compare_two import compare_two
from linkage.comparisons import COMPARISONS, HOUSEHOLD
from linkage.evidence import log2_sum, weigh, weights
from linkage.explaining import CIRCUMSTANCES, explain
from linkage.levels import level_key, model_levels
from linkage.link import link
from linkage.model import TIMES, WAYS, expected_model
from tests.unit.linkage.people import at, compared, records
from vocabulary.texts import catalogue

MODEL = expected_model(1e-4)
CROWD = [
    {
        "source": "welfare",
        "local_id": f"W{n}",
        "given": f"名{n}",
        "given_kana": None,
        "family": f"家{n}",
        "as_of": at(2001),
    }
    for n in range(50)
]  # so that no name is frequent
HEALTH = {"source": "health", "local_id": "H1"}
OTHER_PARENT = {"guardian": "佐藤健一", "guardian_kana": "サトウケンイチ", "phone": "09011112222"}
TWIN = {"local_id": "S2", "given": "桃子", "given_kana": "モモコ"}


def explained(left, right, model=MODEL):
    """The explanation of the two records, compared amid the crowd."""
    found = compared(left, right, *CROWD).filter((pl.col("left") == 0) & (pl.col("right") == 1))
    return explain(weigh(found, model), model)


def bits_of(contributions):
    return {one.term: one.bits for one in contributions}


@st.composite
def pairs(draw):
    """A compared pair at any levels, in any circumstances."""
    row = {"left": 0, "right": 1}
    for comparison in COMPARISONS:
        gamma = draw(st.integers(-1, len(comparison.levels) - 1))
        row[f"gamma_{comparison.name}"] = gamma
        if comparison.by_frequency:
            rare = gamma >= 0 and comparison.levels[len(comparison.levels) - 1 - gamma].by_frequency
            row[f"rarity_{comparison.name}"] = draw(st.floats(0.5, 20)) if rare else 0.0
    for circumstance in ("held_at_once", "same_number", "implausible_age"):
        row[circumstance] = draw(st.booleans())
    row["years"] = draw(st.integers(0, TIMES - 1))
    row["support"] = draw(st.sampled_from([0.0, 0.0, 3.9]))
    schema = {"years": pl.Int8} | {f"gamma_{comparison.name}": pl.Int8 for comparison in COMPARISONS}
    return pl.DataFrame([row], schema_overrides=schema)


def models():
    """The expected model with other ways, odds and priors."""
    shares = st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(lambda given: [one / sum(given) for one in given])
    by_time = st.lists(shares, min_size=TIMES, max_size=TIMES)
    return st.builds(
        lambda prior, odds, ways: replace(
            expected_model(prior),
            sibling_odds=odds,
            ways={way: [shares[place] for shares in ways] for place, way in enumerate(WAYS)},
        ),
        st.floats(1e-8, 0.4),
        st.floats(0.01, 10),
        by_time,
    )


@settings(max_examples=80, deadline=None)
@given(pairs(), models())
def test_contributions_add_up_to_the_evidence_of_linkage(pair, model):
    found = explain(pair, model)
    read = weights(pair, model).with_columns(against_strangers=pl.col("against_strangers") + pl.col("support"))
    evidence = read.select(-log2_sum(-pl.col("against_strangers"), -pl.col("against_siblings"))).item()
    strangers, siblings = (sum(one.bits for one in part) for part in (found.strangers, found.siblings))
    assert strangers == pytest.approx(read["against_strangers"].item(), abs=1e-9)
    assert siblings == pytest.approx(read["against_siblings"].item(), abs=1e-9)
    decides = {"strangers": strangers, "siblings": siblings}
    assert decides[found.decided_by] == min(decides.values())
    assert min(decides.values()) + found.other_reading == pytest.approx(evidence, abs=1e-9)
    assert found.evidence == pytest.approx(evidence, abs=1e-9)
    assert found.against == pytest.approx(weigh(pair, model)["against"].item(), abs=1e-9)
    assert -1 <= found.other_reading <= 0


@settings(max_examples=80, deadline=None)
@given(pairs(), models())
def test_the_ways_are_likely_as_their_weights_say(pair, model):
    found = explain(pair, model)
    household = sum(one.bits for one in found.strangers if one.term in {c.name for c in HOUSEHOLD} | {"held_at_once"})
    for way in found.ways:
        if way.way == "changed" and pair["held_at_once"].item():
            assert way.likely == 0
        else:
            assert math.log2(way.share) + sum(way.bits.values()) == pytest.approx(household + math.log2(way.likely))
    assert sum(way.likely for way in found.ways) == pytest.approx(1)


def test_of_one_number_and_of_brothers_and_sisters_it_is_said():
    renamed = {"as_of": at(2022), "given": "翼", "given_kana": "ツバサ"}
    assert explained({}, renamed).strangers[0].term == "same_number"
    pair = weigh(compared({}, HEALTH), MODEL).with_columns(support=pl.lit(3.0))
    assert bits_of(explain(pair, MODEL).strangers)["support"] == 3


def test_twins_are_decided_against_each_other_and_not_against_strangers():
    found = explained({}, TWIN)
    assert found.decided_by == "siblings"
    assert found.like_twins
    assert found.held_at_once
    assert bits_of(found.siblings)["given_name"] < 0
    assert not {"family_name", "address", "telephone", "guardian"} & bits_of(found.siblings).keys()


def test_a_difference_that_another_explains_weighs_less_than_it_would_alone():
    found = explained({}, HEALTH | OTHER_PARENT)
    alone = explained({}, HEALTH | {name: OTHER_PARENT[name] for name in ("guardian", "guardian_kana")})
    likely = {way.way: way.likely for way in found.ways}
    assert max(likely, key=likely.get) == "other_parent"
    assert bits_of(found.strangers)["telephone"] < 0
    assert bits_of(alone.strangers)["guardian"] < bits_of(found.strangers)["guardian"] < 0.5


def test_a_rare_value_says_by_how_much_its_rarity_counts():
    (rare,) = (one for one in explained({}, HEALTH).strangers if one.term == "given_name")
    frequent = [one | {"given": "花子", "given_kana": "ハナコ"} for one in CROWD]
    pair = compared({}, HEALTH, *frequent).filter((pl.col("left") == 0) & (pl.col("right") == 1))
    (common,) = (one for one in explain(pair, MODEL).strangers if one.term == "given_name")
    assert rare.frequency == pytest.approx(2 / 52)
    assert common.frequency == pytest.approx(1)
    assert common.bits - rare.bits == pytest.approx(common.frequency_bits - rare.frequency_bits)
    assert common.frequency_bits < rare.frequency_bits


def test_nothing_to_compare_is_no_level_and_no_bits():
    found = explained({}, HEALTH | {"phone": None})
    (telephone,) = (one for one in found.strangers if one.term == "telephone")
    assert telephone.level is None
    assert telephone.bits == pytest.approx(0, abs=1e-9)


def test_two_profiles_compared_after_the_run_compare_as_in_it():
    moved = {"town": "新町", "block": "9-9", "postal": "5638888", "as_of": at(2023)}
    rows = records({}, HEALTH, TWIN, HEALTH | moved, {"local_id": "S9", "given": "翼", "birth_date": at(2009)}, *CROWD)
    linked = link(rows)
    known = linked.known
    assert linked.pairs.height >= 3
    for left, right in linked.pairs.select("left", "right").rows()[:5]:
        asked = compare_two(known, linked.model, left, right)
        stored = linked.pairs.filter(pl.col("left") == left, pl.col("right") == right).select(asked.columns)
        assert_frame_equal(asked, stored)
    never = compare_two(known, linked.model, 0, linked.profiles.profiles["profile"].max())
    assert explain(never, linked.model).evidence < 0


LEVELS = {f"level_{comparison.name}_{level_key(level)}" for comparison in COMPARISONS for level in comparison.levels}
TEXTS = {key.removeprefix("explain.") for key in catalogue() if key.startswith("explain.")}


def test_every_level_has_words_and_every_word_a_level():
    assert len(LEVELS) == sum(len(comparison.levels) for comparison in COMPARISONS)
    assert {key for key in TEXTS if key.startswith("level_")} == LEVELS


def test_every_term_and_way_has_words():
    terms = {comparison.name for comparison in COMPARISONS} | set(CIRCUMSTANCES)
    assert {f"term_{term}" for term in terms} <= TEXTS
    assert {f"said_{term}" for term in CIRCUMSTANCES} <= TEXTS
    assert {f"way_{way}" for way in WAYS} <= TEXTS


def test_the_model_as_a_table_holds_every_share_once():
    levels = model_levels(MODEL)
    against = pl.col("against")
    of_household = levels.filter(pl.col("way").is_not_null())
    assert of_household.height == len(WAYS) * TIMES * sum(len(comparison.levels) for comparison in HOUSEHOLD)
    assert levels.filter(against == "twins")["comparison"].unique().sort().to_list() == [
        "given_name",
        "sex",
        "shared_number",
    ]
    sums = levels.group_by("comparison", "against", "way", "years").agg(pl.col("one_child", "other").sum())
    assert sums["one_child"].to_list() == pytest.approx([1] * sums.height, abs=1e-5)
    assert sums["other"].to_list() == pytest.approx([1] * sums.height, abs=1e-5)
    assert levels["bits"].to_list() == pytest.approx((levels["one_child"] / levels["other"]).log(2).to_list())
    same = levels.row(0, named=True)
    assert (same["comparison"], same["level"], same["place"], same["way"]) == ("given_name", "same", 0, None)
