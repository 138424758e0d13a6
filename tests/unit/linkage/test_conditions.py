"""The SQL of conditions: what is asked first, because it is fast, never leaves out what the distance would find."""

from itertools import product

import duckdb
import polars as pl
import pytest

from linkage.conditions import one_edit


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
