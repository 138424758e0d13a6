"""The evaluation as one HTML page that needs nothing else: no script, no outside asset, plots as inline SVG."""

from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evaluation.estimate import Estimate
from evaluation.evaluate import Evaluation
from evaluation.fairness import Fairness
from evaluation.flags import FlagQuality
from evaluation.formats import FILTERS, percent
from evaluation.harm import RATIOS, Harm
from evaluation.plots import calibration_plot, fairness_plot, groups_plot, sizes_plot
from evaluation.plots_flags import (
    audit_plot,
    capacities_plot,
    costs_plot,
    drift_plot,
    kinds_plot,
    rules_plot,
    sources_plot,
    strength_plot,
    years_plot,
)
from evaluation.sentences import all_sentences
from evaluation.words import Words
from vocabulary.page import style
from vocabulary.texts import Language

MIXED_SHOWN = 10

OVER_CAPACITY = ("flags", "threshold", "chance")
"""Rules drawn over the size of the list."""


def render_report(evaluation: Evaluation, *, language: Language = "ja", run: str | None = None) -> str:
    """Render the report.

    Parameters
    ----------
    evaluation
        The figures.
    language
        `ja` or `en`.
    run
        Id of the run that was evaluated, shown under the title.

    Returns
    -------
    A complete HTML document.
    """
    page = Environment(
        loader=PackageLoader("evaluation", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    page.filters |= {each.__name__: each for each in FILTERS}
    words = Words(language)
    flags = evaluation.flags
    main = None if flags is None else flags.main
    parts: dict[str, Any] = {
        "score": evaluation.score,
        "audit": evaluation.audit,
        "supervised": evaluation.supervised,
        "effect": evaluation.linkage_effect,
        "sensitivity": evaluation.sensitivity,
        "harm": evaluation.harm,
    }
    return page.get_template("report.html").render(
        language=language,
        run=run,
        style=style(),
        say=words.say,
        name=words.name,
        source=words.source,
        column=words.column,
        linkage=evaluation.linkage,
        flags=flags,
        main=main,
        longer=flags is not None and flags.main_capacity < max(each.capacity for each in flags.capacities),
        rules={rule.rule: rule for rule in main.rules} if main else {},
        **parts,
        sections=_sections(evaluation),
        seen=_Seen(all_sentences(evaluation, words)),
        ratios=RATIOS,
        benefits=_benefits(evaluation.harm),
        plots=_plots(evaluation, words),
        mixed_shown=MIXED_SHOWN,
        fairness_said=fairness_sentence(evaluation.linkage.fairness, language),
    )


class _Seen(dict[str, str]):
    """Sentences by the name of their table; none where there is nothing to say."""

    def __missing__(self, name: str) -> None:
        return None


def fairness_sentence(fairness: Fairness, language: Language) -> str:
    """Name the groups whose links are found less often than the others' beyond chance, or say that there are none."""
    words = Words(language)
    if not fairness.lower:
        return words.say("fairness_none")
    named = [
        words.say(
            "fairness_group",
            group=words.group(each.group),
            recall=percent(each.recall.value),
            others=percent(each.others_recall),
        )
        for each in fairness.lower
    ]
    return words.say("fairness_lower", groups=words.listed(named))


def _sections(evaluation: Evaluation) -> list[str]:
    """Anchors of the sections that are there, in their order."""
    there = {
        "list": True,
        "rules": evaluation.flags,
        "score": evaluation.score,
        "groups": evaluation.audit,
        "labels": evaluation.supervised,
        "linkage": evaluation.linkage_effect,
        "sources": evaluation.sensitivity,
        "costs": evaluation.harm,
        "links": True,
        "limits": True,
    }
    return [section for section, found in there.items() if found]


def _benefits(harm: Harm | None) -> dict[str, list[Estimate]]:
    """Net benefits of each rule over the ratios."""
    found: dict[str, list[Estimate]] = {}
    for benefit in () if harm is None else harm.benefits:
        found.setdefault(benefit.rule, []).append(benefit.net)
    return found


def _plots(evaluation: Evaluation, words: Words) -> dict[str, Markup]:
    linkage, say = evaluation.linkage, words.say
    drawn = {
        "groups": groups_plot(linkage.groups, words.group, say),
        "fairness": fairness_plot(linkage.fairness, words.group, say),
        "sizes": sizes_plot(linkage.sizes, say),
        "links": calibration_plot(linkage.link_calibration, say),
        "persons": calibration_plot(linkage.person_calibration, say),
    }
    if evaluation.flags is not None:
        drawn |= _flag_plots(evaluation.flags, words)
    if evaluation.score is not None:
        score = evaluation.score
        reliability = partial(calibration_plot, say=say, lowest=0.0)
        drawn |= {"score_listed": reliability(score.listed.bins), "drift": drift_plot(score.by_year, say)}
        drawn |= {} if score.everyone is None else {"score_everyone": reliability(score.everyone.bins)}
    if evaluation.audit is not None:
        drawn["audit"] = audit_plot(evaluation.audit, words.group, say)
    if evaluation.supervised is not None:
        drawn["kinds"] = kinds_plot(evaluation.supervised.kinds, words.kind, say)
    if evaluation.sensitivity is not None:
        drawn["sources"] = sources_plot(evaluation.sensitivity, words.column, say)
    if evaluation.harm is not None:
        drawn["costs"] = costs_plot(evaluation.harm, words.rule, say)
    return {plot: Markup(svg) for plot, svg in drawn.items()}  # noqa: S704 our own drawing, escaped by its maker


def _flag_plots(flags: FlagQuality, words: Words) -> dict[str, str]:
    return {
        "precision": capacities_plot(flags.capacities, "precision", OVER_CAPACITY, words.rule, words.say),
        "recall": capacities_plot(flags.capacities, "recall", OVER_CAPACITY, words.rule, words.say),
        "rules": rules_plot(flags.main.rules, words.rule, words.say),
        "years": years_plot(flags.main, words.say),
        "strength": strength_plot(flags.main.by_strength, words.say),
    }
