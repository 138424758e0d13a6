"""Finding a child by the name and birth date somebody tells, written as they may be: for the page that asks for it."""

from datetime import date

import polars as pl

from governance.runs import read_artefact
from governance.workspace import Workspace
from linkage.standardise import standardise
from vocabulary.frames import RECORD, RECORDS

KEYS = ["given", "given_kana", "birth_date"]
"""What has to agree: a family name changes, and so does not have to."""


def find_children(workspace: Workspace, run_id: str, *, given_name: str, birth_date: date) -> list[str]:
    """Ids of the children of a run some record of whom shows this given name, or its reading, and birth date.

    Parameters
    ----------
    workspace, run_id
        Where to look. The caller has logged that it is done.
    given_name
        In kanji, kana or Latin letters; variants of a character are one.
    birth_date
        To the day.
    """
    told = {"source": "told", "local_id": "told", "as_of": birth_date, "birth_date": birth_date}
    wanted = standardise(
        pl.DataFrame([told | {"given_name": given_name, "given_kana": given_name}], schema=RECORDS)
    ).row(0, named=True)
    held = read_artefact(workspace, run_id, "keys", [*RECORD, *KEYS]).filter(pl.col("birth_date") == birth_date)
    agrees = [pl.col(key) == pl.lit(wanted[key], pl.String) for key in ("given", "given_kana")]
    spine = read_artefact(workspace, run_id, "spine")
    found = held.filter(pl.any_horizontal(one.fill_null(False) for one in agrees)).join(spine, on=RECORD)
    return found["person_id"].unique().sort().to_list()
