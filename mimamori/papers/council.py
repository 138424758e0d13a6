"""The report to the council on a period: what was done with the records, by the run log, and how well it went.

Acts of the city hall (runs, refusals, views) are counted exactly; counts of children and records are protected as in
every paper. What a run was made for, what was refused and who looked is read from the log alone.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from governance import outcomes, reviews
from governance.accounts import list_accounts
from governance.manifest import Manifest
from governance.public_log import read_public_log
from governance.register import list_approvals
from governance.runlog import Entry, Kind
from governance.runs import list_runs
from governance.verify import Verification, verify
from governance.workspace import Workspace
from mimamori.joinings import read_joinings
from mimamori.papers.paper import Paper, Say, Section, Table, kind_name, saying, shown
from mimamori.review_sample import Estimates, estimate
from vocabulary.errors import WorkspaceError
from vocabulary.texts import Language, catalogue

SYSTEM_USER = "os:"


@dataclass(frozen=True)
class Period:
    """What the report is made from."""

    since: date
    until: date
    entries: Sequence[Entry]  # of the log, within the period
    roles: Mapping[str, str]  # of accounts, as they are now
    approvals: Sequence[tuple[str, str, str, str]]  # id, title, purpose, state
    runs: Sequence[tuple[str, Manifest]]  # day and manifest
    outcomes: pl.DataFrame  # OUTCOMES of listed children, recorded in the period
    estimates: Estimates | None  # of the last run, where a sample was reviewed
    verification: Verification
    checkpoint: str  # size and root at the time of the report

    def of(self, *kinds: Kind) -> list[Entry]:
        """Entries of these kinds."""
        return [entry for entry in self.entries if entry.kind in kinds]


def read_period(workspace: Workspace, since: date, until: date) -> Period:
    """Read a period, both days included. No table with rows of a child is read but the outcomes that were recorded.

    Raises
    ------
    IntegrityError
        The log does not fit its newest checkpoint, or a row it tells of was edited outside the system.
    """
    log = read_public_log(workspace)
    within = [entry for entry in log.entries if since <= _day(entry.at) <= until]
    found = outcomes.standing(workspace).filter(
        pl.col("recorded_on").is_between(since, until), pl.col("run").is_not_null()
    )
    runs = [(one.at, one.manifest) for one in list_runs(workspace) if since <= _day(one.at) <= until]
    return Period(
        since=since,
        until=until,
        entries=within,
        roles={account.name: account.role.value for account in list_accounts(workspace)},
        approvals=[
            (one.approval.id, one.approval.title, one.approval.purpose, one.state.value)
            for one in list_approvals(workspace)
        ],
        runs=[(str(_day(at)), manifest) for at, manifest in runs],
        outcomes=found,
        estimates=_estimates(workspace, runs[-1][1].run) if runs else None,
        verification=verify(workspace),
        checkpoint="\n".join(log.note.splitlines()[:3]),
    )


def council_paper(period: Period, language: Language) -> Paper:
    """The report in one language."""
    say = saying(language)
    parts: Sequence[Callable[[Period, Say], Section]] = (
        _soundness,
        _approvals,
        _runs,
        _refusals,
        _views,
        _exports,
        _decisions,
        _requests,
        _false_alarms,
        _quality,
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
        (approval, title, purpose, _said(say, "state", state), made[approval])
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
            str(_day(entry.at)),
            entry.subject if entry.subject in known else say("not_registered"),
            _said(say, "rule", str(entry.content.get("rule", "")).partition(".")[2]),
        )
        for entry in period.of(Kind.REFUSAL)
    ]
    headers = [say(f"column_{name}") for name in ("day", "approval", "reason")]
    return Section(
        say("refusals_title"), [say("refusals_said", count=len(rows))], [Table(say("refusals_title"), headers, rows)]
    )


def _views(period: Period, say: Say) -> Section:
    counted = Counter(
        (str(entry.content.get("page", "")), _role(entry.actor, period, say)) for entry in period.of(Kind.VIEW)
    )
    rows = [(_said(say, "page", page), role, f"{count:,}") for (page, role), count in sorted(counted.items())]
    headers = [say(f"column_{name}") for name in ("page", "role", "views")]
    lead = [say("views_said", count=sum(counted.values()))]
    return Section(say("views_title"), lead, [Table(say("views_title"), headers, rows, [2])])


def _role(actor: str, period: Period, say: Say) -> str:
    return say("role_system") if actor.startswith(SYSTEM_USER) else _said(say, "role", period.roles.get(actor, ""))


def _exports(period: Period, say: Say) -> Section:
    rows = [
        (str(_day(entry.at)), kind_name(entry.kind, say), entry.subject, ", ".join(sorted(_files(entry))) or "–")
        for entry in period.of(Kind.EXPORT, Kind.EVALUATION, Kind.RELEASE, Kind.DISPOSAL)
    ]
    disposals = len(period.of(Kind.DISPOSAL))
    headers = [say(f"column_{name}") for name in ("day", "what", "run", "files")]
    lead = [say("exports_said", exports=len(rows) - disposals, disposals=disposals)]
    return Section(say("exports_title"), lead, [Table(say("exports_title"), headers, rows)])


def _files(entry: Entry) -> set[str]:
    """Tables that an entry names, each once whatever forms it left in."""
    return {str(name).partition(".")[0] for name in entry.content.get("files", {})}


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
        (_said(say, "request", kind), _said(say, "state", state), shown(count, say))
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


def _estimates(workspace: Workspace, run_id: str) -> Estimates | None:
    """What a reviewed sample says of a run; None where none was drawn, or it is not decided yet."""
    if reviews.last_sample(workspace, run_id) is None:
        return None
    try:
        return estimate(workspace, read_joinings(workspace, run_id))
    except WorkspaceError:
        return None


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _day(at: str) -> date:
    return datetime.fromisoformat(at).astimezone().date()


def _said(say: Say, group: str, name: str) -> str:
    """What a state, a rule or a page is called; one that has no name here is called another."""
    key = f"{group}_{name}"
    return say(key if f"paper.{key}" in catalogue() else "another")
