"""Why a child is on the list: what changed, from what to what, in sentences a support worker would say.

A flag's reasons are a JSON list. Every entry has the sentence in Japanese (`ja`) and English (`en`) and a
`contribution`; the contributions add up to the flag's score. An entry of an indicator also has the values themselves.
"""

import json
from collections.abc import Mapping

import polars as pl

from indicators.evidence import evidence
from indicators.missing import missing_sources
from indicators.rules import Indicator, Rules
from indicators.score import Parts
from indicators.values import CHILD_YEAR
from vocabulary.source import Source, Titled
from vocabulary.texts import LANGUAGES, Language, text

DIGITS = 6
"""Decimals of a contribution."""


def reasons_of(
    listed: pl.DataFrame,
    parts: Parts,
    indicators: pl.DataFrame,
    timeline: pl.DataFrame,
    persons: pl.DataFrame,
    rules: Rules,
    sources: Mapping[str, Source],
) -> pl.Series:
    """Reasons of each flag, as JSON.

    Parameters
    ----------
    listed : DataFrame
        Flags, with `person_id`, `year` and `score`.
    parts : Parts
        What the flags' scores are made of, in the same order.
    indicators, timeline, persons, rules, sources
        As in `indicators.flags.raise_flags`.

    Returns
    -------
    Series `reasons` of String, in the order of `listed`.
    """
    entries: dict[tuple[str, int], list[dict[str, object]]] = {}
    for fact in evidence(listed, parts, indicators, persons, rules).iter_rows(named=True):
        entry = _entry(fact, rules.indicators[fact["indicator"]])
        entries.setdefault((fact["person_id"], fact["year"]), []).append(entry)
    told = {child_year: len(found) for child_year, found in entries.items()}
    for gap in missing_sources(listed.select(CHILD_YEAR), timeline, persons).iter_rows(named=True):
        entries.setdefault((gap["person_id"], gap["year"]), []).append(_missing(gap, sources))
    raised = (parts.contributions > 0).sum(axis=1)
    written = [
        json.dumps(
            _with_rest(entries.get((person, year), []), score, count - told.get((person, year), 0)),
            ensure_ascii=False,
        )
        for person, year, score, count in listed.select(*CHILD_YEAR, "score", pl.Series("raised", raised)).iter_rows()
    ]
    return pl.Series("reasons", written, dtype=pl.String)


def _entry(fact: Mapping[str, object], rule: Indicator) -> dict[str, object]:
    """One indicator's entry in the reasons."""
    entry: dict[str, object] = {
        "indicator": fact["indicator"],
        "domain": rule.domain,
        "from": fact["before"],
        "to": fact["value"],
        "years": [fact["before_year"], fact["year"]],
        "usual": [fact["usual_low"], fact["usual_high"]] if fact["before"] is not None else None,
        "norm": fact["norm"],
        "share_of_grade": fact["share"],
        "previous_level": fact["previous_level"],
        "level": fact["level"],
        "change_z": fact["change_z"],
        "contribution": fact["contribution"],
    }
    rounded = {name: _rounded(value) for name, value in entry.items()}
    return rounded | {language: sentence(fact, rule, language) for language in LANGUAGES}


def sentence(fact: Mapping[str, object], rule: Indicator, language: Language) -> str:
    """What changed, the child's usual range where the rule is a quantity, and the norm of the grade.

    Parameters
    ----------
    fact : mapping
        value, before, before_year, year, usual_low, usual_high, norm, share.
    rule : Indicator
        The indicator it is of.
    language : Language
        ja or en.
    """
    now, before = float(str(fact["value"])), fact["before"]
    words: dict[str, str] = {"title": getattr(rule.title, language), "now": said(now, rule, language)}
    if before is None:
        key = "first"
    else:
        earlier = float(str(before))
        words |= {"before": said(earlier, rule, language), "when": _when(fact, language)}
        if words["before"] == words["now"] or (now - earlier) * rule.sign < 0:
            key = "stands"
        else:
            key = "turned" if rule.words else "rose" if now > earlier else "fell"
    parts = [text(f"reason.{key}", language=language, **words)]
    if rule.model == "growth":
        if before is not None:
            low, high = (said(float(str(fact[end])), rule, language) for end in ("usual_low", "usual_high"))
            parts.append(text("reason.usual", language=language, low=low, high=high))
        parts.append(text("reason.norm", language=language, norm=said(float(str(fact["norm"])), rule, language)))
    else:
        count = round(100 * float(str(fact["share"])))
        parts.append(text("reason.share" if count else "reason.rare", language=language, count=count))
    return ("" if language == "ja" else " ").join(parts)


def said(value: float, rule: Indicator, language: Language) -> str:
    """A value as people say it: its word where it has one, else its amount with the unit."""
    for word in rule.words:
        if word.value == value:
            return str(getattr(word, language))
    return str(getattr(rule.amount, language)).format(value=f"{value:.{rule.decimals}f}")


def _when(fact: Mapping[str, object], language: Language) -> str:
    if fact["before_year"] == int(str(fact["year"])) - 1:
        return text("reason.year_before", language=language)
    return text("reason.year", language=language, year=fact["before_year"])


def _missing(gap: Mapping[str, object], sources: Mapping[str, Source]) -> dict[str, object]:
    """The entry of a source that says nothing of the child in the year."""
    key = "reason.missing" if gap["delivered"] else "reason.not_delivered"
    name = str(gap["source"])
    title = sources[name].title if name in sources else Titled(ja=name, en=name)
    sentences = {
        language: text(key, language=language, year=gap["year"], source=getattr(title, language))
        for language in LANGUAGES
    }
    return {"indicator": "missing_source", "source": name, "contribution": 0.0} | sentences


def _with_rest(entries: list[dict[str, object]], score: float, rest: int) -> list[dict[str, object]]:
    """Entries with one more for the indicators not told, so that the contributions add up to the score."""
    if not rest:
        return entries
    told = sum(float(str(entry["contribution"])) for entry in entries)
    other: dict[str, object] = {"indicator": "other", "contribution": round(score - told, DIGITS)}
    return [*entries, other | {language: text("reason.other", language=language, count=rest) for language in LANGUAGES}]


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, DIGITS)
    return [_rounded(part) for part in value] if isinstance(value, list) else value
