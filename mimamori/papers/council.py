"""The report to the council on a period: what was done with the records, by the run log, and how well it went.

Acts of the city hall (runs, refusals, views) are counted exactly; counts of children and records are protected as in
every paper. What a run was made for, what was refused and who looked is read from the log alone.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from governance.runlog import Kind
from mimamori.papers.council_acts import alerts, disposals, emergencies, exports, others
from mimamori.papers.council_period import Period, day_of, said
from mimamori.papers.paper import Paper, Say, Section, Table, kind_name, saying, shown
from vocabulary.texts import Language


def council_paper(period: Period, language: Language) -> Paper:
    """The report in one language."""
    say = saying(language)
    parts: Sequence[Callable[[Period, Say], Section]] = (
        _soundness,
        _approvals,
        _runs,
        _refusals,
        _views,
        emergencies,
        alerts,
        exports,
        disposals,
        _decisions,
        _requests,
        _false_alarms,
        _quality,
        others,
    )
    return Paper(
        language,
        say("council_title"),
        [say("council_lead", since=period.since, until=period.until), say("council_small")],
        [*(part(period, say) for part in parts), Section(say("limits_title"), [say("limits_said")])],
    )


def _soundness(period: Period, say: Say) -> Section:
    findings = period.verification.findings
    said = say("sound", entries=period.verification.entries, runs=period.verification.runs)
    size, root = period.checkpoint.splitlines()[1:]
    rows = [(place, str(finding)) for place, finding in enumerate(findings, 1)]
    altered = Table(say("altered_title"), [say("column_number"), say("column_finding")], rows)
    return Section(
        say("sound_title"),
        [say("altered", count=len(findings)) if findings else said, say("checkpoint", size=size, root=root)],
        [altered],
    )


def _approvals(period: Period, say: Say) -> Section:
    made = Counter(manifest.approval for _, manifest in period.runs)
    rows = [
        (approval, title, purpose, said(say, "state", state), made[approval])
        for approval, title, purpose, state in period.approvals
    ]
    headers = [say(f"column_{name}") for name in ("id", "title", "purpose", "state", "runs")]
    lead = say(
        "approvals_changed", added=len(period.of(Kind.APPROVAL_ADDED)), ended=len(period.of(Kind.APPROVAL_REVOKED))
    )
    return Section(say("council_approvals_title"), [lead], [Table(say("council_approvals_title"), headers, rows, [4])])


def _runs(period: Period, say: Say) -> Section:
    rows = []
    for day, manifest in period.runs:
        delivery, link, flags = (manifest.counts.get(stage, {}) for stage in ("delivery", "link", "flags"))
        figures = (
            delivery.get("accepted"),
            delivery.get("set_aside"),
            link.get("persons"),
            flags.get("shown"),
            flags.get("held"),
        )
        rows.append((manifest.run, day, manifest.approval, *("–" if n is None else shown(n, say) for n in figures)))
    names = ("run", "day", "approval", "accepted", "set_aside", "children", "flags", "held")
    failed = len(period.of(Kind.RUN_FAILED))
    table = Table(say("runs_title"), [say(f"column_{name}") for name in names], rows, [3, 4, 5, 6, 7])
    return Section(say("runs_title"), [say("runs_said", runs=len(rows), failed=failed)], [table])


def _refusals(period: Period, say: Say) -> Section:
    known = {approval for approval, *_ in period.approvals}
    rows = [
        (
            str(day_of(entry.at)),
            entry.subject if entry.subject in known else say("not_registered"),
            said(say, "rule", str(entry.content.get("rule", "")).partition(".")[2]),
        )
        for entry in period.of(Kind.REFUSAL)
    ]
    headers = [say(f"column_{name}") for name in ("day", "approval", "reason")]
    return Section(
        say("refusals_title"), [say("refusals_said", count=len(rows))], [Table(say("refusals_title"), headers, rows)]
    )


def _views(period: Period, say: Say) -> Section:
    counted = Counter(
        (str(entry.content.get("page", "")), period.role(entry.actor, say)) for entry in period.of(Kind.VIEW)
    )
    rows = [(said(say, "page", page), role, f"{count:,}") for (page, role), count in sorted(counted.items())]
    headers = [say(f"column_{name}") for name in ("page", "role", "views")]
    lead = [say("views_said", count=sum(counted.values()))]
    return Section(say("views_title"), lead, [Table(say("views_title"), headers, rows, [2])])


def _decisions(period: Period, say: Say) -> Section:
    kinds = (Kind.REVIEW_DECIDED, Kind.REVIEW_CONFIRMED, Kind.REVIEW_DISPUTED, Kind.REVIEW_UNDONE)
    counted = Counter(entry.kind for entry in period.of(*kinds))
    rows = [(kind_name(kind, say), counted[kind]) for kind in kinds]
    headers = [say("column_what"), say("column_count")]
    return Section(say("reviews_title"), [say("reviews_said")], [Table(say("reviews_title"), headers, rows, [1])])


def _requests(period: Period, say: Say) -> Section:
    latest = {entry.subject: entry.content for entry in period.of(Kind.SUBJECT_REQUEST)}
    counted = Counter((str(one.get("request")), str(one.get("state"))) for one in latest.values())
    rows = [
        (said(say, "request", kind), said(say, "state", state), shown(count, say))
        for (kind, state), count in sorted(counted.items())
    ]
    headers = [say(f"column_{name}") for name in ("request", "state", "count")]
    lead = [] if rows else [say("requests_none")]
    return Section(say("requests_title"), lead, [Table(say("requests_title"), headers, rows, [2])])


def _false_alarms(period: Period, say: Say) -> Section:
    """How often the list was mistaken, by what workers found of the children looked at from it."""
    counted = Counter(period.outcomes["outcome"].to_list())
    if not counted:
        return Section(say("alarms_title"), [say("alarms_none")])
    values = {name: shown(counted[name], say) for name in ("confirmed", "already_known", "not_needed")}
    return Section(say("alarms_title"), [say("alarms_said", looked=shown(counted.total(), say), **values)])


def _quality(period: Period, say: Say) -> Section:
    made = period.estimates
    if made is None or made.precision.low is None or made.precision.high is None:
        return Section(say("quality_title"), [say("quality_none")])
    said = [say("quality_precision", low=_share(made.precision.low), high=_share(made.precision.high), run=made.run_id)]
    if made.recall is not None and made.recall.low is not None and made.recall.high is not None:
        said.append(say("quality_recall", low=_share(made.recall.low), high=_share(made.recall.high)))
    return Section(say("quality_title"), said)


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"
