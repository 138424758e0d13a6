"""Blocking: the pairs of profiles worth comparing.

Each rule joins profiles on values both have shown, so that a pair is found by any one of them. None is satisfied by a
household alone, so of brothers and sisters only twins are compared, and those of one given name or number.
"""

import duckdb

RULES: dict[str, tuple[str, ...]] = {
    "birth date and given name": ("birth_date", "given"),
    "birth date and reading of the given name": ("birth_date", "given_kana"),
    "birth date and family name": ("birth_date", "family"),
    "birth date and reading of the family name": ("birth_date", "family_kana"),
    "birth date and address": ("birth_date", "address"),
    "birth date and telephone": ("birth_date", "phone"),
    "birth date and guardian": ("birth_date", "guardian"),
    "birth date and postal code": ("birth_date", "postal"),
    "given name and address": ("given", "address"),
    "given name and telephone": ("given", "phone"),
    "given name and guardian": ("given", "guardian"),
    "reading of the given name and address": ("given_kana", "address"),
    "reading of the given name and telephone": ("given_kana", "phone"),
    "full name": ("name",),
    "reading of the full name": ("reading",),
    "number": ("number",),
}
"""Name of the rule → the attributes two profiles must both have shown a common value of."""

LARGEST_BLOCK = 300
"""A value combination shown by more profiles than this tells nothing apart and would make work grow quadratically."""


def block(connection: duckdb.DuckDBPyConnection, profiles: str, *, largest_block: int = LARGEST_BLOCK) -> str:
    """Make the table `candidate_pairs` (`left` < `right`, profile numbers) from the table named `profiles`.

    Returns the name of the table. Work is the sum over blocks of the square of their size, each at most
    `largest_block`.
    """
    keys = " UNION ALL ".join(
        _keys_of(number, attributes, profiles) for number, attributes in enumerate(RULES.values())
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE blocking_keys AS SELECT DISTINCT * FROM ({keys})")
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE candidate_pairs AS
        WITH usable AS (
            SELECT key FROM blocking_keys GROUP BY key HAVING count(*) BETWEEN 2 AND {int(largest_block)}
        ), blocks AS (
            SELECT profile, key FROM blocking_keys SEMI JOIN usable USING (key)
        )
        SELECT DISTINCT l.profile AS "left", r.profile AS "right"
        FROM blocks AS l JOIN blocks AS r ON l.key = r.key AND l.profile < r.profile
        """
    )
    connection.execute("DROP TABLE blocking_keys")
    return "candidate_pairs"


def _keys_of(number: int, attributes: tuple[str, ...], profiles: str) -> str:
    """Query giving (profile, key) for one rule: a 64-bit hash of the rule and one value of each attribute."""
    # Two unnests in one SELECT run side by side, so each attribute is unnested in its own step.
    query = f"SELECT profile, {', '.join(attributes)} FROM {profiles}"
    for attribute in attributes:
        columns = ", ".join(f"unnest({one}) AS {one}" if one == attribute else one for one in attributes)
        query = f"SELECT profile, {columns} FROM ({query})"
    values = ", ".join(f"CAST({attribute} AS VARCHAR)" for attribute in attributes)
    return f"SELECT profile, hash({number}, {values}) AS key FROM ({query})"
