"""One sentence for each table: what is to be seen in it, said from the figures, so that it cannot say what they do not.

Each gives a text of the reader's language; where there is nothing to say it gives None, and nothing is shown.
"""

from collections.abc import Callable, Sequence

from evaluation.audit import Audit, GroupAudit
from evaluation.evaluate import Evaluation
from evaluation.flags import FlagQuality, Part
from evaluation.formats import decimal, in_ten, in_ten_interval, percent, points, span
from evaluation.harm import Harm
from evaluation.judgement import ListQuality
from evaluation.linkage_effect import LinkageEffect
from evaluation.rate import Rate
from evaluation.score_quality import ScoreQuality
from evaluation.sensitivity import ALL_COLUMNS, Sensitivity
from evaluation.supervised import Supervised
from evaluation.words import Words

CALIBRATION_LEVEL = 0.05
FEWEST = 20
"""Cases below which a part is not named as the best or the worst."""
REFERENCE = ("chance", "supervised")
"""Rules that no city could use, or that know nothing."""


def headline(flags: FlagQuality, words: Words) -> str:
    """How many of ten listed children had an onset, in which years, with its interval."""
    rule = flags.main.rule("flags")
    return words.say(
        "see_headline",
        x=in_ten(rule.precision),
        range=in_ten_interval(rule.precision),
        capacity=percent(flags.main.capacity, 1),
        first=flags.years[0],
        last=flags.years[-1],
        listed=f"{rule.listed:,}",
    )


def capacities(flags: FlagQuality, words: Words) -> str | None:
    """What a longer list gains and loses."""
    told = [quality for quality in flags.capacities if quality.rule("flags").listed]
    if len(told) < 2:
        return None
    short, long = told[0], told[-1]
    return words.say(
        "see_capacities",
        short=percent(short.capacity, 1),
        long=percent(long.capacity, 1),
        x_short=in_ten(short.rule("flags").precision),
        x_long=in_ten(long.rule("flags").precision),
        found_short=in_ten(short.rule("flags").recall),
        found_long=in_ten(long.rule("flags").recall),
    )


def rules(flags: FlagQuality, words: Words) -> str | None:
    """The best of the other rules beside the flags."""
    best = _best([rule for rule in flags.main.rules if rule.rule != "flags"])
    if best is None:
        return None
    x = in_ten(flags.main.rule("flags").precision)
    return words.say("see_rules", rule=words.rule(best.rule), x=in_ten(best.precision), flags=x)


def _best(others: Sequence[ListQuality]) -> ListQuality | None:
    known = [rule for rule in others if rule.rule not in REFERENCE and rule.precision.value is not None]
    return max(known, key=lambda rule: rule.precision.value or 0.0, default=None)


def delay(flags: FlagQuality, words: Words) -> str | None:
    """When onsets are first listed."""
    found = flags.main.rule("flags").delay
    total = 0 if found is None else found.same_year + found.next_year + found.later + found.never
    if found is None or not total:
        return None
    return words.say(
        "see_delay",
        same=percent(found.same_year / total, 0),
        next=percent(found.next_year / total, 0),
        never=percent(found.never / total, 0),
    )


def flag_kinds(flags: FlagQuality, words: Words) -> str | None:
    """Kinds of flag that are right most and least often."""
    return _extremes("see_flag_kinds", flags.main.by_flag_kind, lambda part: part.precision, words, words.kind)


def onset_kinds(flags: FlagQuality, words: Words) -> str | None:
    """Kinds of onset found most and least often."""
    return _extremes("see_onset_kinds", flags.main.by_onset_kind, lambda part: part.recall, words, words.kind)


def years(flags: FlagQuality, words: Words) -> str | None:
    """Years in which the list was right most and least often."""
    return _extremes("see_years", flags.main.by_year, lambda part: part.precision, words, str)


def strength(flags: FlagQuality, words: Words) -> str | None:
    """The weakest quarter of the onsets beside the strongest."""
    parts = flags.main.by_strength
    if len(parts) < 2 or parts[0].recall is None or parts[-1].recall is None:
        return None
    weak, strong = percent(parts[0].recall.value, 0), percent(parts[-1].recall.value, 0)
    return words.say("see_strength", weak=weak, strong=strong)


def _extremes(
    key: str, parts: Sequence[Part], rate: Callable[[Part], Rate | None], words: Words, named: Callable[[str], str]
) -> str | None:
    told = [(found.value, part.name) for part in parts if (found := rate(part)) and found.of >= FEWEST]
    known = [(value, name) for value, name in told if value is not None]
    if len(known) < 2:
        return None
    (low, worst), (high, best) = min(known), max(known)
    return words.say(key, best=named(best), high=percent(high, 0), worst=named(worst), low=percent(low, 0))


def score(quality: ScoreQuality, words: Words) -> str:
    """Whether the listed scores hold on average."""
    found = quality.listed
    stated, observed = found.stated or 0.0, found.observed.value or 0.0
    if found.p_value is None or found.p_value > CALIBRATION_LEVEL:
        verdict = "see_score_holds"
    else:
        verdict = "see_score_high" if stated > observed else "see_score_low"
    return words.say(
        "see_score",
        stated=percent(stated, 0),
        observed=percent(observed, 0),
        verdict=words.say(verdict, by=decimal(100 * abs(stated - observed), 0)),
    )


def drift(quality: ScoreQuality, words: Words) -> str:
    """Years in which stated and observed differ beyond chance."""
    off = [str(year.year) for year in quality.by_year if year.off]
    return words.say("see_drift", years=words.listed(off)) if off else words.say("see_drift_none")


def groups(audit: Audit, words: Words) -> str:
    """Groups that are served less well beyond chance, by measure."""
    told = [_group(group, words) for group in audit.groups if group.worse]
    if not told:
        return words.say("see_groups_none", tests=audit.tests)
    return words.say("see_groups", groups=words.listed(told), tests=audit.tests)


def _group(group: GroupAudit, words: Words) -> str:
    own = {"precision": group.precision, "recall": group.recall, "false_positive": group.false_positive}
    measures = [
        words.say(
            "see_group_measure",
            measure=words.say(each.measure),
            own=percent(own[each.measure].value, 1),
            others=percent(each.others, 1),
        )
        for each in group.worse
    ]
    return words.say("see_group", group=words.group(group.group), measures=words.listed(measures))


def supervised(found: Supervised, words: Words) -> str:
    """The model with labels beside the flags on the later years."""
    rates = {rule.rule: in_ten(rule.precision) for rule in found.rules}
    return words.say(
        "see_supervised",
        model=rates["supervised"],
        flags=rates["flags"],
        first=found.judged[0],
        last=found.judged[-1],
    )


def held_out(found: Supervised, words: Words) -> str | None:
    """What the model finds of kinds it has not met, over all that were held out."""
    told = [kind for kind in found.kinds if kind.unseen is not None]
    onsets = sum(kind.flags.of for kind in told)
    if not onsets:
        return None
    shares = {
        name: percent(sum(rate.hits for kind in told if (rate := getattr(kind, name))) / onsets, 0)
        for name in ("flags", "seen", "unseen")
    }
    return words.say("see_held_out", **shares)


def linkage(effect: LinkageEffect, words: Words) -> str | None:
    """The list by the run's links beside that by true ones."""
    if effect.true is None or effect.difference is None or effect.in_both is None:
        return None
    return words.say(
        "see_linkage",
        run=in_ten(effect.run.precision),
        true=in_ten(effect.true.precision),
        difference=points(effect.difference.value),
        range=span(effect.difference),
        both=percent(effect.in_both.value, 1),
    )


def held(effect: LinkageEffect, words: Words) -> str:
    """How many flags are held, and on what they stand."""
    counted = {each.linkage: int(each.share_of_list.hits) for each in effect.held}
    right = sum(int(each.precision.hits) for each in effect.held)
    return words.say("see_held", held=sum(counted.values()), right=right, **counted)


def sources(found: Sensitivity, words: Words) -> str:
    """The columns the list needs, how many it would not miss, and those that nothing reads."""
    columns = [each for each in found.dropped if each.column != ALL_COLUMNS]
    needed = [words.column(each.source, each.column) for each in columns if each.needed]
    unread = [words.column(each.source, each.column) for each in columns if each.unread]
    return words.say(
        "see_sources",
        needed=words.listed(needed) or words.say("see_none"),
        spare=len(columns) - len(needed) - len(unread),
        unread=words.listed(unread) or words.say("see_none"),
    )


def together(found: Sensitivity, words: Words) -> str | None:
    """What is lost without all columns that alone add nothing."""
    if found.together is None:
        return None
    return words.say(
        "see_together",
        spare=sum(not each.unread for each in found.adds_nothing),
        precision=points(found.together.precision.value),
        precision_range=span(found.together.precision),
        recall=points(found.together.recall.value),
        recall_range=span(found.together.recall),
    )


def work(found: Harm, words: Words) -> str | None:
    """What looking at ten children takes and finds."""
    if found.precision.value is None:
        return None
    hours = found.assumptions.case
    return words.say(
        "see_work",
        hours=decimal(10 * hours, 0),
        x=in_ten(found.precision),
        each=decimal(hours / found.precision.value if found.precision.value else None, 1),
    )


def costs(found: Harm, words: Words) -> str | None:
    """From which ratio on the list is worth more than none, and what it saves under the assumptions."""
    flags = next((cost for cost in found.costs if cost.rule == "flags"), None)
    if flags is None or found.breaks_even.value is None:
        return None
    ratio = found.assumptions.ratio
    return words.say(
        "see_costs",
        even=decimal(found.breaks_even.value, 1),
        ratio=decimal(ratio, 1),
        net=decimal(flags.net.value, 0),
        verdict=words.say("see_costs_worth" if ratio > found.breaks_even.value else "see_costs_not_worth"),
    )


def all_sentences(evaluation: Evaluation, words: Words) -> dict[str, str]:
    """Every sentence that there is something to say, by the name of its table."""
    flags, told = evaluation.flags, dict[str, str | None]()
    if flags is not None:
        of_flags = (headline, capacities, rules, delay, flag_kinds, onset_kinds, years, strength)
        told |= {each.__name__: each(flags, words) for each in of_flags}
    if evaluation.score is not None:
        told |= {each.__name__: each(evaluation.score, words) for each in (score, drift)}
    if evaluation.audit is not None:
        told["groups"] = groups(evaluation.audit, words)
    if evaluation.supervised is not None:
        told |= {each.__name__: each(evaluation.supervised, words) for each in (supervised, held_out)}
    if evaluation.linkage_effect is not None:
        told |= {each.__name__: each(evaluation.linkage_effect, words) for each in (linkage, held)}
    if evaluation.sensitivity is not None:
        told |= {each.__name__: each(evaluation.sensitivity, words) for each in (sources, together)}
    if evaluation.harm is not None:
        told |= {each.__name__: each(evaluation.harm, words) for each in (work, costs)}
    return {name: said for name, said in told.items() if said is not None}
