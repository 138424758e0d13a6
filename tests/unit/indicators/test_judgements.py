import json
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.judgement_basis import in_words
from indicators.judgement_rules import DOMAINS, SCOPES, JudgementRules, load_judgement_rules
from indicators.judgements import judge
from indicators.rules import load_rules
from tests.unit.indicators.tables import persons
from vocabulary.frames import INDICATORS, JUDGEMENTS

RULES = load_rules()
STEPS = load_judgement_rules()
BEFORE = {"first": 0, "again": 0, "stays": 1, None: 0}

Known = dict[str, tuple[int, float | None, str | None]]
"""Indicators known of one child: level, percentile of the change, entry."""


def table(children: list[Known], year: int = 2024) -> pl.DataFrame:
    rows = [
        {
            "person_id": f"p{at:05d}",
            "year": year,
            "as_of": date(year, 4, 1),
            "indicator": name,
            "value": float(level),
            "level": level,
            "previous_level": BEFORE[entry],
            "percentile": percentile,
            "entry": entry if level else None,
            "link_confidence": 1.0,
        }
        for at, known in enumerate(children)
        for name, (level, percentile, entry) in known.items()
    ]
    return pl.DataFrame(rows, schema=INDICATORS)


def judged(children: list[Known], steps: JudgementRules = STEPS) -> list[dict[str, int]]:
    """Judgements of each child by domain."""
    ids = [f"p{at:05d}" for at in range(len(children))]
    found = judge(table(children), persons(ids), RULES, steps)
    assert found.schema == JUDGEMENTS
    return [dict(found.filter(pl.col("person_id") == name).select("domain", "judgement").iter_rows()) for name in ids]


def plainly(known: Known) -> dict[str, int]:
    """The rules read out, one child at a time."""
    found = {}
    for domain in DOMAINS:
        own = {name: fact for name, fact in known.items() if RULES.indicators[name].domain == domain}
        if own:
            found[domain] = next(
                (step.judgement for step in STEPS.steps(domain) if all(met(n, own) for n in step.needs)), 0
            )
    if found:
        reached = {
            step.judgement: step
            for step in reversed(STEPS.overall)
            if all(
                sum(found[name] >= need.judgement for name in found if not need.of or name in need.of) >= need.at_least
                for need in step.needs
            )
        }
        found["overall"] = max(reached, default=0)
    return found


def met(need, own: Known) -> bool:
    count = 0
    for name, (level, percentile, entry) in own.items():
        named = not need.of or name in need.of
        changed = need.percentile is None or (percentile is not None and percentile > need.percentile)
        entered = not need.entry or (level > 0 and entry in need.entry)
        count += named and changed and entered and level >= need.level
    return count >= need.at_least


FACT = st.tuples(
    st.integers(0, 3),
    st.none() | st.sampled_from([40.0, 94.0, 96.0, 98.0]),
    st.sampled_from(["first", "again", "stays"]),
)
CHILD = st.dictionaries(st.sampled_from(sorted(RULES.indicators)), FACT, max_size=12)


@given(st.lists(CHILD, min_size=1, max_size=8))
def test_every_combination_has_one_outcome_the_one_the_rules_read_out_give(children: list[Known]):
    assert judged(children) == [plainly(known) for known in children]


@given(CHILD.filter(bool), st.data())
def test_a_worse_level_or_a_larger_change_never_lowers_a_judgement(known: Known, data: st.DataObject):
    name = data.draw(st.sampled_from(sorted(known)))
    level, percentile, entry = known[name]
    larger = data.draw(st.floats(percentile or 0, 100))
    worse = known | {name: (data.draw(st.integers(level, 3)), larger, entry)}
    before, after = judged([known, worse])
    assert all(after[scope] >= judgement for scope, judgement in before.items())


@given(CHILD.filter(bool), st.sampled_from(sorted(RULES.indicators)))
def test_an_indicator_that_is_not_known_counts_neither_for_nor_against(known: Known, name: str):
    without = {other: fact for other, fact in known.items() if other != name}
    fine = without | {name: (0, None, None)}
    lacking, recorded = judged([without, fine])
    assert {scope: found for scope, found in recorded.items() if scope in lacking} == lacking


def basis(children: list[Known], domain: str) -> list[dict]:
    ids = [f"p{at:05d}" for at in range(len(children))]
    found = judge(table(children), persons(ids), RULES, STEPS)
    return json.loads(found.filter(pl.col("domain") == domain)["basis"].item())


def test_the_basis_says_the_step_what_met_it_and_what_was_not_known():
    rule, first, second, unknown = basis(
        [{"score_math": (3, 98.0, "first"), "score_language": (2, 99.0, "stays")}], "learning"
    )
    assert rule["rule"] == "learning.clear_and_changed"
    assert rule["en"].startswith("A clear indicator of learning has fallen")
    assert (first["indicator"], first["level"], first["percentile"]) == ("score_math", 3, 98.0)
    assert (second["indicator"], second["rule"]) == ("score_language", "learning.clear_and_changed")
    assert "段階2" in second["ja"]
    assert unknown["not_known"] == ["study_habit"]


def test_the_basis_in_words():
    found = judge(table([{"public_assistance": (3, None, "stays")}]), persons(["p00000"]), RULES, STEPS)
    livelihood, overall = found["basis"]
    assert in_words(livelihood, "livelihood", RULES, STEPS, "en") == [
        "An indicator of livelihood is at its strongest level.",
        "Public assistance: 3 (level 3)",
        "Not looked at, for want of a record: Child rearing allowance, Tax-exempt household (from the child medical "
        "subsidy), One-parent household, School expense aid, Nursery fee arrears, School lunch fee arrears, Number of "
        "consultations, Topic of consultation, Signs of hardship without recorded support",
    ]
    assert in_words(overall, "overall", RULES, STEPS, "ja") == [
        "一つの領域に強いしるしがあります。",
        "生活困窮: 手厚い支援を検討",
        "記録がないので見ていないもの: 出欠・学力・非認知能力等・健康・発育",
    ]


def test_an_indicator_that_did_not_meet_the_step_is_not_in_its_basis():
    _, only, _ = basis([{"score_math": (2, 98.0, "first"), "score_language": (2, 50.0, "stays")}], "learning")
    assert only["indicator"] == "score_math"


def test_nothing_reached_still_says_what_was_not_known():
    (unknown,) = basis([{"absence": (0, 50.0, None)}], "attendance")
    assert set(unknown["not_known"]) == {"lateness", "nurse_room", "records_stopped"}


def test_the_overall_basis_names_domains_and_those_not_known():
    rule, first, second, unknown = basis(
        [{"public_assistance": (3, None, "stays"), "absence": (2, 90.0, "first")}], "overall"
    )
    assert rule["rule"] == "overall.strong_livelihood_and_clear"
    assert (first["domain"], first["judgement"]) == ("livelihood", 3)
    assert (second["domain"], second["judgement"]) == ("attendance", 2)
    assert second["ja"] == "出欠: 支援を検討"
    assert unknown["not_known"] == ["learning", "non_cognitive", "health"]


def test_rows_are_ordered_and_say_their_word_and_confidence():
    found = judge(
        table(
            [{"absence": (3, None, "first")}, {"public_assistance": (3, None, "stays"), "absence": (3, None, "first")}]
        ),
        persons(["p00000", "p00001"], confidence=0.8),
        RULES,
        STEPS,
    )
    assert found["domain"].to_list() == ["attendance", "overall", "livelihood", "attendance", "overall"]
    assert found["word"].to_list()[1] == "予防的措置"
    assert found["word"].to_list()[4] == "重点支援"
    assert found["link_confidence"].unique().to_list() == [0.8]


def test_nothing_known_gives_no_row():
    assert judge(INDICATORS.to_frame(), persons([]), RULES, STEPS).is_empty()


@pytest.mark.parametrize("scope", SCOPES)
def test_titles_and_words_are_in_both_languages(scope):
    assert STEPS.titles[scope].ja
    assert STEPS.titles[scope].en
    assert [STEPS.word(scope, step).judgement for step in range(4)] == [0, 1, 2, 3]
