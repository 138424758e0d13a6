"""Indicators in, judgements out: for each child and fiscal year one of three steps by domain, and one overall.

A judgement rests on what is known alone. A domain of which nothing is recorded is not judged, which is not the same as
the judgement 0; the basis of every judgement names what was not known.
"""

from collections.abc import Callable, Sequence

import polars as pl

from indicators.judgement_basis import (
    Step,
    domain_entries,
    indicator_entries,
    not_known_entries,
    step_entries,
)
from indicators.judgement_rules import DOMAINS, SCOPES, DomainNeed, IndicatorNeed, JudgementRules, Scope
from indicators.numbers import numbers_of
from indicators.rules import Rules
from indicators.values import CHILD_YEAR
from vocabulary.frames import JUDGEMENTS


def judge(
    indicators: pl.DataFrame, persons: pl.DataFrame, rules: Rules, judgement_rules: JudgementRules
) -> pl.DataFrame:
    """Judge every child and fiscal year of which anything is known.

    Parameters
    ----------
    indicators : DataFrame
        vocabulary.frames.INDICATORS, as `indicators.compute.compute_indicators` gives it.
    persons : DataFrame
        vocabulary.frames.PERSONS.
    rules : Rules
        Those the indicators were computed by.
    judgement_rules : JudgementRules
        The steps.

    Returns
    -------
    DataFrame of vocabulary.frames.JUDGEMENTS, ordered by person, year and domain (in the order of
    `judgement_rules.SCOPES`). A child and year has one row for each domain of which any indicator is known, and one
    overall. `basis` is a JSON list: the step that was reached (`rule`), the indicators that met it, strongest first
    (`indicator, value, level, percentile, rule`; overall the domains, `domain, judgement, rule`), each with a sentence
    in Japanese (`ja`) and English (`en`); last the names of what was not known (`not_known`). A domain without a
    single indicator in `rules` is not looked at, and not named either.
    `indicators.judgement_basis.in_words` gives all of it as sentences.

    Raises
    ------
    SpecificationError
        A step names an indicator that `rules` do not have.
    """
    judgement_rules.hold_against(rules)
    numbers = numbers_of(indicators, persons)
    parts = numbers.put(indicators).select(
        *CHILD_YEAR,
        "as_of",
        "value",
        "percentile",
        pl.col("entry").alias("entered"),
        pl.col("indicator").alias("part"),
        pl.col("level").alias("degree"),
    )
    names = {domain: [name for name, rule in rules.indicators.items() if rule.domain == domain] for domain in DOMAINS}
    looked_at = [domain for domain in DOMAINS if names[domain]]
    domains = pl.concat(
        _judged(
            parts.filter(pl.col("part").is_in(names[domain])),
            domain,
            names[domain],
            judgement_rules.steps(domain),
            lambda told: indicator_entries(told, rules),
        )
        for domain in looked_at
    )
    overall = _judged(
        domains.select(*CHILD_YEAR, "as_of", pl.col("scope").alias("part"), pl.col("judgement").alias("degree")),
        "overall",
        looked_at,
        judgement_rules.steps("overall"),
        lambda told: domain_entries(told, judgement_rules),
    )
    judgements = _as_judgements(pl.concat([domains, overall]), numbers.put(persons), judgement_rules)
    return numbers.taken_back(judgements).cast(JUDGEMENTS)


def _as_judgements(judged: pl.DataFrame, persons: pl.DataFrame, judgement_rules: JudgementRules) -> pl.DataFrame:
    words = pl.DataFrame(
        [(scope, step, judgement_rules.word(scope, step).ja) for scope in SCOPES for step in range(4)],
        schema={"scope": pl.String(), "judgement": pl.Int8(), "word": pl.String()},
        orient="row",
    )
    return (
        judged.join(words, on=["scope", "judgement"], how="left")
        .join(persons.select("person_id", "link_confidence"), on="person_id", how="left")
        .with_columns(pl.col("scope").cast(pl.Enum(SCOPES)).alias("domain"))
        .sort(*CHILD_YEAR, "domain")
        .select(list(JUDGEMENTS))
    )


def _judged(
    parts: pl.DataFrame,
    scope: Scope,
    names: Sequence[str],
    steps: Sequence[Step],
    with_entries: Callable[[pl.DataFrame], pl.DataFrame],
) -> pl.DataFrame:
    """Judgement and basis of one scope: `person_id, year, as_of, scope, judgement, basis`.

    Parameters
    ----------
    parts : DataFrame
        What it is judged by, one row a child, year and `part`, with its `degree` (0–3).
    scope : str
        What is judged.
    names : sequence of str
        Every part there could be.
    steps : sequence
        Of the scope.
    with_entries : function
        Adds to rows of `parts` with the `rule` they met their `entry` of the basis.
    """
    reached = _reached(parts, names, steps)
    known = [_known(name) for name in names]
    combinations = reached.select(known).unique()
    unknown = combinations.with_columns(not_known_entries(combinations, names))
    judgement = {at: step.judgement for at, step in enumerate(steps)}
    sentence = pl.col("step").replace_strict(step_entries(scope, steps), default=None, return_dtype=pl.String)
    entries = pl.concat_str(sentence, "met", "not known", separator=",", ignore_nulls=True)
    return (
        reached.join(unknown, on=known, how="left")
        .join(_met_entries(parts, reached, scope, steps, with_entries), on=CHILD_YEAR, how="left")
        .select(
            *CHILD_YEAR,
            "as_of",
            pl.lit(scope).alias("scope"),
            pl.col("step").replace_strict(judgement, default=0, return_dtype=pl.Int8).alias("judgement"),
            pl.format("[{}]", entries).alias("basis"),
        )
    )


def _met_entries(
    parts: pl.DataFrame,
    reached: pl.DataFrame,
    scope: Scope,
    steps: Sequence[Step],
    with_entries: Callable[[pl.DataFrame], pl.DataFrame],
) -> pl.DataFrame:
    """Entries of the parts that met the step their child reached, strongest first: `person_id, year, met`."""
    rules = {at: f"{scope}.{step.name}" for at, step in enumerate(steps)}
    told = (
        parts.filter(pl.col("degree") > 0)
        .join(reached.select(*CHILD_YEAR, "step").drop_nulls("step"), on=CHILD_YEAR)
        .filter(_met_its_step(steps))
        .with_columns(pl.col("step").replace_strict(rules, return_dtype=pl.String).alias("rule"))
    )
    return (
        with_entries(told)
        .sort(*CHILD_YEAR, "degree", "part", descending=[False, False, True, False])
        .group_by(CHILD_YEAR, maintain_order=True)
        .agg(pl.col("entry").str.join(",").alias("met"))
    )


def _reached(parts: pl.DataFrame, names: Sequence[str], steps: Sequence[Step]) -> pl.DataFrame:
    """The first step whose needs are all met, as its place in `steps` or null; and which parts are known."""
    places = {need: f"need {at}" for at, need in enumerate(dict.fromkeys(n for step in steps for n in step.needs))}
    first = pl.coalesce(
        pl.when(pl.all_horizontal(pl.col(places[need]) >= need.at_least for need in step.needs)).then(pl.lit(at))
        for at, step in enumerate(steps)
    )
    return (
        parts.lazy()
        .group_by(CHILD_YEAR)
        .agg(
            pl.col("as_of").max(),
            *[_met(need).sum().alias(place) for need, place in places.items()],
            *[(pl.col("part") == name).any().alias(_known(name)) for name in names],
        )
        .with_columns(first.cast(pl.Int32).alias("step"))
        .collect()
    )


def _met(need: IndicatorNeed | DomainNeed) -> pl.Expr:
    """Whether a row of parts counts towards a need; what is not known does not."""
    named = [pl.col("part").is_in(list(need.of))] if need.of else []
    if isinstance(need, DomainNeed):
        return pl.all_horizontal(pl.col("degree") >= need.judgement, *named).fill_null(False)
    changed = [] if need.percentile is None else [pl.col("percentile") > need.percentile]
    entered = [pl.col("entered").is_in(list(need.entry))] if need.entry else []
    return pl.all_horizontal(pl.col("degree") >= need.level, *named, *changed, *entered).fill_null(False)


def _met_its_step(steps: Sequence[Step]) -> pl.Expr:
    """Whether a row counts towards a need of the step its child reached."""
    return pl.any_horizontal(
        (pl.col("step") == at) & pl.any_horizontal(_met(need) for need in step.needs) for at, step in enumerate(steps)
    )


def _known(name: str) -> str:
    return f"known {name}"
