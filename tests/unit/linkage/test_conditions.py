"""The SQL of conditions: what is asked first, because it is fast, never leaves out what the distance would find."""

from itertools import permutations, product

import duckdb
import polars as pl
import pytest

from linkage.conditions import common, one_edit


@pytest.mark.parametrize("other", [None, "family"])
def test_a_value_in_common_is_found_wherever_it_stands_in_either_set(other):
    sets = [[], *(list(values) for size in (1, 2, 3) for values in permutations(range(4), size))]
    columns = {
        "first": pl.Series([values[0] if values else None for values in sets], dtype=pl.Int32),
        "others": pl.Series([values[1:] or None for values in sets], dtype=pl.List(pl.Int32)),
        "place": range(len(sets)),
    }
    left, right = "given", other or "given"
    with duckdb.connect() as connection:
        connection.register("sets", pl.DataFrame(columns))
        found = connection.execute(
            f"""
            SELECT place_l, place_r FROM (
                SELECT l.first AS {left}_first_l, l.others AS {left}_others_l, l.place AS place_l,
                       r.first AS {right}_first_r, r.others AS {right}_others_r, r.place AS place_r
                FROM sets AS l CROSS JOIN sets AS r
            ) AS pairs WHERE {common("given", other)}
            """
        ).fetchall()
    shared = {(a, b) for a, one in enumerate(sets) for b, two in enumerate(sets) if set(one) & set(two)}
    assert set(found) == shared


@pytest.mark.parametrize("shortest", [3, 5, 6])
def test_one_edit_is_a_distance_of_one_at_most(shortest):
    texts = ["".join(letters) for length in range(1, 8) for letters in product("ab", repeat=length)]
    with duckdb.connect() as connection:
        connection.register("texts", pl.DataFrame({"name": texts}))
        found, expected, different = connection.execute(
            f"""
            SELECT count(*) FILTER ({one_edit("name", shortest)}),
                   count(*) FILTER (near),
                   count(*) FILTER (coalesce({one_edit("name", shortest)}, false) <> near)
            FROM (
                SELECT l.name AS name_l, r.name AS name_r,
                       damerau_levenshtein(l.name, r.name) <= 1
                       AND greatest(length(l.name), length(r.name)) >= {shortest} AS near
                FROM texts AS l CROSS JOIN texts AS r
            ) AS pairs
            """
        ).fetchone()
    assert found == expected > 1000
    assert different == 0
