"""The public list of variables and rules: what may be read under which approval, and how it is judged.

Nothing in it is written by hand: it is read from the source specifications, the register of approvals, the rules and
the settings by which the next run is made.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import get_args

from governance.approval import Approval
from governance.register import State, list_approvals
from governance.workspace import Workspace
from indicators.docs import FORMS
from indicators.judgement_docs import JOIN, LIST, need_in_words
from indicators.judgement_rules import SCOPES, JudgementRules
from indicators.rules import Domain, Indicator, Rules
from indicators.sentences import amount
from indicators.specification import Sourced
from mimamori.city_rules import load_city_rules
from mimamori.learning import adopted_scorecard
from mimamori.papers.paper import Paper, Say, Section, Table, saying
from vocabulary.source import BY_NAME_ONLY, IDENTITY_COLUMNS, Measurement, Source, load_sources
from vocabulary.texts import Language, text


def variables_paper(workspace: Workspace, language: Language, *, today: date) -> Paper:
    """The list as of today, of what is in force in a workspace.

    Raises
    ------
    SpecificationError
        A city's own rules or specifications are not well formed.
    IntegrityError
        A registered approval was edited outside the system.
    """
    say, rules = saying(language), load_city_rules(workspace)
    sources = load_sources(workspace.sources_folder)
    current = approvals_in_force(workspace, today)
    scorecard = adopted_scorecard(workspace, today)
    made_by = say(
        "variables_versions",
        indicators=rules.indicators.version[:12],
        judgements=rules.judgements.version[:12],
        scorecard=say("none") if scorecard is None else scorecard.version[:12],
    )
    return Paper(
        language,
        say("variables_title"),
        [say("variables_lead", day=today), say("variables_people")],
        [
            _approvals(current, say),
            *(_source(source, current, say, language) for source in sources.values()),
            _identity(say),
            *(_indicators(domain, rules.indicators, say, language) for domain in get_args(Domain)),
            _judgements(rules.judgements, say, language),
            _list(workspace, rules.indicators, say, language),
            Section(say("variables_versions_title"), [made_by]),
        ],
    )


def approvals_in_force(workspace: Workspace, today: date) -> list[Approval]:
    """The approvals under which something may be read today. IntegrityError where one was edited."""
    registered = [one.approval for one in list_approvals(workspace) if one.state is State.IN_FORCE]
    return [one for one in registered if max(one.valid_from, one.decided_on) <= today <= one.valid_until]


def _approvals(approvals: Sequence[Approval], say: Say) -> Section:
    rows = [
        (
            one.id,
            one.title,
            one.authority,
            one.legal_basis,
            one.purpose,
            f"{one.valid_from} – {one.valid_until}",
            say("days", days=one.retention_days),
            say("days", days=one.extract_retention_days),
            ", ".join(one.recipients),
        )
        for one in approvals
    ]
    names = ("id", "title", "authority", "basis", "purpose", "period", "kept", "kept_extract", "recipients")
    table = Table(say("approvals_title"), [say(f"column_{name}") for name in names], rows)
    return Section(say("approvals_title"), [] if rows else [say("approvals_none")], [table])


def _source(source: Source, approvals: Sequence[Approval], say: Say, language: Language) -> Section:
    rows = []
    for column, measurement in source.measurements.items():
        by = [one.id for one in approvals if _grants(one, source.name, column)]
        said = _values(measurement, say, language)
        rows.append((column, _header(column, measurement, language), said, ", ".join(by) or say("not_read")))
    names = ("column", "name", "values", "approvals")
    title = say("source_title", source=getattr(source.title, language))
    return Section(title, [], [Table(title, [say(f"column_{name}") for name in names], rows)])


def _grants(approval: Approval, source: str, column: str) -> bool:
    granted = approval.columns().get(source, frozenset())
    return "*" in granted or column in granted


def _header(column: str, measurement: Measurement, language: Language) -> str:
    """What a column is called: in Japanese by its first Japanese header, else by its name."""
    japanese = [header for header in measurement.header if not header.isascii()]
    return japanese[0] if language == "ja" and japanese else column.replace("_", " ")


def _values(measurement: Measurement, say: Say, language: Language) -> str:
    if measurement.values:
        return LIST[language].join(measurement.values)
    said = say(f"type_{measurement.type}")
    if measurement.min is not None and measurement.max is not None:
        said += f" {measurement.min:g}–{measurement.max:g}"
    elif measurement.min is not None:
        said += f" ≥ {measurement.min:g}"
    elif measurement.max is not None:
        said += f" ≤ {measurement.max:g}"
    return f"{said} ({measurement.unit})" if measurement.unit else said


def _identity(say: Say) -> Section:
    by_name = ", ".join(sorted(BY_NAME_ONLY))
    columns = ", ".join(column for column in IDENTITY_COLUMNS if column not in BY_NAME_ONLY)
    return Section(say("identity_title"), [say("identity_said", columns=columns, by_name=by_name)])


def _indicators(domain: Domain, rules: Rules, say: Say, language: Language) -> Section:
    own: Mapping[str, Indicator] = {name: rule for name, rule in rules.indicators.items() if rule.domain == domain}
    rows = [
        (
            getattr(rule.title, language),
            "\n".join(rule.items),
            _form(rule, say, language),
            "\n".join(f"{cut.level}: {begins_in_words(rule, cut.begins, say, language)}" for cut in rule.levels),
            "\n".join(dict.fromkeys(_basis(cut, say) for cut in rule.levels)),
        )
        for rule in own.values()
    ]
    title = say("indicators_title", domain=text(f"kind.{domain}", language=language))
    names = ("indicator", "reads", "formed", "levels", "rests_on")
    return Section(title, [], [Table(title, [say(f"column_{name}") for name in names], rows, lines=[3])])


def _form(rule: Indicator, say: Say, language: Language) -> str:
    """How a value is formed, and what it is held against; the page of indicators says the first in both languages."""
    japanese, english = FORMS[rule.form].format(per=rule.per or 0).split(" / ")
    against = {"value": "", "norm": "norm_sex" if rule.by_sex else "norm", "reference": "reference"}[rule.on]
    return (japanese if language == "ja" else english) + (say(f"against_{against}") if against else "")


def begins_in_words(rule: Indicator, begins: float, say: Say, language: Language) -> str:
    """Where a level begins, in words: a value's own, else an amount or a distance from the mean, and its direction."""
    if rule.on != "value":
        return say(f"beyond_{rule.worse}", distance=f"{abs(begins):g}")
    words = {word.value: getattr(word, language) for word in rule.words}
    if begins in words:
        last = max(words, key=lambda value: value * rule.sign)
        return str(words[begins]) if begins == last else say("word_on", word=words[begins])
    return say(f"amount_{rule.worse}", amount=amount(f"{begins:g}", rule, language))


def _basis(sourced: Sourced, say: Say) -> str:
    said = say(f"basis_{sourced.basis}")
    return f"{said}: {sourced.note}" if sourced.note else said


def _judgements(rules: JudgementRules, say: Say, language: Language) -> Section:
    names = ("judgement", "said", "needs", "rests_on")
    tables = []
    for scope in SCOPES:
        rows = [
            (
                f"{step.judgement} {getattr(rules.word(scope, step.judgement), language)}",
                getattr(step.words, language),
                JOIN[language].join(need_in_words(need, language, rules) for need in step.needs),
                _basis(step, say),
            )
            for step in rules.steps(scope)
        ]
        headers = [say(f"column_{name}") for name in names]
        tables.append(Table(getattr(rules.titles[scope], language), headers, rows, lines=[0]))
    return Section(say("judgements_title"), [say("judgements_said")], tables)


def _list(workspace: Workspace, rules: Rules, say: Say, language: Language) -> Section:
    """How changes become a list, and what counts as support that a child has already."""
    settings = workspace.settings
    rows = [
        (getattr(rule.title, language), begins_in_words(rule, support.begins, say, language))
        for support in rules.support
        if (rule := rules.indicators[support.indicator])
    ]
    table = Table(say("support_title"), [say("column_indicator"), say("column_from")], rows)
    said = [
        say("list_change"),
        say("list_order", capacity=settings.capacity),
        say("list_held", confidence=settings.min_link_confidence),
        say("list_support"),
    ]
    return Section(say("list_title"), said, [table])
