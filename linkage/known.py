"""What the sources know of themselves: pairs of numbers that are certainly, or almost, two children.

Within one source at one date two numbers stand for two children. Drawn at random such pairs show how strangers
agree; drawn within a household they show how brothers, sisters and twins agree. Both are learnt from the delivery
itself, without labels.
"""

import duckdb

RANDOM_PAIRS = 600_000
HOUSEHOLD_PAIRS = 200_000
LARGEST_HOUSEHOLD = 40
"""Profiles at one address or telephone; above it is a home, a block of flats or a placeholder."""

HOUSEHOLD_ATTRIBUTES = ("phone", "address")


def stranger_pairs(connection: duckdb.DuckDBPyConnection, members: str, *, seed: int) -> str:
    """Make the table `stranger_pairs` (`left` < `right`): random pairs of one source and date.

    `members` names a table (`profile`, `source`, `as_of`). About `RANDOM_PAIRS` pairs; the same seed draws the same.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE stranger_pairs AS
        WITH shuffled AS (
            SELECT profile, source, as_of,
                   row_number() OVER (PARTITION BY source, as_of ORDER BY hash(profile, {int(seed)}), profile) AS place,
                   count(*) OVER () AS all_members
            FROM {members}
        ), steps AS (
            SELECT unnest(range(1, 2 + (
                SELECT CAST({RANDOM_PAIRS} / any_value(all_members) AS BIGINT) FROM shuffled))) AS step
        )
        SELECT DISTINCT least(l.profile, r.profile) AS "left", greatest(l.profile, r.profile) AS "right"
        FROM shuffled AS l CROSS JOIN steps
        JOIN shuffled AS r ON r.source = l.source AND r.as_of = l.as_of AND r.place = l.place + steps.step
        WHERE l.profile <> r.profile
        """
    )
    return "stranger_pairs"


def household_pairs(connection: duckdb.DuckDBPyConnection, profiles: str, members: str, *, seed: int) -> str:
    """Make the table `household_pairs` (`left` < `right`): two children of one source and date who share a household.

    A household is a telephone or an address in common. Pairs with the same birth date *and* given name are
    left out: they may be one child whom the source holds twice.
    """
    shared = " UNION ".join(
        f"SELECT profile, '{attribute}' AS attribute, unnest({attribute}) AS value FROM {profiles}"
        for attribute in HOUSEHOLD_ATTRIBUTES
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE household_pairs AS
        WITH shared AS ({shared}),
        households AS (SELECT * FROM shared SEMI JOIN
            (SELECT attribute, value FROM shared GROUP BY ALL HAVING count(*) BETWEEN 2 AND {LARGEST_HOUSEHOLD})
            USING (attribute, value)),
        near AS (
            SELECT DISTINCT l.profile AS "left", r.profile AS "right"
            FROM households AS l JOIN households AS r USING (attribute, value) WHERE l.profile < r.profile
        )
        SELECT DISTINCT near."left", near."right" FROM near
        JOIN {members} AS x ON x.profile = near."left"
        JOIN {members} AS y ON y.profile = near."right" AND y.source = x.source AND y.as_of = x.as_of
        JOIN {profiles} AS a ON a.profile = near."left" JOIN {profiles} AS b ON b.profile = near."right"
        WHERE NOT (list_has_any(a.birth_date, b.birth_date)
                   AND (list_has_any(a.given, b.given) OR list_has_any(a.given_kana, b.given_kana)))
        ORDER BY hash(near."left", near."right", {int(seed)}), 1, 2 LIMIT {HOUSEHOLD_PAIRS}
        """
    )
    return "household_pairs"
