"""What labels could add: a boosted model trained on the truth of earlier years, judged on later ones.

It is a ceiling to hold the list against, no rule a city could use: no city has the truth. It is trained on years before
those it is judged on, with a year between, so that no onset is in both. To see what such a model does with hardship it
has not met, it is trained again without each kind of onset and judged on that kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from evaluation.judgement import ListQuality, Scene, chance, delays, hits, judge, share
from evaluation.lists import Lists, as_many, cut
from evaluation.panel import Panel
from evaluation.rankings import by_score
from evaluation.rate import Figures, Rate

Floats = NDArray[np.float64]

FEWEST_POSITIVE = 20
"""Child-years with an onset below which nothing is trained."""
MOST_NEGATIVE = 8_000
"""Child-years without an onset that are trained on at most; the order of the list does not depend on their share."""
MOST_KINDS = 8
"""Kinds of onset that are held out, the most frequent first."""
SEED = 20260401


class HeldOutKind(Figures):
    """Onsets of one kind found by the flags, by the model that saw the kind in training, and by one that did not."""

    kind: str
    flags: Rate
    seen: Rate
    unseen: Rate | None


class Supervised(Figures):
    """All rules and the model on the later years, at lists as long as the flags'."""

    capacity: float
    trained: tuple[int, ...]
    judged: tuple[int, ...]
    rules: tuple[ListQuality, ...]
    kinds: tuple[HeldOutKind, ...]


@dataclass(frozen=True)
class _Split:
    """Features of all child-years, what they are labelled, which are trained on, and which are judged."""

    features: Floats
    labels: NDArray[np.bool_]
    training: NDArray[np.bool_]
    later: Scene
    rows: pl.DataFrame


def supervised(prepared: Lists, capacity: float) -> Supervised | None:
    """Train on the earlier years and judge every rule on the later ones; None where there is too little to train on."""
    years = prepared.years
    first = years[len(years) // 2]
    split = _split(prepared, first)
    if split is None:
        return None
    later = {rule: ranking.filter(pl.col("year") >= first) for rule, ranking in prepared.rankings.items()}
    listed = cut(later, prepared.seen, capacity)
    seen = _list(split, split.training, listed["flags"])
    sizes = listed["flags"].group_by("year").agg(listed=pl.len())
    rules = {**listed, "supervised": seen}
    return Supervised(
        capacity=capacity,
        trained=tuple(sorted(split.rows.filter(pl.Series(split.training))["year"].unique())),
        judged=tuple(year for year in years if year >= first),
        rules=(*(judge(rule, chosen, split.later) for rule, chosen in rules.items()), chance(sizes, split.later)),
        kinds=_held_out(prepared.judged, split, listed["flags"], seen),
    )


def _split(prepared: Lists, first: int) -> _Split | None:
    rows = prepared.panel.rows
    labels = hits(rows, prepared.judged)["hit"].to_numpy()
    year = rows["year"].to_numpy()
    training = np.isin(year, prepared.years) & (year < first - 1)
    negative = np.flatnonzero(training & ~labels)
    if int((training & labels).sum()) < FEWEST_POSITIVE or not negative.size:
        return None
    surplus = np.random.default_rng(SEED).permutation(negative)[MOST_NEGATIVE:]
    training[surplus] = False
    return _Split(_features(prepared.panel, training), labels, training, _from(prepared.judged, first), rows)


def _features(panel: Panel, training: NDArray[np.bool_]) -> Floats:
    """Values, changes, levels and surprises; a column that is unknown throughout the training is left out."""
    features = np.hstack([panel.value, panel.change, panel.level, panel.surprise])
    return np.asarray(features[:, np.isfinite(features[training]).any(axis=0)])


def _from(judged: Scene, first: int) -> Scene:
    """The scene of the years from `first` on; an onset is found where its year, or the next, is among them."""
    return Scene(judged.present.filter(pl.col("year") >= first), judged.window.filter(pl.col("year") >= first))


def _list(split: _Split, training: NDArray[np.bool_], beside: pl.DataFrame) -> pl.DataFrame:
    """The children a model trained on some rows lists in the judged years, as many as stand `beside`."""
    model = HistGradientBoostingClassifier(
        max_iter=100, max_leaf_nodes=15, max_bins=63, early_stopping=False, random_state=SEED
    )
    at = np.flatnonzero(split.rows["year"].is_in(split.later.present["year"].unique().to_list()).to_numpy())
    with threadpool_limits(1):  # threads that wait for each other would take longer on so few rows
        model.fit(split.features[training], split.labels[training])
        score = model.predict_proba(split.features[at])[:, 1]
    return as_many(by_score(split.rows[at], score), beside)


def _held_out(judged: Scene, split: _Split, flags: pl.DataFrame, seen: pl.DataFrame) -> tuple[HeldOutKind, ...]:
    """Recall by kind of onset, of the most frequent kinds also without the kind in training."""
    counted = split.later.onsets.group_by("kind").len().sort("len", "kind", descending=[True, False])
    found: list[HeldOutKind] = []
    by_flags, by_seen = _recall(flags, split.later), _recall(seen, split.later)
    for place, kind in enumerate(counted["kind"]):
        unseen = _without(judged, split, kind) if place < MOST_KINDS else None
        rate = None if unseen is None else _recall(_list(split, unseen, flags), split.later)[kind]
        found.append(HeldOutKind(kind=kind, flags=by_flags[kind], seen=by_seen[kind], unseen=rate))
    return tuple(found)


def _without(judged: Scene, split: _Split, kind: str) -> NDArray[np.bool_] | None:
    """Rows to train on without any child-year of a kind; None where none of it was among them or too little is left."""
    of_kind = judged.window.filter(pl.col("kind") == kind).select("child", "year").unique().with_columns(held=True)
    held = split.rows.join(of_kind, on=["child", "year"], how="left", maintain_order="left")["held"]
    training = split.training & ~held.fill_null(False).to_numpy()
    changed = bool((training != split.training).any())
    return training if changed and int((training & split.labels).sum()) >= FEWEST_POSITIVE else None


def _recall(listed: pl.DataFrame, judged: Scene) -> Mapping[str, Rate]:
    since = delays(listed, judged)
    return {str(kind): share(rows, pl.col("found")) for (kind,), rows in since.group_by(["kind"])}
