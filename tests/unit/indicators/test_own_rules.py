"""Another city's, or another country's, data: sources by specification and rules of their own, no line of code."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from indicators.compute import compute_indicators
from indicators.docs import page
from indicators.judgement_rules import load_judgement_rules
from indicators.judgements import judge
from indicators.rules import UNSET_LEVELS, Rules, load_rules
from tests.unit.indicators.tables import names, persons
from vocabulary.errors import SpecificationError
from vocabulary.frames import INDICATORS, TIMELINE
from vocabulary.source import load_sources

SOURCES = {
    "exams": """
name = "exams"
title = { ja = "試験", en = "Exams" }
[measurements.reading]
type = "number"
min = 0
max = 800
[measurements.mathematics]
type = "number"
min = 0
max = 800
""",
    "lunch": """
name = "lunch"
title = { ja = "給食", en = "School lunch" }
[measurements.status]
type = "category"
values = ["paid", "reduced", "free"]
""",
    "panel": """
name = "panel"
title = { ja = "家計調査", en = "Household panel" }
[measurements.poor]
type = "flag"
""",
}

RULES = """
[indicators.reading]
domain = "learning"
title = { ja = "読解", en = "Reading" }
items = ["exams.reading"]
form = "mean"
model = "growth"
worse = "lower"
amount = { ja = "{value}点", en = "{value} points" }

[indicators.mathematics]
domain = "learning"
title = { ja = "数学", en = "Mathematics" }
items = ["exams.mathematics"]
form = "mean"
model = "growth"
worse = "lower"
amount = { ja = "{value}点", en = "{value} points" }

[indicators.lunch]
domain = "livelihood"
title = { ja = "給食費の区分", en = "Lunch status" }
items = ["lunch.status"]
codes = { paid = 0, reduced = 1, free = 2 }
form = "last"
model = "transitions"
worse = "higher"
amount = { ja = "{value}", en = "{value}" }
words = [
    { value = 0, ja = "有料", en = "paid" },
    { value = 1, ja = "減額", en = "reduced" },
    { value = 2, ja = "無料", en = "free" },
]
levels = [{ from = 1, level = 1, basis = "ours" }, { from = 2, level = 2, basis = "ours" }]

[indicators.poverty]
domain = "livelihood"
title = { ja = "所得が貧困線より下", en = "Income below the poverty line" }
items = ["panel.poor"]
form = "highest"
model = "transitions"
worse = "higher"
amount = { ja = "{value}", en = "{value}" }
words = [{ value = 0, ja = "いいえ", en = "no" }, { value = 1, ja = "はい", en = "yes" }]
levels = [{ from = 1, level = 2, basis = "ours" }]
"""

CHILDREN, YEARS = 400, range(2018, 2024)


@pytest.fixture(scope="module")
def rules(tmp_path_factory) -> Rules:
    folder: Path = tmp_path_factory.mktemp("workspace")
    (folder / "sources").mkdir()
    for name, specification in SOURCES.items():
        (folder / "sources" / f"{name}.toml").write_text(specification, encoding="utf-8")
    (folder / "indicators.toml").write_text(RULES, encoding="utf-8")
    found = load_rules(folder / "indicators.toml")
    found.hold_against(load_sources(folder / "sources"))
    return found


@pytest.fixture(scope="module")
def indicators(rules: Rules) -> pl.DataFrame:
    return compute_indicators(told(), persons(names(CHILDREN)), rules)


def told() -> pl.DataFrame:
    """Two test scores a year, in May and November, of a lasting ability; the other sources once a year.

    In the last year p00000 drops by 150 points in both subjects, gets lunch for free and falls below the poverty line.
    """
    chance = np.random.default_rng(3)
    ability = 500 + 80 * chance.normal(size=CHILDREN)
    rows = []
    for year in YEARS:
        last = year == YEARS[-1]
        for day in (date(year, 5, 15), date(year, 11, 15)):
            for item in ("reading", "mathematics"):
                score = np.round(ability + 30 * chance.normal(size=CHILDREN) - 150 * last * (np.arange(CHILDREN) == 0))
                rows += [
                    (name, day, "exams", item, f"{value:g}") for name, value in zip(names(CHILDREN), score, strict=True)
                ]
        rows += [
            (name, date(year, 9, 1), "lunch", "status", "free" if last and not at else ("paid", "reduced")[at % 5 == 1])
            for at, name in enumerate(names(CHILDREN))
        ]
        rows += [
            (name, date(year, 3, 31), "panel", "poor", str(int(last and not at)))
            for at, name in enumerate(names(CHILDREN))
        ]
    return pl.DataFrame(rows, schema=TIMELINE, orient="row")


def fact(indicators: pl.DataFrame, indicator: str, year: int = YEARS[-1], child: str = "p00000") -> dict:
    return indicators.filter(
        (pl.col("indicator") == indicator) & (pl.col("year") == year) & (pl.col("person_id") == child)
    ).row(0, named=True)


def test_each_source_gives_its_indicators(indicators: pl.DataFrame):
    assert indicators.schema == INDICATORS
    assert set(indicators["indicator"]) == {"reading", "mathematics", "lunch", "poverty"}


def test_two_scores_a_year_are_one_value_and_their_drop_is_a_surprise(indicators: pl.DataFrame):
    dropped = fact(indicators, "reading")
    assert dropped["as_of"] == date(2023, 11, 15)
    assert dropped["change_z"] > 3


def test_codes_and_a_yes_or_no_become_levels(indicators: pl.DataFrame):
    assert (fact(indicators, "lunch")["level"], fact(indicators, "lunch")["previous_level"]) == (2, 0)
    assert fact(indicators, "lunch", child="p00001")["level"] == 1
    assert fact(indicators, "poverty", year=2022)["level"] == 2  # recorded on 31 March 2023, so of fiscal 2022
    assert fact(indicators, "poverty", year=2022)["change_z"] > 2


def test_levels_that_no_city_set_are_standings_in_the_grade(rules: Rules, indicators: pl.DataFrame):
    reading = rules.indicators["reading"]
    assert reading.on == "norm"
    assert [cut.begins for cut in reading.levels] == [-mark for mark in UNSET_LEVELS.values()]
    shares = indicators.filter(pl.col("indicator") == "reading")["level"]
    assert (shares >= 1).mean() == pytest.approx(0.159, abs=0.03)
    assert (shares >= 3).mean() == pytest.approx(0.023, abs=0.015)


def test_the_built_in_judgements_go_with_them(rules: Rules, indicators: pl.DataFrame):
    found = judge(indicators, persons(names(CHILDREN)), rules, load_judgement_rules())
    assert not any("attendance" in basis for basis in found["basis"])  # no indicator of it, so nothing to be known
    of_first = dict(
        found.filter((pl.col("person_id") == "p00000") & (pl.col("year") == YEARS[-1]))
        .select("domain", "judgement")
        .iter_rows()
    )
    assert set(of_first) == {"livelihood", "learning", "overall"}
    assert of_first["livelihood"] == 2
    assert of_first["overall"] >= 1


def test_the_page_of_indicators_is_made_from_them(rules: Rules):
    told = page(rules, load_judgement_rules())
    assert "`exams.reading`" in told
    assert "読解 (`reading`), 数学 (`mathematics`)" in told


def test_an_item_that_no_source_has_is_named(rules: Rules):
    with pytest.raises(SpecificationError, match=r"reading.*exams\.reading"):
        rules.hold_against(load_sources())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('items = ["exams.reading"]', 'items = ["reading"]', "items"),
        ('items = ["exams.reading"]', 'items = ["exams.*"]', "stopped"),
        ('worse = "lower"\n', "", "worse"),
        ("levels = [{ from = 1, level = 2", "marks = [{ from = 1, level = 2", "levels"),
    ],
)
def test_what_a_city_has_to_state_is_asked_for(tmp_path: Path, old: str, new: str, said: str):
    file = tmp_path / "indicators.toml"
    assert old in RULES
    file.write_text(RULES.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SpecificationError, match=said):
        load_rules(file)
