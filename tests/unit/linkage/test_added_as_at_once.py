"""Adding deliveries one by one gives what linking all at once under the same model gives: persons, pairs and levels."""

import dataclasses
import random

import polars as pl
import pytest

from linkage.comparisons import COMPARISONS
from linkage.link import link
from linkage.linked import Linkage
from tests.unit.linkage.people import records
from tests.unit.linkage.town import HOUSEHOLD, TOWN, X, child, held, partition
from vocabulary.frames import RECORD

LEVELS = [*(f"gamma_{comparison.name}" for comparison in COMPARISONS), "held_at_once", "same_number", "years"]
LATE_NAMESAKE = X | {"given": "碧", "given_kana": "アオ"}
BORN_A_YEAR_LATER = {"birth_date": X["birth_date"].replace(year=X["birth_date"].year + 9)}
ELSEWHERE = {"phone": None, "guardian": None, "town": "遠町", "block": "7-7", "postal": "5600000"}
BROTHER = {"local_id": "B100", "given": "大地", "given_kana": "ダイチ", "birth_date": X["birth_date"].replace(day=20)}
MOVED = {column: child(77)[column] for column in HOUSEHOLD} | {"guardian": "加藤真"}
SISTER = X | {"given": "花子", "given_kana": "ハナコ"}  # a frequent name, and one slip: doubtful without her brother
APART = held(SISTER, "school", [2020, 2021]) + held(SISTER | MOVED | {"sex": "M"}, "welfare", [2022, 2023], number="R1")

CASES = {
    "a known child without a match, and two new numbers that match each other": (
        held(X, "health", [2020, 2021], number="A1", birth_date=None, given="碧", given_kana="アオリ"),
        held(X, "school", [2022, 2023], number="C1") + held(X, "welfare", [2022, 2023], number="D1"),
    ),
    "a late row of a date at which the source holds another": (
        held(X, "school", [2020, 2021], number="A1") + held(LATE_NAMESAKE, "school", [2022], number="N1"),
        held(X, "school", [2022], number="A1"),
    ),
    "years of a family name that come to overlap": (
        held(X, "health", [2012], number="A1")
        + held(X | {"birth_date": X["birth_date"].replace(day=1)} | ELSEWHERE, "school", [2022], number="B1"),
        held(X, "health", range(2013, 2023), number="A1"),
    ),
    "an earlier row from before the other's birth": (
        held(X, "health", [2022], number="A1") + held(X | BORN_A_YEAR_LATER, "school", [2023], number="B1"),
        held(X, "health", [2011], number="A1"),
    ),
    "a brother who turns out to have moved as well": (
        APART,
        held(X | BROTHER, "school", [2020, 2021]) + held(X | BROTHER | MOVED, "school", [2022, 2023]),
    ),
    "a brother who turns out to be somebody else": (
        APART + held(X | BROTHER, "school", [2020, 2021]) + held(X | BROTHER | MOVED, "school", [2022, 2023]),
        held(child(7), "school", [2020, 2021], number="B100"),
    ),
}


@pytest.fixture(scope="module")
def model():
    """Learnt from the town, where nobody moves; so what it would think of a brother who moved as well is given."""
    return dataclasses.replace(link(records(*TOWN)).model, support=6.0)


def added(model, *deliveries: list[dict]) -> Linkage:
    linkage = link(records(*deliveries[0]), model=model)
    for delivery in deliveries[1:]:
        linkage = link(records(*delivery), known=linkage.known, model=model)
    return linkage


def at_once(model, *deliveries: list[dict]) -> Linkage:
    last = {tuple(row[column] for column in RECORD): row for delivery in deliveries for row in delivery}
    return link(records(*last.values()), model=model)


def levels(linkage: Linkage) -> dict[tuple[str, str], tuple]:
    """Levels and circumstances of pairs that come near one child, by the first record of each side."""
    first = pl.concat_str("source", "local_id", pl.col("as_of").cast(pl.String), separator="|").min()
    names = linkage.profiles.members.group_by("profile").agg(name=first)
    sides = [names.rename({"profile": side, "name": f"{side}_name"}) for side in ("left", "right")]
    near = linkage.pairs.filter(pl.col("evidence") > -5).join(sides[0], on="left").join(sides[1], on="right")
    ends = pl.col("left_name", "right_name")
    told = near.select(pl.min_horizontal(ends), pl.max_horizontal(ends).alias("b"), *LEVELS, pl.col("support") > 0)
    return {row[:2]: row[2:] for row in told.iter_rows()}


@pytest.mark.parametrize("case", CASES)
def test_a_delivery_added_is_as_if_it_had_been_there(model, case):
    before, later = CASES[case]
    one, other = added(model, TOWN + before, later), at_once(model, TOWN + before, later)
    assert partition(one) == partition(other)
    assert levels(one) == levels(other)


def test_the_cases_are_not_idle(model):
    """Without the later delivery each would come out otherwise, so that what is tested is what it changes."""
    supported = set()
    for case, (before, later) in CASES.items():
        without, whole = link(records(*TOWN, *before), model=model), at_once(model, TOWN + before, later)
        assert levels(without) != levels(whole), case
        supported |= {(case, linkage is whole) for linkage in (without, whole) if linkage.pairs["support"].max()}
    assert supported == {
        ("a brother who turns out to have moved as well", True),
        ("a brother who turns out to be somebody else", False),
    }


def history(seed: int) -> list[list[dict]]:
    """Households of two children that move, with gaps and slips; year by year, or with rows that come late."""
    draw = random.Random(seed)
    rows = []
    for house in range(5):
        home, moved_to = child(100 + house * 10), child(200 + house)
        moved, moves = ({column: of[column] for column in (*HOUSEHOLD, "guardian")} for of in (moved_to, home))
        year_of_move = draw.choice(range(2020, 2024))
        for place in range(2):
            for source in ("school", "health", "welfare"):
                for year in range(2018, 2025):
                    if draw.random() < 0.35:
                        continue
                    who = child(100 + house * 10 + place * 3) | moves
                    if year >= year_of_move and source != "health":
                        who |= moved
                    if draw.random() < 0.08:
                        who["birth_date"] = draw.choice([None, who["birth_date"].replace(day=1)])
                    if draw.random() < 0.08:
                        who["given"] = None
                    renewed = "n" if year >= 2022 and source == "welfare" and (house + place) % 3 == 0 else ""
                    rows += held(who, source, [year], number=f"{source}{house}{place}{renewed}")
    if seed % 2:
        late = [draw.random() < 0.3 for _ in rows]
        return [[row for row, is_late in zip(rows, late, strict=True) if is_late == wanted] for wanted in (False, True)]
    return [[row for row in rows if row["as_of"].year in years] for years in (range(2022), (2022,), (2023,), (2024,))]


@pytest.mark.parametrize("seed", range(6))
def test_histories_added_year_by_year_or_late_are_as_if_linked_at_once(model, seed):
    first, *later = history(seed)
    deliveries = [TOWN + first, *later]  # so that how frequent a value is hardly changes
    one, other = added(model, *deliveries), at_once(model, *deliveries)
    assert partition(one) == partition(other)
    found, expected = levels(one), levels(other)
    assert {pair: found.get(pair) for pair in expected} == expected
    # who had no match for a while was compared more widely than who has one at once
    extra = found.keys() - expected.keys()
    assert len(extra) < len(expected) / 10
