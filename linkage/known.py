"""What the sources know of themselves: pairs of numbers that are certainly, or almost, two children.

Within one source at one date two numbers stand for two children. Drawn at random such pairs show how strangers
agree; drawn within a household they show how brothers, sisters and twins agree. Both are learnt from the delivery
itself, without labels.
"""

import duckdb
import polars as pl

RANDOM_PAIRS = 100_000
HOUSEHOLD_PAIRS = 50_000
LARGEST_HOUSEHOLD = 40
"""Profiles with one telephone, or one address and family name; above it is a home for children or a placeholder."""

YEARS_BETWEEN = (1, 3, 7)
"""Upper bounds, in years, of the classes of time between two profiles; a last class is open."""

UNSEEN_AGES = 0.0005
"""Share of a source's records at its youngest, and at its oldest, ages that do not count: their dates may be slips."""


def stranger_pairs(connection: duckdb.DuckDBPyConnection, *, seed: int) -> str:
    """Make the table `stranger_pairs` (`left` < `right`): random pairs of one source and date.

    Reads the table `members` (`profile`, `source`, `as_of`). About `RANDOM_PAIRS` pairs; the same seed draws the same.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE stranger_pairs AS
        WITH shuffled AS (
            SELECT profile, source, as_of,
                   row_number() OVER (PARTITION BY source, as_of ORDER BY hash(profile, {int(seed)}), profile) AS place,
                   count(*) OVER () AS all_members
            FROM members
        ), steps AS (
            SELECT unnest(range(1, 2 + (
                SELECT CAST({RANDOM_PAIRS} / any_value(all_members) AS BIGINT) FROM shuffled))) AS step
        ), wanted AS MATERIALIZED (  -- so that the join below looks up one place, not every member of the date
            SELECT profile, source, as_of, place + step AS place FROM shuffled CROSS JOIN steps
        )
        SELECT DISTINCT least(l.profile, r.profile) AS "left", greatest(l.profile, r.profile) AS "right"
        FROM wanted AS l JOIN shuffled AS r USING (source, as_of, place)
        WHERE l.profile <> r.profile
        ORDER BY hash("left", "right", {int(seed)}), 1, 2 LIMIT {RANDOM_PAIRS}
        """
    )
    return "stranger_pairs"


def household_pairs(connection: duckdb.DuckDBPyConnection, *, seed: int) -> str:
    """Make the table `household_pairs` (`left` < `right`): two children of one source, date and household.

    Reads the tables `profiles` and `members`. A household is a telephone, or an address and a family name, in common.
    Pairs with the same given name are left out: brothers and sisters do not share it, so such a pair is one child whom
    the source holds twice.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE household_pairs AS
        WITH shared AS (
            SELECT profile, unnest(phone) AS home FROM profiles
            UNION SELECT profile, hash(house, name) AS home
            FROM (SELECT profile, house, unnest(family) AS name
                  FROM (SELECT profile, family, unnest(address) AS house FROM profiles))
        ),
        homes AS (SELECT home FROM shared GROUP BY home HAVING count(*) BETWEEN 2 AND {LARGEST_HOUSEHOLD}),
        households AS (SELECT * FROM shared SEMI JOIN homes USING (home)),
        near AS (
            SELECT DISTINCT l.profile AS "left", r.profile AS "right"
            FROM households AS l JOIN households AS r USING (home) WHERE l.profile < r.profile
        )
        SELECT DISTINCT near."left", near."right" FROM near
        JOIN members AS x ON x.profile = near."left"
        JOIN members AS y ON y.profile = near."right" AND y.source = x.source AND y.as_of = x.as_of
        JOIN profiles AS a ON a.profile = near."left" JOIN profiles AS b ON b.profile = near."right"
        WHERE NOT (list_has_any(a.given, b.given) AND (list_has_any(a.given_kana, b.given_kana)
                   OR len(a.given_kana) = 0 OR len(b.given_kana) = 0))
        ORDER BY hash(near."left", near."right", {int(seed)}), 1, 2 LIMIT {HOUSEHOLD_PAIRS}
        """
    )
    return "household_pairs"


def with_circumstances(connection: duckdb.DuckDBPyConnection, compared: pl.DataFrame) -> pl.DataFrame:
    """Add to compared pairs what the sources say of them beside their values.

    `held_at_once` Boolean: one source holds both at one date. `same_number` Boolean: both are rows of one number.
    `years` Int8: class of the time between the two by `YEARS_BETWEEN`, 0 where they overlap or all but do.
    `implausible_age` Boolean: with the other's birth date, one was seen at an age its source has no children of, such
    as before it was born. Reads the tables `profiles`, `members` and `ages`.
    """
    connection.register("compared_pairs", compared.select("left", "right"))
    apart = "greatest(l.first_seen, r.first_seen) - least(l.last_seen, r.last_seen)"
    years = " + ".join(f"CAST({apart} > {366 * bound} AS TINYINT)" for bound in YEARS_BETWEEN)
    circumstances = connection.sql(
        f"""
        WITH held AS (
            SELECT DISTINCT p."left", p."right" FROM compared_pairs AS p
            JOIN members AS l ON l.profile = p."left"
            JOIN members AS r ON r.profile = p."right" AND r.source = l.source AND r.as_of = l.as_of
        )
        SELECT p."left", p."right", held."left" IS NOT NULL AS held_at_once,
               l.source = r.source AND l.local_id = r.local_id AS same_number,
               CAST({years} AS TINYINT) AS years,
               {_outside("l", "r")} OR {_outside("r", "l")} AS implausible_age
        FROM compared_pairs AS p LEFT JOIN held USING ("left", "right")
        JOIN profiles AS l ON l.profile = p."left" JOIN profiles AS r ON r.profile = p."right"
        JOIN ages AS ages_l ON ages_l.source = l.source JOIN ages AS ages_r ON ages_r.source = r.source
        """
    ).pl()
    connection.unregister("compared_pairs")
    return compared.join(circumstances, on=["left", "right"], how="left", maintain_order="left")


def make_ages(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `ages`: `source`, `youngest` and `oldest` (days) of its children, from the table `profiles`."""
    born = "CAST(birth_date_main AS DATE)"
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE ages AS
        SELECT source, quantile_disc(first_seen - {born}, {UNSEEN_AGES}) AS youngest,
               quantile_disc(last_seen - {born}, {1 - UNSEEN_AGES}) AS oldest
        FROM profiles GROUP BY source
        """
    )


def _outside(one: str, other: str) -> str:
    """SQL: `one` was seen at an age outside those of its source, had it been born with `other`."""
    born = f"CAST({other}.birth_date_main AS DATE)"
    youngest, oldest = f"{one}.first_seen - {born}", f"{one}.last_seen - {born}"
    return f"coalesce({youngest} < ages_{one}.youngest OR {oldest} > ages_{one}.oldest, false)"
