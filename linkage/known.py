"""What the sources know of themselves: pairs of numbers that are certainly, or almost, two children.

Within one source at one date two numbers stand for two children. Drawn at random such pairs show how strangers
agree; drawn within a household they show how brothers, sisters and twins agree. Both are learnt from the delivery
itself, without labels.
"""

import polars as pl

from linkage.engine import Connection
from linkage.profiles import Profiles

RANDOM_PAIRS = 60_000
HOUSEHOLD_PAIRS = 30_000
LARGEST_HOUSEHOLD = 40
"""Profiles with one telephone, or one address and family name; above it is a home for children or a placeholder."""

YEARS_BETWEEN = (1, 3, 7)
"""Upper bounds, in years, of the classes of time between two profiles; a last class is open."""

REPEATING = 0.05
"""Share of a source's rows that look like another of their date from which it holds children several times at once."""

UNSEEN_AGES = 0.0005
"""Share of a source's records at its youngest, and at its oldest, ages that do not count: their dates may be slips."""


def without_repeats(profiles: Profiles) -> pl.DataFrame:
    """Members of profiles, without the date where a source holds many children twice at one date.

    There, two numbers at one date say nothing of whether they are two children. It is seen by how many of the source's
    rows share their whole name and birth date with another number of that date.
    """
    who = profiles.profiles.select("profile", name=pl.col("name").list.first(), born=pl.col("birth_date").list.first())
    same = ["source", "as_of", "name", "born"]
    repeating = (
        profiles.members.join(who.drop_nulls(), on="profile")
        .with_columns(again=pl.col("profile").n_unique().over(same) > 1)
        .group_by("source")
        .agg(pl.col("again").mean())
        .filter(pl.col("again") > REPEATING)
    )
    return profiles.members.with_columns(
        as_of=pl.when(~pl.col("source").is_in(repeating["source"].implode())).then("as_of")
    )


def stranger_pairs(connection: Connection, *, seed: int) -> str:
    """Make the table `stranger_pairs` (`left` < `right`): random pairs of one source and date.

    Reads the table `members` (`profile`, `source`, `as_of`). About `RANDOM_PAIRS` pairs; the same seed draws the same.
    """
    members = connection.sql("SELECT count(*) AS members FROM members").pl().item()
    steps = 1 + RANDOM_PAIRS // max(members, 1)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE shuffled AS
        SELECT profile, source, as_of,
               row_number() OVER (PARTITION BY source, as_of ORDER BY {_drawn(seed, "profile")}, profile) AS place
        FROM members
        """
    )
    connection.execute(  # a table of its own, so that the join below looks up one place, not every member of the date
        f"""
        CREATE OR REPLACE TEMP TABLE wanted AS
        SELECT profile, source, as_of, place + step AS place
        FROM shuffled CROSS JOIN (SELECT unnest(range(1, {steps + 1})) AS step) AS steps
        """
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE stranger_pairs AS
        SELECT * FROM (
            SELECT DISTINCT least(l.profile, r.profile) AS "left", greatest(l.profile, r.profile) AS "right"
            FROM wanted AS l JOIN shuffled AS r USING (source, as_of, place)
            WHERE l.profile <> r.profile
        ) AS drawn
        ORDER BY {_drawn(seed, '"left"', '"right"')}, "left", "right" LIMIT {RANDOM_PAIRS}
        """
    )
    return "stranger_pairs"


def household_pairs(connection: Connection, *, seed: int) -> str:
    """Make the table `household_pairs` (`left` < `right`): two children of one source, date and household.

    Reads the tables `profiles` and `members`. A household is a telephone, or an address and a family name, in common.
    Pairs with the same given name are left out: brothers and sisters do not share it, so such a pair is one child whom
    the source holds twice.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE household_pairs AS
        WITH shared AS (
            SELECT profile, unnest(phone) AS home, NULL AS name FROM profiles
            UNION SELECT profile, home, unnest(family) AS name
            FROM (SELECT profile, family, unnest(address) AS home FROM profiles) AS housed
        ),
        homes AS (SELECT home, name FROM shared GROUP BY home, name HAVING count(*) BETWEEN 2 AND {LARGEST_HOUSEHOLD}),
        households AS (
            SELECT shared.* FROM shared JOIN homes
            ON shared.home = homes.home AND shared.name IS NOT DISTINCT FROM homes.name
        ),
        near AS (
            SELECT DISTINCT l.profile AS "left", r.profile AS "right"
            FROM households AS l JOIN households AS r ON l.home = r.home AND l.name IS NOT DISTINCT FROM r.name
            WHERE l.profile < r.profile
        )
        SELECT * FROM (
            SELECT DISTINCT near."left", near."right" FROM near
            JOIN members AS x ON x.profile = near."left"
            JOIN members AS y ON y.profile = near."right" AND y.source = x.source AND y.as_of = x.as_of
            JOIN profiles AS a ON a.profile = near."left" JOIN profiles AS b ON b.profile = near."right"
            WHERE NOT (list_has_any(a.given, b.given) AND (list_has_any(a.given_kana, b.given_kana)
                       OR len(a.given_kana) = 0 OR len(b.given_kana) = 0))
        ) AS drawn
        ORDER BY {_drawn(seed, '"left"', '"right"')}, "left", "right" LIMIT {HOUSEHOLD_PAIRS}
        """
    )
    return "household_pairs"


def with_circumstances(connection: Connection, compared: pl.DataFrame) -> pl.DataFrame:
    """Add to compared pairs what the sources say of them beside their values.

    `held_at_once` Boolean: one source holds both at one date. `same_number` Boolean: both are rows of one number.
    `years` Int8: class of the time between the two by `YEARS_BETWEEN`, 0 where they overlap or all but do.
    `implausible_age` Boolean: with the other's birth date, one was seen at an age its source has no children of, such
    as before it was born. Reads the tables `profiles`, `members` and `ages`.
    """
    connection.register("compared_pairs", compared.select("left", "right"))
    apart = "date_diff('day', least(l.last_seen, r.last_seen), greatest(l.first_seen, r.first_seen))"
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
        FROM compared_pairs AS p
        LEFT JOIN held ON held."left" = p."left" AND held."right" = p."right"
        JOIN profiles AS l ON l.profile = p."left" JOIN profiles AS r ON r.profile = p."right"
        JOIN ages AS ages_l ON ages_l.source = l.source JOIN ages AS ages_r ON ages_r.source = r.source
        """
    ).pl()
    connection.unregister("compared_pairs")
    circumstances = circumstances.cast({"left": pl.UInt32, "right": pl.UInt32})
    return compared.join(circumstances, on=["left", "right"], how="left", maintain_order="left")


def make_ages(connection: Connection) -> None:
    """Make the table `ages`: `source`, `youngest` and `oldest` (days) of its children, from the table `profiles`.

    Both are values that occur, so that they do not depend on how an engine would interpolate between them.
    """
    seen = connection.sql("SELECT source, first_seen, last_seen, birth_date_main FROM profiles").pl()
    born = pl.col("birth_date_main").str.to_date("%Y-%m-%d")

    def age(at: str, share: float) -> pl.Expr:
        return (pl.col(at) - born).dt.total_days().quantile(share, interpolation="equiprobable").cast(pl.Int32)

    ages = seen.group_by("source").agg(
        youngest=age("first_seen", UNSEEN_AGES), oldest=age("last_seen", 1 - UNSEEN_AGES)
    )
    connection.register("age_frame", ages)
    connection.execute("CREATE OR REPLACE TABLE ages AS SELECT * FROM age_frame")
    connection.unregister("age_frame")


def _outside(one: str, other: str) -> str:
    """SQL: `one` was seen at an age outside those of its source, had it been born with `other`."""
    born = f"CAST({other}.birth_date_main AS DATE)"
    youngest, oldest = (f"date_diff('day', {born}, {one}.{seen})" for seen in ("first_seen", "last_seen"))
    return f"coalesce({youngest} < ages_{one}.youngest OR {oldest} > ages_{one}.oldest, false)"


def _drawn(seed: int, *columns: str) -> str:
    """SQL: a key that puts rows in an order at random, the same on every engine."""
    return f"md5(concat_ws(',', {', '.join(columns)}, {int(seed)}))"
