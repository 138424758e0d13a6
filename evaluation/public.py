"""What of an evaluation may leave the city hall: few figures, and none from which a count below ten can be had.

A count is given from `SMALLEST_CELL` up, to the nearest `ROUNDED_TO`. A share is that of two rounded counts; where its
hits, or the others, are fewer than `SMALLEST_CELL`, only the bound that follows from that is given. Groups of one
dimension, and years, add up to all: where one of them is told by a bound alone, so are the others of the dimension, or
the hidden one could be had by subtraction. No person id, no example and no plot is among the figures.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor

from evaluation.effect_figures import ROUNDED_TO, SMALLEST_CELL
from evaluation.evaluate import Evaluation
from evaluation.rate import Figures, Rate

DIGITS = 3


class PublicShare(Figures):
    """A share between `low` and `high`; `value` is null where only that is told, all where nothing is."""

    of: int | None  # cases, rounded
    value: float | None
    low: float | None
    high: float | None

    @property
    def is_told(self) -> bool:
        """Whether more than a bound is told."""
        return self.value is not None


NOTHING = PublicShare(of=None, value=None, low=None, high=None)


class PublicGroup(Figures):
    """A group of children, or a year: how many, and its shares by measure."""

    dimension: str
    group: str
    children: int | None
    shares: Mapping[str, PublicShare]


class PublicList(Figures):
    """The list that one rule makes."""

    rule: str
    listed: int | None
    precision: PublicShare
    recall: PublicShare


class PublicEvaluation(Figures):
    """All that is told; what rests on lists is empty where no list was judged."""

    records: int | None
    pair_precision: float | None
    pair_recall: float | None
    mixed: PublicShare
    split: PublicShare
    linked: tuple[PublicGroup, ...]
    capacity: float | None = None
    lists: tuple[PublicList, ...] = ()
    years: tuple[PublicGroup, ...] = ()
    listed: tuple[PublicGroup, ...] = ()


def public_count(count: float) -> int | None:
    """A count to the nearest `ROUNDED_TO`; None below `SMALLEST_CELL`."""
    whole = round(count)
    return None if whole < SMALLEST_CELL else ROUNDED_TO * round(whole / ROUNDED_TO)


def public_share(rate: Rate) -> PublicShare:
    """A share of which neither side is given where it is fewer than `SMALLEST_CELL`."""
    of, hits, others = (public_count(count) for count in (rate.of, rate.hits, rate.of - rate.hits))
    if of is None or rate.low is None or rate.high is None:
        return NOTHING
    bound = round(SMALLEST_CELL / of, DIGITS)
    if hits is None and others is None:
        return PublicShare(of=of, value=None, low=None, high=None)
    if hits is None:
        return PublicShare(of=of, value=None, low=0.0, high=bound)
    if others is None:
        return PublicShare(of=of, value=None, low=round(1 - bound, DIGITS), high=1.0)
    step = ROUNDED_TO / of
    low, high = floor(rate.low / step) * step, min(1.0, ceil(rate.high / step) * step)
    value, low, high = (round(share, DIGITS) for share in (min(1.0, hits / of), low, high))
    return PublicShare(of=of, value=value, low=low, high=high)


def public_evaluation(evaluation: Evaluation) -> PublicEvaluation:
    """The figures of an evaluation that may leave."""
    linkage = evaluation.linkage
    pairs = linkage.linked.pairwise
    told = PublicEvaluation(
        records=public_count(linkage.records_linked),
        pair_precision=None if pairs.precision is None else round(pairs.precision, DIGITS),
        pair_recall=None if pairs.recall is None else round(pairs.recall, DIGITS),
        mixed=public_share(linkage.mixed),
        split=public_share(linkage.split),
        linked=_without_differences(
            _group(one.dimension, one.group, one.children, {"whole": one.whole}) for one in linkage.fairness.groups
        ),
    )
    if evaluation.flags is None:
        return told
    main = evaluation.flags.main
    rules = [
        PublicList(
            rule=one.rule,
            listed=public_count(one.listed),
            precision=public_share(one.precision),
            recall=public_share(one.recall),
        )
        for one in main.rules
    ]
    years = [_group("year", one.name, None, {"precision": one.precision}) for one in main.by_year if one.precision]
    groups = [] if evaluation.audit is None else evaluation.audit.groups
    served = [
        _group(one.dimension, one.group, None, {"precision": one.precision, "recall": one.recall}) for one in groups
    ]
    return told.model_copy(
        update={
            "capacity": main.capacity,
            "lists": tuple(rules),
            "years": _without_differences(years),
            "listed": _without_differences(served),
        }
    )


def _group(dimension: str, group: str, children: int | None, rates: Mapping[str, Rate]) -> PublicGroup:
    shares = {name: public_share(rate) for name, rate in rates.items()}
    count = None if children is None else public_count(children)
    return PublicGroup(dimension=dimension, group=group, children=count, shares=shares)


def _without_differences(groups: Iterable[PublicGroup]) -> tuple[PublicGroup, ...]:
    """Tell a measure of a dimension by bounds alone, or not at all, where one of its groups is told so."""
    found = list(groups)
    hidden = {(one.dimension, name) for one in found for name, share in one.shares.items() if not share.is_told}
    return tuple(_bounded(one, [name for name in one.shares if (one.dimension, name) in hidden]) for one in found)


def _bounded(group: PublicGroup, measures: Sequence[str]) -> PublicGroup:
    kept = {name: NOTHING if name in measures and share.is_told else share for name, share in group.shares.items()}
    return group.model_copy(update={"shares": kept})
