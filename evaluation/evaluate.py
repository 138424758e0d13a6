"""One evaluation of a run against a truth: the figures on its links and on its flags, as data and as JSON."""

from collections.abc import Mapping, Sequence

import polars as pl

from evaluation.audit import Audit, audit
from evaluation.flag_groups import flag_groups
from evaluation.flags import CAPACITIES, MAIN_CAPACITY, FlagQuality, judge_flags
from evaluation.harm import Assumptions, Harm, harm
from evaluation.linkage import LinkageQuality, linkage_quality
from evaluation.linkage_effect import LinkageEffect, linkage_effect
from evaluation.lists import Lists, lists
from evaluation.rate import Figures
from evaluation.recomputed import Recomputed
from evaluation.score_quality import ScoreQuality, score_quality
from evaluation.sensitivity import Sensitivity, sensitivity
from evaluation.supervised import Supervised, supervised


class Evaluation(Figures):
    """Quality of one run's links and flags; all but `linkage` is null where no year had a change to flag.

    `score` is null where no flag was judged, `supervised` where there are too few years or onsets to train on, and
    `sensitivity` where nothing was recomputed.
    """

    linkage: LinkageQuality
    flags: FlagQuality | None
    score: ScoreQuality | None = None
    audit: Audit | None = None
    linkage_effect: LinkageEffect | None = None
    supervised: Supervised | None = None
    harm: Harm | None = None
    sensitivity: Sensitivity | None = None

    def to_json(self) -> str:
        """Write all figures as JSON (UTF-8, indented); what could not be counted is null."""
        return self.model_dump_json(indent=2)


def evaluate(
    *,
    links: pl.DataFrame,
    persons: pl.DataFrame,
    indicators: pl.DataFrame,
    flags: pl.DataFrame,
    truth: Mapping[str, pl.DataFrame],
    traits: pl.DataFrame | None = None,
    timeline: pl.DataFrame | None = None,
    held: pl.DataFrame | None = None,
    capacities: Sequence[float] = CAPACITIES,
    main_capacity: float = MAIN_CAPACITY,
    recomputed: Recomputed | None = None,
    assumptions: Assumptions | None = None,
) -> Evaluation:
    """Evaluate the outputs of a run.

    Parameters
    ----------
    links, persons, indicators, flags
        The frames of `vocabulary.frames.OUTPUTS` of these names.
    truth
        `records`, `children`, `shocks`, as `evaluation.truth.load_truth` reads them.
    traits
        `source, local_id, as_of, surname_code, address_code`: what each record shows, in codes without names; tells
        who moved and who was renamed. See `evaluation.happenings.happenings`; with a Boolean `foreign_name`, whose
        name is of another script or country.
    timeline
        TIMELINE, for the figures by family, benefits and school.
    held
        HELD_FLAGS, for what linkage does to the list.
    capacities
        List sizes as shares of the children of each year (0–1).
    main_capacity
        That of the run, at which what is told once is told.
    recomputed
        What was computed anew from the run's data; without it only the run's own flags are judged.
    assumptions
        What wrong flags and missed children cost.

    Raises
    ------
    EvaluationError
        As `linkage_quality` does.
    """
    linkage = linkage_quality(
        links, truth["records"], truth["children"], traits=traits, persons=persons, timeline=timeline
    )
    anew = recomputed or Recomputed()
    ranked = flags if anew.longer is None else anew.longer
    prepared = lists(flags=ranked, indicators=indicators, links=links, truth=truth, timeline=timeline)
    if prepared is None:
        return Evaluation(linkage=linkage, flags=None)
    quality = judge_flags(prepared, flags, indicators, truth["shocks"], capacities, main_capacity)
    capacity = quality.main.capacity
    listed = prepared.at(capacity)
    groups = flag_groups(
        prepared.judged.present, prepared.child_of, persons=persons, timeline=timeline, traits=traits, links=links
    )
    return Evaluation(
        linkage=linkage,
        flags=quality,
        score=_score(listed["flags"], anew.scores, prepared),
        audit=audit(listed["flags"], prepared.judged, groups),
        linkage_effect=None if held is None else linkage_effect(prepared, flags, held, anew.truly_linked),
        supervised=supervised(prepared, capacity),
        harm=harm(listed, prepared.judged, capacity, assumptions or Assumptions()),
        sensitivity=sensitivity(prepared, flags, anew),
    )


def _score(listed: pl.DataFrame, scores: pl.DataFrame | None, prepared: Lists) -> ScoreQuality | None:
    """Hold the scores of the listed against outcomes, and all scores where they are given."""
    everyone = None
    if scores is not None:
        of_children = scores.join(prepared.child_of, on="person_id").group_by("child", "year")
        everyone = of_children.agg(pl.col("score").max()).sort("child", "year")
    return score_quality(listed, everyone, prepared.judged)
