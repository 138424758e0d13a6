"""The timeline: one row a recorded observation, pseudonymous."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from linkage.timeline import build_timeline
from tests.unit.linkage.people import at
from vocabulary.frames import LINKS, TIMELINE

SCHOOL = pl.DataFrame(
    {
        "source": ["school"] * 3,
        "local_id": ["S1", "S1", "S2"],
        "as_of": [at(2020), at(2021), at(2020)],
        "family_name": ["佐藤", "佐藤", "鈴木"],
        "grade": [1, None, 3],
        "score_math": [50.0, 51.5, None],
    },
    schema_overrides={"grade": pl.Int64},
)
HEALTH = pl.DataFrame(
    {"source": ["health"], "local_id": ["H1"], "as_of": [at(2020)], "checkup": ["school"], "attended": [1]}
)
ITEMS = {"school": ["grade", "score_math"], "health": ["checkup", "attended"]}


def links(*rows):
    return pl.DataFrame([(*row, 1.0) for row in rows], schema=LINKS, orient="row")


ALL = links(
    ("school", "S1", at(2020), "a"),
    ("school", "S1", at(2021), "a"),
    ("school", "S2", at(2020), "b"),
    ("health", "H1", at(2020), "a"),
)


def test_one_row_for_each_recorded_value_numbers_as_shortest_text_and_blanks_none():
    frame = build_timeline({"school": SCHOOL, "health": HEALTH}, ITEMS, ALL)
    assert frame.schema == TIMELINE
    assert frame.rows() == [
        ("a", at(2020), "health", "attended", "1"),
        ("a", at(2020), "health", "checkup", "school"),
        ("a", at(2020), "school", "grade", "1"),
        ("a", at(2020), "school", "score_math", "50"),
        ("a", at(2021), "school", "score_math", "51.5"),
        ("b", at(2020), "school", "grade", "3"),
    ]


def test_only_measurements_that_are_asked_for_and_delivered():
    frame = build_timeline({"school": SCHOOL}, {"school": ["score_math", "fitness_score"]}, ALL)
    assert set(frame["item"]) == {"score_math"}


def test_a_record_without_a_link_is_not_in_it():
    frame = build_timeline({"school": SCHOOL}, ITEMS, links(("school", "S2", at(2020), "b")))
    assert frame.rows() == [("b", at(2020), "school", "grade", "3")]


def test_nothing_delivered_or_nothing_recorded_is_an_empty_timeline():
    assert build_timeline({}, {}, ALL).schema == TIMELINE
    blank = SCHOOL.with_columns(pl.lit(None).cast(pl.Float64).alias("score_math"))
    assert build_timeline({"school": blank}, {"school": ["score_math"]}, ALL).height == 0


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6))
def test_a_number_comes_back_from_its_text(value):
    frame = build_timeline(
        {"school": SCHOOL[:1].with_columns(score_math=pl.lit(value))}, {"school": ["score_math"]}, ALL
    )
    text = frame["value"].item()
    assert float(text) == value
    assert not text.endswith(".0")
