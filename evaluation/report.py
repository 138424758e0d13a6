"""The evaluation as one HTML page that needs nothing else: no script, no outside asset, plots as inline SVG."""

from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evaluation.evaluate import Evaluation
from evaluation.fairness import Fairness
from evaluation.flags import CapacityQuality, FlagQuality
from evaluation.plots import FONT, calibration_plot, fairness_plot, groups_plot, rules_plot, sizes_plot, years_plot
from evaluation.rate import Rate
from vocabulary.texts import Language, catalogue, text

MAIN_CAPACITY = 0.02
"""The capacity of the summary and of the parts by kind and year, or the nearest to it that was evaluated."""

MIXED_SHOWN = 10


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
    page.filters |= {each.__name__: each for each in (percent, interval, count, decimal, chance, in_ten, in_myriad)}
    main = main_capacity(evaluation.flags) if evaluation.flags else None
    return page.get_template("report.html").render(
        language=language,
        run=run,
        font=FONT,
        say=partial(say, language),
        name=partial(name, language),
        linkage=evaluation.linkage,
        flags=evaluation.flags,
        main=main,
        rules={rule.rule: rule for rule in main.rules} if main else {},
        plots=_plots(evaluation, main, language),
        mixed_shown=MIXED_SHOWN,
        fairness_said=fairness_sentence(evaluation.linkage.fairness, language),
    )


def say(language: Language, key: str, **values: object) -> str:
    """Text `evaluation.<key>` in `language`."""
    return text(f"evaluation.{key}", language=language, **values)


def name(language: Language, prefix: str, key: str) -> str:
    """Title of a kind, or text `evaluation.<prefix>_<key>`; the key itself where a truth brings a name of its own."""
    full = f"kind.{key}" if prefix == "kind" else f"evaluation.{prefix}_{key}"
    return text(full, language=language) if full in catalogue() else key


def fairness_sentence(fairness: Fairness, language: Language) -> str:
    """Name the groups whose links are found less often than the others' beyond chance, or say that there are none."""
    if not fairness.lower:
        return say(language, "fairness_none")
    group = partial(name, language, "group")
    named = [
        say(
            language,
            "fairness_group",
            group=group(each.group),
            recall=percent(each.recall.value),
            others=percent(each.others_recall),
        )
        for each in fairness.lower
    ]
    return say(language, "fairness_lower", groups=say(language, "fairness_and").join(named))


def main_capacity(flags: FlagQuality) -> CapacityQuality:
    """Choose the capacity nearest to `MAIN_CAPACITY`."""
    return min(flags.capacities, key=lambda quality: abs(quality.capacity - MAIN_CAPACITY))


def percent(value: float | None, digits: int = 2) -> str:
    """Write a share as per cent; one that is not whole is never rounded up to 100 %."""
    if value is None:
        return "–"
    while value < 1 and digits < 5 and float(f"{100 * value:.{digits}f}") == 100:
        digits += 1
    return f"{100 * value:.{digits}f} %"


def interval(rate: Rate, digits: int = 1) -> str:
    """Write the interval of a rate in per cent, without the sign."""
    return "–" if rate.low is None or rate.high is None else f"{100 * rate.low:.{digits}f}–{100 * rate.high:.{digits}f}"


def count(value: float) -> str:
    """Write a number of things, with separators for thousands."""
    return f"{value:,.0f}"


def decimal(value: float | None, digits: int = 1) -> str:
    """Write a number with `digits` decimals."""
    return "–" if value is None else f"{value:,.{digits}f}"


def chance(value: float | None) -> str:
    """Write a p value to three decimals; a smaller one is never written as nought."""
    return "<0.001" if value is not None and value < 0.001 else decimal(value, 3)


def in_ten(rate: Rate) -> str:
    """Write how many of ten cases are hits, to a tenth."""
    return "–" if rate.value is None else f"{10 * rate.value:.1f}"


def in_myriad(rate: Rate) -> str:
    """Write how many of ten thousand cases are hits, to a tenth."""
    return "–" if rate.value is None else f"{10_000 * rate.value:,.1f}"


def _plots(evaluation: Evaluation, main: CapacityQuality | None, language: Language) -> dict[str, Markup]:
    words, linkage, flags = partial(say, language), evaluation.linkage, evaluation.flags
    drawn = {
        "groups": groups_plot(linkage.groups, partial(name, language, "group"), words),
        "fairness": fairness_plot(linkage.fairness, partial(name, language, "group"), words),
        "sizes": sizes_plot(linkage.sizes, words),
        "links": calibration_plot(linkage.link_calibration, words),
        "persons": calibration_plot(linkage.person_calibration, words),
    }
    if flags is not None and main is not None:
        drawn |= {
            "precision": rules_plot(flags.capacities, "precision", words),
            "recall": rules_plot(flags.capacities, "recall", words),
            "years": years_plot(main, words),
        }
    return {plot: Markup(svg) for plot, svg in drawn.items()}  # noqa: S704 our own drawing, escaped by its maker
