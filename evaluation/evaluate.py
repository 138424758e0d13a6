"""One evaluation of a run against a truth: the figures on its links and on its flags, as data and as JSON."""

from collections.abc import Mapping, Sequence

import polars as pl

from evaluation.flags import CAPACITIES, FlagQuality, flag_quality
from evaluation.linkage import LinkageQuality, linkage_quality
from evaluation.rate import Figures


class Evaluation(Figures):
    """Linkage and flag quality of one run; `flags` is null where no year had a change to flag."""

    linkage: LinkageQuality
    flags: FlagQuality | None

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
    capacities: Sequence[float] = CAPACITIES,
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
        TIMELINE, for the figures by family and benefits.
    capacities
        List sizes as shares of the children of each year (0–1).

    Raises
    ------
    EvaluationError
        As `linkage_quality` and `flag_quality` do.
    """
    return Evaluation(
        linkage=linkage_quality(
            links, truth["records"], truth["children"], traits=traits, persons=persons, timeline=timeline
        ),
        flags=flag_quality(flags=flags, indicators=indicators, links=links, truth=truth, capacities=capacities),
    )
