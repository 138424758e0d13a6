"""Pseudonyms for what leaves the city hall: each approval has its own, which do not lead to those of another.

Inside, a child keeps its person id. What goes to a recipient other than the support team has in its place the
HMAC-SHA-256 of it, cut to 128 bits, under a key that HKDF-SHA-256 derives from `keys/pseudonyms.key` for the approval.
The same child has the same pseudonym in every export under one approval, so that years can be followed; without the
key nobody can compute it, or tell whether two pseudonyms of two approvals are one child. Rows are put into the order
of the pseudonyms, as the order of the person ids would tell, and a birth date is cut to the fiscal year it lies in.
"""

import hmac

import polars as pl

from governance.custody import Custody

HEX_DIGITS = 32
"""Of a pseudonym: 128 bits, so that two of a million children have one with a probability of 1 in 10^27."""

PERSON_COLUMNS = ("person_id", "other_id")

LEFT_OUT = ("links", "rejects")
"""Tables with the departments' own numbers or delivered values, which lead back to the child: they do not leave."""

WITHIN = ("support_team",)
"""Recipients who get person ids: they work with the children."""


def pseudonymise(custody: Custody, frame: pl.DataFrame, approval_id: str) -> pl.DataFrame:
    """A table of one child a row, or more, as it may leave the city hall.

    Parameters
    ----------
    custody
        The keys of the workspace.
    frame
        Person ids in the columns `person_id` and `other_id`, where it has them; any others.
    approval_id
        Under which it leaves.

    Returns
    -------
    pl.DataFrame
        The same columns and types: pseudonyms for person ids, null where there was none, `birth_date` as 1 April of its
        fiscal year; sorted by all columns that can be sorted, from the pseudonym on.

    Raises
    ------
    WorkspaceError
        `pseudonyms.key` cannot be had.
    """
    present = [column for column in PERSON_COLUMNS if column in frame.columns]
    known = pl.concat([pl.Series([], dtype=pl.String), *(frame[column] for column in present)]).drop_nulls().unique()
    key = custody.secret(f"pseudonyms/1/{approval_id}")
    codes = [hmac.digest(key, person.encode(), "sha256").hex()[:HEX_DIGITS] for person in known]
    pseudonyms = dict(zip(known, codes, strict=True))
    changed = frame.with_columns(
        pl.col(column).replace_strict(pseudonyms, default=None, return_dtype=pl.String) for column in present
    )
    if "birth_date" in frame.columns:
        year = pl.col("birth_date").dt.offset_by("-3mo").dt.year()
        changed = changed.with_columns(birth_date=pl.date(year, 4, 1))
    flat = [column for column, dtype in frame.schema.items() if not dtype.is_nested()]
    order = sorted(flat, key=lambda column: column not in present)  # the ids first
    return changed.sort(order, nulls_last=True)
