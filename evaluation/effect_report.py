"""The estimate of effect as one HTML page for a council: what was found, what it does not show, what was checked."""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evaluation.effect_figures import Balance, Count, Effect, Estimate, Measure, OutcomeEffect
from evaluation.effect_plots import ALIKE, bands_plot, course_plot, love_plot
from vocabulary.page import style
from vocabulary.texts import Language, text

BEYOND_CHANCE = 0.05
UNEVEN_FOLLOWING = 0.1
MANY_WITHOUT_PARTNER = 0.1
NOT_SHOWN = 6  # texts not_shown_1 …
FLOW = ("named", "not_in_run", "doubtful_link", "no_record_before", "no_partner", "matched", "comparison", "candidates")


class Occasion(NamedTuple):
    """Which run was read, under which approval, and its purpose."""

    run: str
    approval: str
    purpose: str


def render_effect(effect: Effect, measures: Mapping[str, Measure], occasion: Occasion, *, language: Language) -> str:
    """Render the report.

    Parameters
    ----------
    effect
        The figures.
    measures
        Names and units of the indicators.
    occasion
        Run, approval and purpose, told at the head.
    language
        `ja` or `en`.

    Returns
    -------
    A complete HTML document that loads nothing.
    """
    say = partial(_say, language)
    covariate = partial(covariate_name, measures, language)
    drawn = {
        "love": love_plot(effect.balance, covariate, say),
        "bands": bands_plot(effect.bands, say),
        **{name: course_plot([one for one in effect.course if one.outcome == name], say) for name in _outcomes(effect)},
    }
    page = Environment(
        loader=PackageLoader("evaluation", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return page.get_template("effect_report.html").render(
        language=language,
        style=style(),
        say=say,
        effect=effect,
        occasion=occasion,
        title=partial(_title, measures, language),
        amount=partial(amount, measures, language),
        interval=partial(interval, measures, language),
        verdict=partial(verdict, measures, language),
        doubts=doubts(effect, measures, language),
        count=partial(_count, language),
        covariate=covariate,
        outcomes=_outcomes(effect),
        flow=FLOW,
        not_shown=NOT_SHOWN,
        plots={name: Markup(svg) for name, svg in drawn.items()},  # noqa: S704 our own drawing, escaped by its maker
    )


def effect_lines(effect: Effect, measures: Mapping[str, Measure], language: Language) -> list[str]:
    """What the terminal tells: a line for each outcome and year, what casts doubt on it, and that it is no proof."""
    lines = []
    for each in effect.outcomes:
        said: dict[str, Any] = {"title": _title(measures, language, each.outcome), "horizon": each.horizon}
        if each.estimate is None:
            lines.append(_say(language, "line_too_few", **said))
            continue
        said["value"] = amount(measures, language, each.outcome, each.estimate.value)
        said["interval"] = interval(measures, language, each.outcome, each.estimate)
        lines.append(_say(language, "line", verdict=verdict(measures, language, each), **said))
    return [*lines, *doubts(effect, measures, language), _say(language, "not_a_cause")]


def verdict(measures: Mapping[str, Measure], language: Language, each: OutcomeEffect) -> str:
    """Whether a difference is beyond chance, and in which direction."""
    if each.estimate is None or each.p_holm is None:
        return ""
    if each.p_holm >= BEYOND_CHANCE:
        return _say(language, "verdict_none")
    worse = (each.estimate.value > 0) == (measures[each.outcome].worse == "higher")
    return _say(language, "verdict_worse" if worse else "verdict_better")


def doubts(effect: Effect, measures: Mapping[str, Measure], language: Language) -> list[str]:
    """What the checks found against the result, or that they found nothing."""
    title = partial(_title, measures, language)
    found = [f"{title(name)}: {_say(language, 'doubt_placebo')}" for name in effect.failed_placebos]
    for each in effect.outcomes:
        if each.estimate and each.followed.gap > UNEVEN_FOLLOWING:
            said = _say(language, "doubt_followed", gap=f"{100 * each.followed.gap:.0f}")
            found.append(f"{title(each.outcome)} (+{each.horizon}): {said}")
    unlike = [row for row in effect.balance if abs(row.after) > ALIKE]
    if unlike:
        names = ", ".join(covariate_name(measures, language, row) for row in unlike[:5])
        found.append(_say(language, "doubt_balance", worst=f"{effect.worst_balance:.2f}", covariates=names))
    if effect.without_partner > MANY_WITHOUT_PARTNER:
        found.append(_say(language, "doubt_partner", share=f"{effect.without_partner:.0%}"))
    if effect.supported_later >= 0.01:
        found.append(_say(language, "doubt_later", share=f"{effect.supported_later:.0%}"))
    return found or [_say(language, "doubt_none")]


def covariate_name(measures: Mapping[str, Measure], language: Language, row: Balance) -> str:
    """An indicator and what of it, as a reader knows it."""
    return f"{_title(measures, language, row.indicator)} · {_say(language, f'aspect_{row.aspect}')}"


def amount(measures: Mapping[str, Measure], language: Language, outcome: str, value: float | None) -> str:
    """A difference in the outcome's unit, with its sign."""
    return "–" if value is None else _in_unit(measures[outcome], language, _signed(measures[outcome], value))


def interval(measures: Mapping[str, Measure], language: Language, outcome: str, estimate: Estimate) -> str:
    """The interval of an estimate in the outcome's unit."""
    low, high = (_signed(measures[outcome], bound) for bound in (estimate.low, estimate.high))
    return _in_unit(measures[outcome], language, f"{low} … {high}")


def _signed(measure: Measure, value: float) -> str:
    digits = measure.decimals + 1  # a difference of means is known more finely than a value
    return f"{round(value, digits) + 0.0:+.{digits}f}".replace("-", "−")


def _in_unit(measure: Measure, language: Language, written: str) -> str:
    return str(getattr(measure.amount, language).format(value=written))


def _outcomes(effect: Effect) -> list[str]:
    return list(dict.fromkeys(each.outcome for each in effect.outcomes))


def _say(language: Language, key: str, **values: object) -> str:
    return text(f"effect.{key}", language=language, **values)


def _title(measures: Mapping[str, Measure], language: Language, name: str) -> str:
    return str(getattr(measures[name].title, language)) if name in measures else name


def _count(language: Language, number: Count) -> str:
    return _say(language, "fewer") if number.shown is None else f"{number.shown:,}"
