"""The privacy impact assessment: what holds, by what it is enforced, and what only the city can say.

Its order is that of the form for assessments under the My Number Act (all items), which cities know, although no
Individual Number is used here. Every line that says what the system does names the functions or files that do it.
"""

from collections.abc import Callable, Sequence

from governance import denied, disposal, gate, my_number, population, pseudonyms, requests, retention, runlog, verify
from governance.approval import Approval
from governance.population import Population
from governance.public_page import OF_THE_CITY
from governance.register import revoke
from governance.request_state import DECIDED_WITHIN_DAYS
from indicators.flags import raise_flags
from linkage.delivery import read_delivery
from mimamori import honouring, replaying, subject
from mimamori.papers.assessment_basis import FIELDS, Basis, Words
from mimamori.papers.assessment_measures import measures, roles_and_keys
from mimamori.papers.paper import Paper, Section, kind_name, saying, shown
from mimamori.papers.threats import threat_sections
from mimamori.screening import screened
from vocabulary.source import BY_NAME_ONLY, IDENTITY_COLUMNS
from vocabulary.texts import Language

Rows = list[tuple[str, str, str]]


def assessment_paper(basis: Basis, language: Language) -> Paper:
    """The assessment in one language."""
    say = saying(language, "assessment")
    words = Words(language, say, basis.filled)
    parts: Sequence[Callable[[Basis, Words], Section]] = (
        _basics,
        _files,
        measures,
        roles_and_keys,
        _checks,
        _rights,
        _procedure,
    )
    left = sum(name not in basis.filled for name in FIELDS)
    return Paper(
        language,
        say("title"),
        [say("lead", day=basis.today), say("lead_open", mark=say("open"), count=left)],
        [*(part(basis, words) for part in parts), *threat_sections(words)],
    )


def _basics(basis: Basis, words: Words) -> Section:
    fact, say = words.fact, words.say
    rows: Rows = [words.field(name) for name in ("body", "department", "system", "published")]
    rows.append(fact(say("work"), say("work_said", capacity=basis.settings.capacity), raise_flags))
    if not basis.approvals:
        rows.append(fact(say("approval"), say("no_approval"), gate.admit))
    for one in basis.approvals:
        said = say(
            "basis_said",
            basis=one.legal_basis,
            authority=one.authority,
            decided=one.decided_on,
            since=one.valid_from,
            until=one.valid_until,
            runs=one.max_runs or say("unlimited"),
            conditions=" / ".join(one.conditions) or say("none"),
        )
        rows.append(fact(say("purpose", id=one.id), f"{one.title}: {one.purpose}", gate.hold_export))
        rows.append(fact(say("basis", id=one.id), said, gate.admit, gate.objection_to_publishing))
    rows.append(fact(say("gate"), say("gate_said"), gate.admit, gate.hold_rules, revoke, gate.refuse))
    title = say("basics_title")
    return Section(title, [], [words.facts(title, rows)])


def _files(basis: Basis, words: Words) -> Section:
    say, title = words.say, words.say("files_title")
    rows = [
        words.fact(say("people"), _people(basis, words), runlog.append),
        *_populations(basis.approvals, words),
        *_columns(basis, words),
        *_denied(basis.approvals, words),
        words.fact(say("my_number"), say("my_number_said"), my_number.screen, screened),
        words.field("source"),
        words.field("contractor"),
        *(
            words.fact(
                say("recipients", id=one.id),
                say("recipients_said", recipients=", ".join(one.recipients) or say("none")),
                gate.hold_export,
                pseudonyms.pseudonymise,
            )
            for one in basis.approvals
        ),
        *_kept(basis, words),
        words.fact(say("disposed"), say("disposed_said"), disposal.dispose, disposal.finish),
    ]
    return Section(title, [], [words.facts(title, rows)])


def _people(basis: Basis, words: Words) -> str:
    if basis.last is None:
        return words.say("people_none")
    counts, paper = basis.last.counts, saying(words.language)
    children, records = counts.get("link", {}).get("persons", 0), counts.get("delivery", {}).get("accepted", 0)
    return words.say("people_said", run=basis.last.run, children=shown(children, paper), records=shown(records, paper))


def _populations(approvals: Sequence[Approval], words: Words) -> Rows:
    def said(one: Population | None) -> str:
        if one is None:
            return words.say("population_all")
        rules = [words.say("population_ages", lowest=one.ages[0], highest=one.ages[1])] if one.ages else []
        rules += [words.say("population_towns", towns=", ".join(one.towns))] if one.towns else []
        rules += [
            words.say("population_columns", source=source, column=column, values=", ".join(values))
            for source, columns in one.columns.items()
            for column, values in columns.items()
        ]
        rules += [words.say("population_listed")] if one.listed else []
        return words.say("population_said", rules="; ".join(rules))

    return [
        words.fact(words.say("population", id=one.id), said(one.population), population.hold, screened)
        for one in approvals
    ]


def _columns(basis: Basis, words: Words) -> Rows:
    say = words.say
    rows = []
    for name, source in basis.sources.items():
        granted = frozenset[str]().union(*(one.columns().get(name, frozenset()) for one in basis.approvals))
        listed = ", ".join(column for column in source.measurements if column in granted)
        every = say("columns_every", columns=", ".join(source.measurements))
        said = every if "*" in granted else listed or say("columns_none")
        owner = say("owner_named" if name in basis.owned else "owner_missing")
        title = say("columns", source=getattr(source.title, words.language))
        rows.append(words.fact(title, say("columns_said", columns=said, owner=owner), gate.admit, read_delivery))
    by_name = ", ".join(sorted(BY_NAME_ONLY))
    columns = ", ".join(column for column in IDENTITY_COLUMNS if column not in BY_NAME_ONLY)
    said = say("identity_said", columns=columns, by_name=by_name)
    return [*rows, words.fact(say("identity"), said, Approval.columns, "governance/custody.py")]


def _denied(approvals: Sequence[Approval], words: Words) -> Rows:
    with_basis: dict[str, list[str]] = {}
    for one in approvals:
        for source, bases in one.legal_bases.items():
            for column, basis in bases.items():
                group = denied.group_of(column, "column") or denied.group_of(source, "source") or ""
                with_basis.setdefault(group, []).append(f"{source}.{column} ({basis})")
    return [
        words.fact(
            words.say("denied", group=getattr(group.title, words.language)),
            words.say(
                "denied_said",
                law=getattr(group.law, words.language),
                bases="; ".join(with_basis.get(name, [])) or words.say("none"),
            ),
            denied.without_basis,
            "governance/denied.toml",
        )
        for name, group in denied.groups().items()
    ]


def _kept(basis: Basis, words: Words) -> Rows:
    say = words.say
    rows = []
    for kind, kept in retention.kept().items():
        rule = basis.settings.retention.get(kind, kept.retention_class)
        days = [say("days_of", id=one.id, days=getattr(one, kept.bound_by)) for one in basis.approvals]
        said = say("kept_said", rule=say(f"retention.rule_{rule}"), days=", ".join(days) or say("none"))
        title = say("kept", kind=say(f"retention.kind_{kind}"))
        rows.append(words.fact(title, said, retention.term, "governance/retention.toml"))
    return rows


def _checks(basis: Basis, words: Words) -> Section:
    say, title, findings = words.say, words.say("checks_title"), basis.verification.findings
    state = say("log_altered", count=len(findings)) if findings else say("log_sound")
    rows = [
        words.fact(
            say("log"), say("log_said", entries=basis.verification.entries, state=state), runlog.append, verify.verify
        ),
        words.fact(say("manifest"), say("manifest_said"), replaying.replay),
        words.field("audit"),
        words.field("education"),
    ]
    paper = saying(words.language)
    counted = [
        (kind_name(kind, words.say), f"{count:,}" if kind in OF_THE_CITY else shown(count, paper))
        for kind, count in sorted(basis.entries.items())
    ]
    counts = words.table(say("counts_title"), counted, ("kind", "count"))
    return Section(title, [], [words.facts(title, rows), counts])


def _rights(_: Basis, words: Words) -> Section:
    say, title = words.say, words.say("rights_title")
    corrected = say("correct_said", days=DECIDED_WITHIN_DAYS)
    rows = [
        words.fact(say("show"), say("show_said"), subject.show, requests.log_showing),
        words.fact(say("correct"), corrected, requests.step, honouring.corrected),
        words.fact(say("object"), say("object_said"), requests.step, honouring.without_objected),
        words.field("contact"),
    ]
    return Section(title, [], [words.facts(title, rows)])


def _procedure(_: Basis, words: Words) -> Section:
    title = words.say("procedure_title")
    rows = [words.field(name) for name in ("comments", "review", "residual")]
    return Section(title, [], [words.facts(title, rows)])
