"""Comparing: the frame of levels, and the rarity of an agreed name as −log2 of its frequency."""

import math
from importlib.resources import files

import duckdb
import polars as pl
import pytest
import sqlglot
from sqlglot import exp

from linkage.compared_profiles import FREQUENCIES, FREQUENCY_COLUMNS, PAIRS, PROFILES
from linkage.comparing import Comparer
from linkage.comparisons import COMPARISONS
from linkage.profiles import build_profiles
from linkage.splink_query import make_comparison_sql
from tests.unit.linkage.people import compared, pairs_of, records

KEPT = (files("linkage") / "comparison.sql").read_text(encoding="utf-8")


def test_one_row_a_pair_in_order_with_every_comparison():
    whole = {"shared_number": "48210", "room": "コ-ポ201"}
    frame = compared(whole, whole | {"local_id": "S2"}, whole | {"local_id": "S3"})
    assert frame.select("left", "right").rows() == [(0, 1), (0, 2), (1, 2)]
    assert frame.select("left", "right").dtypes == [pl.UInt32, pl.UInt32]
    for comparison in COMPARISONS:
        gammas = frame[f"gamma_{comparison.name}"]
        assert gammas.dtype == pl.Int8
        assert gammas.to_list() == [len(comparison.levels) - 1] * 3


def test_only_the_pairs_asked_for_are_compared():
    profiles = build_profiles(records({}, {"local_id": "S2"}, {"local_id": "S3"}))
    asked = pl.DataFrame({"left": [0], "right": [2]}, schema={"left": pl.UInt32, "right": pl.UInt32})
    assert pairs_of(profiles, asked).select("left", "right").rows() == [(0, 2)]
    assert pairs_of(profiles, asked.clear()).height == 0


def test_rarity_is_minus_log2_of_the_frequency_of_the_agreed_name():
    # Five profiles with a given name: four of them 花子, one 桃子; four 佐藤, one 鈴木.
    frame = compared(
        {},
        {"local_id": "S2", "family": "鈴木", "family_kana": "スズキ"},
        {"local_id": "S3"},
        {"local_id": "S4"},
        {"local_id": "S5", "given": "桃子", "given_kana": "モモコ"},
    )
    first = {row["right"]: row for row in frame.filter(pl.col("left") == 0).iter_rows(named=True)}
    assert first[2]["rarity_given_name"] == pytest.approx(-math.log2(4 / 5))
    assert first[2]["rarity_family_name"] == pytest.approx(-math.log2(4 / 5))
    assert first[1]["rarity_family_name"] == 0
    assert first[4]["rarity_given_name"] == 0


def test_a_rare_name_says_more_than_a_frequent_one():
    crowd = [{"local_id": f"C{n}"} for n in range(6)]
    rare = [{"local_id": f"R{n}", "given": "翼", "given_kana": "ツバサ"} for n in range(2)]
    frame = compared(*crowd, *rare)
    common = frame.filter((pl.col("left") == 0) & (pl.col("right") == 1))["rarity_given_name"].item()
    assert frame.filter((pl.col("left") == 6) & (pl.col("right") == 7))["rarity_given_name"].item() == 2
    assert common == pytest.approx(-math.log2(6 / 8))


def test_frequencies_are_those_of_all_profiles_whichever_are_compared():
    crowd = build_profiles(records(*({"local_id": f"S{n}"} for n in range(3)), {"local_id": "T", "given": "翼"}))
    asked = pl.DataFrame({"left": [0], "right": [1]}, schema={"left": pl.UInt32, "right": pl.UInt32})
    assert pairs_of(crowd, asked)["rarity_given_name"].item() == pytest.approx(-math.log2(3 / 4))


def test_a_second_question_is_answered_as_if_it_were_the_first():
    crowd = build_profiles(records({}, {"local_id": "S2"}, {"local_id": "S3", "given": "翼", "phone": None}))
    asked = [
        pl.DataFrame([pair], schema={"left": pl.UInt32, "right": pl.UInt32}, orient="row") for pair in ((0, 1), (1, 2))
    ]
    with duckdb.connect() as connection:
        comparer = Comparer(connection, crowd.profiles)
        first, again = comparer.compare(asked[0])[0], comparer.compare(asked[1])[0]
        together = Comparer(connection, crowd.profiles).compare(*asked)
    assert first.equals(together[0])
    assert again.equals(together[1])


def test_the_query_is_the_one_splink_makes():
    def lines(sql: str) -> list[str]:
        return sorted(line.strip(" ,") for line in sql.splitlines())  # Splink lists columns in any order

    assert lines(KEPT) == lines(make_comparison_sql()), "run scripts/make-comparison-sql"


def test_the_query_reads_our_tables_and_no_copy_of_splinks():
    query = sqlglot.parse_one(KEPT, read="duckdb")
    tables = {table.name for table in query.find_all(exp.Table)}
    made_within = {cte.alias for cte in query.find_all(exp.CTE)}
    frequencies = {FREQUENCIES.format(column=column) for column in FREQUENCY_COLUMNS}
    assert tables - made_within == {PROFILES, PAIRS} | frequencies
