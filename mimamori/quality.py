"""How good a run's links and lists are by its own reckoning, in numbers about many children; kept with the run.

What reviewers found since is told beside it where a drawn sample was wholly decided (`reviewed`).
"""

from typing import Any

import polars as pl

from governance.reviews import last_sample
from governance.workspace import Workspace

QUANTILES = (0.01, 0.05, 0.25, 0.5)
LEVELS = (0.5, 0.9, 0.99)
DIGITS = 6


def quality(
    links: pl.DataFrame, persons: pl.DataFrame, shown: pl.DataFrame, held: pl.DataFrame, *, calibrated: bool
) -> dict[str, Any]:
    """Estimates of a run from its own probabilities.

    Parameters
    ----------
    links, persons
        LINKS and PERSONS.
    shown, held
        FLAGS and HELD_FLAGS.
    calibrated
        Whether scores are probabilities, learnt from outcomes of this team.

    Returns
    -------
    dict
        `link_confidence` of persons (quantiles, share below levels); `expected_precision`, the mean of the
        probabilities that the records of this delivery are of their child; `flags`: their number, the share
        that waits for a review of its link, and where scores are calibrated the expected share that is right. Null
        where nothing tells.
    """
    confidence, flags = persons["link_confidence"], shown.height + held.height
    return {
        "link_confidence": {
            **{f"quantile_{at}": _rounded(confidence.quantile(at, "lower")) for at in QUANTILES},
            **{f"share_below_{level}": _rounded((confidence < level).mean()) for level in LEVELS},
        },
        "expected_precision": _rounded(links["match_probability"].mean()),
        "flags": {
            "number": flags,
            "share_held": _rounded(held.height / flags) if flags else None,
            "expected_right": _rounded(shown["score"].mean()) if calibrated else None,
        },
    }


def reviewed(workspace: Workspace, run_id: str) -> dict[str, Any] | None:
    """Precision and recall of a run's links as reviewers found them; None where no drawn sample is wholly decided."""
    if last_sample(workspace, run_id) is None:
        return None
    from mimamori.joinings import read_joinings, settled_verdict  # only here: slow to load, and no run needs them
    from mimamori.review_sample import estimate, read_sample

    joinings = read_joinings(workspace, run_id)
    asked = read_sample(workspace, joinings).joinings
    if asked.select(verdict=settled_verdict())["verdict"].null_count():
        return None
    found = estimate(workspace, joinings)
    figures = {"precision": found.precision, "recall": found.recall}
    return {name: None if figure is None else figure.model_dump() for name, figure in figures.items()}


def _rounded(value: Any) -> float | None:
    """A mean to fewer digits than the order of additions can move."""
    return None if value is None else round(float(value), DIGITS)
