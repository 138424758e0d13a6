"""The SQL of linkage as Spark's: what is of lists, what is of texts, and tables that are made."""

import pytest

from linkage.comparisons import COMPARISONS
from linkage.spark.dialect import table_made, to_spark


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        ("len(words_l) > 0", "SIZE(words_l) > 0"),
        ("length(given_l) > 0", "LENGTH(given_l) > 0"),
        ("list_has_any(given_l, given_r)", "ARRAYS_OVERLAP(given_l, given_r)"),
        ("list_contains(given_l, 1)", "ARRAY_CONTAINS(given_l, 1)"),
        ("list_intersect(words_l, words_r)", "ARRAY_INTERSECT(words_l, words_r)"),
        ("string_split(given_l, '')", "SPLIT(given_l, '')"),
        ("born[:4] = born[6:7]", "SUBSTRING(born, 1, 4) = SUBSTRING(born, 6, 2)"),
        ("date_diff('day', a, b)", "DATEDIFF(DAY, a, b)"),
        ("jaro_winkler_similarity(a, b) >= 0.88", "JARO_WINKLER_SIMILARITY(a, b) >= 0.88"),
        ('SELECT "left" FROM pairs', "SELECT `left` FROM pairs"),
        ("SELECT unnest(phone) AS home FROM profiles", "SELECT EXPLODE(phone) AS home FROM profiles"),
    ],
)
def test_what_duckdb_and_spark_write_otherwise(duckdb, spark):
    assert to_spark(duckdb) == spark


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda comparison: comparison.name)
def test_a_translated_condition_translates_no_further(comparison):
    for level in comparison.levels[:-1]:
        translated = to_spark(level.condition)
        assert "LEN(" not in translated.replace("JAROWINKLER", "")
        assert "[" not in translated.replace("[A-Z]", "")


def test_a_table_that_is_made_is_a_name_and_a_query():
    assert table_made("CREATE OR REPLACE TEMP TABLE pairs AS SELECT 1 AS one") == ("pairs", "SELECT 1 AS one")
    with pytest.raises(TypeError, match="Select"):
        table_made("SELECT 1")
