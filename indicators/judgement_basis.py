"""The basis of a judgement as data and in plain words: the step reached, what met it, and what was not known.

Every entry is written once per different content and joined back: there are far fewer of these than of judgements.
"""

import json
from collections.abc import Mapping, Sequence

import polars as pl

from indicators.judgement_rules import DOMAINS, DomainStep, JudgementRules, OverallStep, Scope
from indicators.rules import Rules
from indicators.sentences import said
from vocabulary.source import Titled
from vocabulary.texts import LANGUAGES, Language, text

Step = DomainStep | OverallStep

LIST_SIGN: dict[Language, str] = {"ja": "・", "en": ", "}


def step_entries(scope: Scope, steps: Sequence[Step]) -> dict[int, str]:
    """Entry of each step, by its place in `steps`: which it is, and its sentence."""
    return {
        at: _written({"rule": f"{scope}.{step.name}", "ja": step.ja, "en": step.en}) for at, step in enumerate(steps)
    }


def not_known_entries(combinations: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """Entry that names the parts not known, null where all are.

    Parameters
    ----------
    combinations : DataFrame
        Of Boolean, a column for each of `names` in their order: whether the part is known.
    names : sequence of str
        The parts.

    Returns
    -------
    Series of String, one for each row.
    """
    missing = [
        [name for name, found in zip(names, known, strict=True) if not found] for known in combinations.iter_rows()
    ]
    entries = [_written({"not_known": listed}) if listed else None for listed in missing]
    return pl.Series("not known", entries, dtype=pl.String)


def in_words(basis: str, domain: Scope, rules: Rules, judgement_rules: JudgementRules, language: Language) -> list[str]:
    """The sentences of one `basis` of vocabulary.frames.JUDGEMENTS and its `domain`, in order, in one language."""
    titles: Mapping[str, Titled] = {name: rule.title for name, rule in rules.indicators.items()}
    if domain == "overall":
        titles = {each: judgement_rules.titles[each] for each in DOMAINS}
    return [
        text(
            "judgement.not_known",
            language=language,
            titles=LIST_SIGN[language].join(getattr(titles[name], language) for name in entry["not_known"]),
        )
        if "not_known" in entry
        else str(entry[language])
        for entry in json.loads(basis)
    ]


def indicator_entries(told: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Add to rows of indicators (`part, value, degree, percentile, rule`) their `entry`."""
    key = ["part", "value", "degree"]
    different = told.select(key).unique()
    sentences = {
        language: [
            text(
                "judgement.indicator",
                language=language,
                title=getattr(rules.indicators[part].title, language),
                value=said(value, rules.indicators[part], language),
                level=degree,
            )
            for part, value, degree in different.iter_rows()
        ]
        for language in LANGUAGES
    }
    return told.join(_texts(different, sentences), on=key, how="left", maintain_order="left").with_columns(
        pl.struct(
            pl.col("part").alias("indicator"),
            "value",
            pl.col("degree").alias("level"),
            pl.col("percentile").round(1),
            "rule",
            *LANGUAGES,
        )
        .struct.json_encode()
        .alias("entry")
    )


def domain_entries(told: pl.DataFrame, judgement_rules: JudgementRules) -> pl.DataFrame:
    """Add to rows of domains (`part, degree, rule`) their `entry`."""
    judged = [(domain, step) for domain in DOMAINS for step in (1, 2, 3)]
    sentences = {
        language: [
            text(
                "judgement.domain",
                language=language,
                title=getattr(judgement_rules.titles[domain], language),
                word=getattr(judgement_rules.word(domain, step), language),
            )
            for domain, step in judged
        ]
        for language in LANGUAGES
    }
    key = pl.DataFrame(judged, schema={"part": pl.String(), "degree": pl.Int8()}, orient="row")
    return told.join(_texts(key, sentences), on=key.columns, how="left", maintain_order="left").with_columns(
        pl.struct(pl.col("part").alias("domain"), pl.col("degree").alias("judgement"), "rule", *LANGUAGES)
        .struct.json_encode()
        .alias("entry")
    )


def _texts(key: pl.DataFrame, sentences: Mapping[Language, list[str]]) -> pl.DataFrame:
    return key.with_columns(pl.Series(language, said_of, dtype=pl.String) for language, said_of in sentences.items())


def _written(entry: Mapping[str, object]) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
