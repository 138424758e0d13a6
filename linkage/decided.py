"""What reviewers decided of records, said of profiles."""

import polars as pl

from vocabulary.frames import RECORD


def decisions_of_profiles(decisions: pl.DataFrame | None, members: pl.DataFrame) -> pl.DataFrame | None:
    """DECISIONS as `left`, `right` (profiles), `verdict`; those on records not at hand are left out. None for none."""
    if decisions is None or decisions.is_empty():
        return None
    of = {side: members.rename({column: f"{column}_{side}" for column in RECORD}) for side in ("left", "right")}
    return (
        decisions.join(of["left"].rename({"profile": "left"}), on=[f"{column}_left" for column in RECORD])
        .join(of["right"].rename({"profile": "right"}), on=[f"{column}_right" for column in RECORD])
        .select("left", "right", "verdict")
    )
