"""recordlinkage's own recipes, from the examples in its repository.

FEBRL4 and FEBRL3: "linking_deterministic" and "dedup_deterministic": the blocks, comparisons and coefficients they
state, and two blocks more, birth date and postcode, which find pairs the others cannot. pseudopeople: nothing is
published, so the same kinds of blocks and comparisons over its columns. Beside the stated coefficients, two other
classifiers it documents weigh the same comparisons: their sum ("Link two datasets") and the unsupervised one (ECM).
In the examples the social security number only makes blocks; so that the package may use what it is given, these two
also compare it.

Rows are grouped as connected components of the pairs at or above a threshold and, where no file holds a person twice,
also by the best pairs first, each row in one pair a file. Which classifier, threshold and grouping is chosen on the
truth, in the package's favour.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import recordlinkage as rl
from numpy.typing import NDArray
from recordlinkage.compare import Exact, String
from recordlinkage.index import Block
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.public.files import read_files
from benchmarks.public.judge import Option, peak_mb
from benchmarks.steps import Spent

QUANTILES = 24
"""Thresholds tried for each classifier: scores at which evenly more pairs would be joined."""

FEBRL_BLOCKS = ("given_name", "surname", "date_of_birth", "postcode")
PSEUDOPEOPLE_BLOCKS = ("first_name", "last_name", "date_of_birth")
NUMBER = "soc_sec_id"

COEFFICIENTS = {
    "febrl4": [1.5, 1.5, 8.0, 6.0, 2.5, 6.5, 5.0],
    "febrl3": [2.0, 3.0, 7.0, 6.0, 2.5, 5.0, 5.5],
}
"""As the examples state them, in the order of `_febrl_comparisons`."""


def run(folder: Path, data: str, *, with_number: bool) -> Iterator[Option]:
    """Link the files of a data set; each option's time includes reading, comparing and classifying."""
    start = Spent.now()
    rows = pl.concat(
        [frame.with_columns(file=pl.lit(name)) for name, frame in read_files(folder).items()], how="diagonal"
    )
    frame = _prepared(rows, data)
    pairs = _candidates(frame, data, with_number)
    features = _compare(frame, pairs, data, with_number)
    compared = Spent.now() - start
    left, right = (pairs.get_level_values(side).to_numpy() for side in (0, 1))
    for classifier, score in _scores(features, data):
        start = Spent.now()
        found = score()
        scored = compared + (Spent.now() - start)
        files = rows["file"].to_physical() if data == "febrl3" else rows["file"].rle_id()
        for threshold in _thresholds(found, rows.height):
            for method in ("components", *(["best pairs first"] if data != "febrl3" else [])):
                start = Spent.now()
                kept = found >= threshold
                edges = (left[kept], right[kept])
                if method == "best pairs first":
                    edges = _best_first(*edges, found[kept], files.to_numpy())
                groups = rows.select("source", "record", group=pl.Series(_components(*edges, rows.height)))
                yield Option(
                    f"{classifier}, {method} at {threshold:.4g}", groups, scored + (Spent.now() - start), peak_mb()
                )


def _prepared(rows: pl.DataFrame, data: str) -> Any:
    """The rows as the package takes them; dates of pseudopeople without their slashes."""
    if data == "pseudopeople":
        rows = rows.with_columns(pl.col("date_of_birth").str.replace_all("/", ""))
    return rows.to_pandas()


def _candidates(frame: Any, data: str, with_number: bool) -> Any:
    """Pairs of rows that share a block, of two files where no file holds a person twice."""
    indexer = rl.Index()
    blocks = PSEUDOPEOPLE_BLOCKS if data == "pseudopeople" else FEBRL_BLOCKS
    for column in (*blocks, *([NUMBER] if with_number else [])):
        indexer.add(Block(column))
    pairs = indexer.index(frame)
    if data == "febrl3":
        return pairs
    file = frame["file"].to_numpy()
    return pairs[file[pairs.get_level_values(0)] != file[pairs.get_level_values(1)]]


def _compare(frame: Any, pairs: Any, data: str, with_number: bool) -> Any:
    comparer = rl.Compare(_pseudopeople_comparisons() if data == "pseudopeople" else _febrl_comparisons())
    if with_number:
        comparer.add(String(NUMBER, NUMBER, method="damerau_levenshtein", threshold=0.7, label=NUMBER))
    return comparer.compute(pairs, frame)


def _febrl_comparisons() -> list[Any]:
    return [
        Exact("given_name", "given_name", label="given_name"),
        String("surname", "surname", method="jarowinkler", threshold=0.85, label="surname"),
        Exact("date_of_birth", "date_of_birth", label="date_of_birth"),
        Exact("suburb", "suburb", label="suburb"),
        Exact("state", "state", label="state"),
        String("address_1", "address_1", threshold=0.85, label="address_1"),
        String("address_2", "address_2", threshold=0.85, label="address_2"),
    ]


def _pseudopeople_comparisons() -> list[Any]:
    return [
        String("first_name", "first_name", method="jarowinkler", threshold=0.85, label="first_name"),
        Exact("middle_initial", "middle_initial", label="middle_initial"),
        String("last_name", "last_name", method="jarowinkler", threshold=0.85, label="last_name"),
        String("date_of_birth", "date_of_birth", method="damerau_levenshtein", threshold=0.85, label="date_of_birth"),
        Exact("sex", "sex", label="sex"),
        Exact("street_number", "street_number", label="street_number"),
        String("street_name", "street_name", threshold=0.85, label="street_name"),
    ]


def _scores(features: Any, data: str) -> Iterator[tuple[str, Any]]:
    """Each classifier and the function that scores the pairs: the higher, the likelier one person."""
    if data in COEFFICIENTS:
        stated = features.drop(columns=NUMBER, errors="ignore").to_numpy(dtype=float)
        yield "stated coefficients", lambda: stated @ np.array(COEFFICIENTS[data])
    yield "sum of agreements", lambda: features.to_numpy(dtype=float).sum(axis=1)
    yield "ECM", lambda: _ecm(features)


def _ecm(features: Any) -> NDArray[np.float64]:
    """Log weights of the pairs; the package's probabilities are these, but round to one where they are high."""
    classifier = rl.ECMClassifier()
    classifier.fit(features)
    agree = features.to_numpy(dtype=float)
    weights = [
        (
            classifier.log_m_probs[name][1] - classifier.log_u_probs[name][1],
            classifier.log_m_probs[name][0] - classifier.log_u_probs[name][0],
        )
        for name in features.columns
    ]
    agreement, disagreement = np.array(weights).T
    scores: NDArray[np.float64] = agree @ agreement + (1 - agree) @ disagreement
    return scores


def _thresholds(scores: NDArray[np.float64], rows: int) -> list[float]:
    """Scores to try: those that join from a tenth of as many pairs as there are rows up to three times as many."""
    ordered = np.sort(scores)[::-1]
    wanted = np.linspace(rows * 0.1, min(rows * 3, len(ordered) - 1), QUANTILES).astype(int)
    return sorted({float(score) for score in ordered[wanted]}, reverse=True)


def _best_first(
    left: NDArray[np.int64], right: NDArray[np.int64], scores: NDArray[np.float64], file: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each row the best pair with each other file, kept where it is the best of both its rows."""
    pairs = pl.DataFrame({"left": left, "right": right, "score": scores}).with_columns(
        of_left=file[left], of_right=file[right]
    )
    best_left = pl.col("score").rank("ordinal", descending=True).over("left", "of_right") == 1
    best_right = pl.col("score").rank("ordinal", descending=True).over("right", "of_left") == 1
    kept = pairs.sort("score", descending=True).filter(best_left & best_right)
    return kept["left"].to_numpy(), kept["right"].to_numpy()


def _components(left: NDArray[np.int64], right: NDArray[np.int64], rows: int) -> NDArray[np.int32]:
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(rows, rows))
    labels: NDArray[np.int32] = connected_components(graph, directed=False)[1]
    return labels
