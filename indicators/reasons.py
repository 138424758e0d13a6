"""Why a child is on the list: what changed, from what to what, in sentences a support worker would say.

A flag's reasons are a JSON list. Every entry has a `kind`, a sentence or a few in Japanese (`ja`) and English (`en`),
and a `contribution`; the contributions add up to the flag's score. The form of each kind is on docs/reasons.md.
"""

import json
from collections.abc import Mapping, Sequence

import polars as pl

from indicators.evidence import evidence
from indicators.notes import DIGITS, Entry, notes
from indicators.rules import Indicator, Rules
from indicators.score import Parts
from indicators.sentences import Fact, sentences
from indicators.values import CHILD_YEAR
from vocabulary.source import Source
from vocabulary.texts import LANGUAGES, text

CONTRIBUTION_DIGITS = 9
"""Decimals of a contribution: rounding must not show in their sum."""

EVERY = ("kind", "contribution", *LANGUAGES)
FORMS: Mapping[str, tuple[str, ...]] = {
    "change": (
        "indicator",
        "domain",
        "from",
        "to",
        "years",
        "entry",
        "level",
        "previous_level",
        "change_z",
        "percentile",
        "expected",
        "usual",
        "norm",
        "counted",
    ),
    "other": ("indicators",),
    "ask": ("about",),
    "missing_source": ("source", "delivered", "last"),
    "not_known": ("indicators",),
    "partial_year": ("source", "records", "usual", "first", "last"),
    "link_confidence": ("link_confidence",),
    "last_update": ("sources",),
}
"""Kinds of entries in the order in which they are listed, and the keys of each beside `EVERY`."""


def reasons_of(
    listed: pl.DataFrame,
    parts: Parts,
    indicators: pl.DataFrame,
    seen: pl.DataFrame,
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
    seen : DataFrame
        As `indicators.presence.presence` gives it.
    indicators, persons, rules, sources
        As in `indicators.flags.raise_flags`.

    Returns
    -------
    Series `reasons` of String, in the order of `listed`.
    """
    told = evidence(listed, parts, indicators, persons, rules)
    facts: dict[tuple[str, int], list[Fact]] = {}
    for fact in told.iter_rows(named=True):
        facts.setdefault((fact["person_id"], fact["year"]), []).append(fact)
    beside = notes(listed, told, indicators, seen, persons, rules, sources)
    written = []
    for (person, year), contributions in zip(listed.select(CHILD_YEAR).iter_rows(), parts.contributions, strict=True):
        of_flag = facts.get((person, year), [])
        raised = {name: part for name, part in zip(parts.names, contributions.tolist(), strict=True) if part > 0}
        entries = [change_entry(fact, rules.indicators[fact["indicator"]]) for fact in of_flag]
        rest = {name: part for name, part in raised.items() if name not in {fact["indicator"] for fact in of_flag}}
        if rest:
            entries.append(other_entry(rest))
        if of_flag:
            entries.append(ask_entry(about(of_flag, rules)))
        written.append(json.dumps([*entries, *beside.get((person, year), [])], ensure_ascii=False))
    return pl.Series("reasons", written, dtype=pl.String)


def change_entry(fact: Fact, rule: Indicator) -> Entry:
    """What one indicator adds to a flag's score, and why.

    Parameters
    ----------
    fact : mapping
        A row of `indicators.evidence.evidence`.
    rule : Indicator
        The indicator it is of.
    """
    known_before = fact["before"] is not None
    counted = {"alike": fact["alike"], "of": fact["of"], "reached": fact["reached"]}
    entry: Entry = {
        "kind": "change",
        "indicator": fact["indicator"],
        "domain": rule.domain,
        "from": fact["before"],
        "to": fact["value"],
        "years": [fact["before_year"], fact["year"]],
        **{name: fact[name] for name in ("entry", "level", "previous_level", "change_z", "percentile", "expected")},
        "usual": [fact["usual_low"], fact["usual_high"]] if known_before else None,
        "norm": fact["norm"],
        "counted": None if fact["of"] is None else counted,
    }
    told = {name: _rounded(value) for name, value in entry.items()}
    told["contribution"] = round(fact["contribution"], CONTRIBUTION_DIGITS)
    return told | {language: sentences(fact, rule, language) for language in LANGUAGES}


def other_entry(rest: Mapping[str, float]) -> Entry:
    """What the indicators that are not told add together, each with its contribution in `rest`."""
    key = "reason.other_one" if len(rest) == 1 else "reason.other_many"
    words = {language: text(key, language=language, count=len(rest)) for language in LANGUAGES}
    together = round(sum(rest.values()), CONTRIBUTION_DIGITS)
    return {"kind": "other", "indicators": list(rest), "contribution": together} | words


def about(facts: Sequence[Fact], rules: Rules) -> str:
    """What to ask about: the domain that weighs most, or the kind that one of its indicators has of its own."""
    weight: dict[str, float] = {}
    for fact in facts:
        domain = rules.indicators[fact["indicator"]].domain
        weight[domain] = weight.get(domain, 0.0) + fact["contribution"]
    most = max(weight, key=lambda domain: weight[domain])
    of_most = (rule for fact in facts if (rule := rules.indicators[fact["indicator"]]).domain == most)
    return next((rule.kind for rule in of_most if rule.kind), most)


def ask_entry(kind: str) -> Entry:
    """What could be asked about one of the kinds of flags."""
    words = {language: text(f"reason.ask_{kind}", language=language) for language in LANGUAGES}
    return {"kind": "ask", "about": kind, "contribution": 0.0} | words


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, DIGITS)
    return [_rounded(part) for part in value] if isinstance(value, list) else value
